"""What it costs to read a written instruction: python -m benchmarks.words"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from cds.dosage.words import read_words, stated_in

TABLE = Path(__file__).parent.parent / "tests" / "dosage" / "words.yaml"
ROUNDS = 5


def main() -> None:
    """Print microseconds an instruction: read by a history, in a draft order, and seen before."""
    kinds = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    texts = [row["sig"] for rows in kinds.values() for row in rows]
    read_words("1 daily")  # the vocabulary is read once
    new = seen = order = float("inf")
    for _ in range(ROUNDS):
        read_words.cache_clear()
        new, seen = min(new, _each(read_words, texts)), min(seen, _each(read_words, texts))
        read_words.cache_clear()
        stated_in.cache_clear()
        order = min(order, _each(stated_in, texts))
    print(
        f"{len(texts)} instructions: {new:.0f} us new, {order:.0f} us new in a draft order, ",
        end="",
    )
    print(f"{seen:.2f} us seen before")


def _each(read: Callable[[str], object], texts: Sequence[str]) -> float:
    begun = time.process_time()
    for text in texts:
        read(text)
    return (time.process_time() - begun) / len(texts) * 1e6


if __name__ == "__main__":
    main()
