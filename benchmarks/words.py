"""What it costs to read a written instruction: python -m benchmarks.words"""

from __future__ import annotations

import time
from pathlib import Path

import yaml

from cds.dosage.words import read_words

TABLE = Path(__file__).parent.parent / "tests" / "dosage" / "words.yaml"
ROUNDS = 5


def main() -> None:
    """Print microseconds for an instruction that is new, and for one that was seen before."""
    kinds = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    texts = [row["sig"] for rows in kinds.values() for row in rows]
    read_words("1 daily")  # the vocabulary is read once
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        read_words.cache_clear()
        for place in range(2):
            begun = time.perf_counter()
            for text in texts:
                read_words(text)
            best[place] = min(best[place], time.perf_counter() - begun)
    new, seen = (seconds / len(texts) * 1e6 for seconds in best)
    print(f"{len(texts)} instructions: {new:.0f} us new, {seen:.2f} us seen before")


if __name__ == "__main__":
    main()
