"""What the service says today, against what it said when the answers were stored.

    make golden                     compare the fixtures and the scenario charts
    make golden FILES=folder        compare patients and requests of your own (kept in var/golden)
    make golden ACCEPT=1            store today's answers, after each difference is explained

A move of code changes nothing here. A change that is meant shows where it reaches, and the commit
that makes it says why.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from corpus import Case, built_in, from_files

from cds.wire import encode

HERE = Path(__file__).parent
MOST_LINES = 12


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--accept", action="store_true")
    asked = parser.parse_args()
    store = _store(asked.files)
    answers = _answers(from_files(asked.files) if asked.files else built_in())
    if asked.accept or not store.exists():
        _write(store, answers)
        print(f"{len(answers)} answers stored in {store}")
        return 0
    return _compare(_read(store), answers)


def _store(files: list[Path]) -> Path:
    if not files:
        return HERE / "answers.jsonl.xz"
    key = hashlib.sha256("\n".join(sorted(str(f.resolve()) for f in files)).encode()).hexdigest()
    folder = HERE.parent.parent / "var" / "golden"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{key[:12]}.jsonl.xz"


def _answers(cases: Iterable[Case]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for name, ask in cases:
        try:
            answer = ask()
        except Exception as error:  # an answer too: it must not come or go unseen
            answer = {"raised": f"{type(error).__name__}: {error}"}
        answers[name] = json.loads(encode(answer))
    return answers


def _write(store: Path, answers: dict[str, Any]) -> None:
    lines = [json.dumps([name, answers[name]], sort_keys=True) for name in sorted(answers)]
    store.write_bytes(lzma.compress("\n".join(lines).encode()))


def _read(store: Path) -> dict[str, Any]:
    return dict(json.loads(line) for line in lzma.decompress(store.read_bytes()).splitlines())


def _compare(before: dict[str, Any], after: dict[str, Any]) -> int:
    changed = 0
    for name in sorted({*before, *after}):
        lines = list(_differences(before.get(name), after.get(name), ""))
        if lines:
            changed += 1
            more = [f"  … and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
            print(f"{name}\n" + "\n".join([*(f"  {line}" for line in lines[:MOST_LINES]), *more]))
    print(f"{changed} of {len(after)} answers differ")
    return 1 if changed else 0


def _differences(old: Any, new: Any, path: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(*pair, f"{path}[{number}]")
    elif isinstance(old, list) and isinstance(new, list):
        gone = [item for item in old if item not in new]
        come = [item for item in new if item not in old]
        yield from (f"{path} -{_short(item)}" for item in gone)
        yield from (f"{path} +{_short(item)}" for item in come)
    elif old != new:
        yield f"{path}: {_short(old)} → {_short(new)}"


def _short(value: Any) -> str:
    if isinstance(value, dict):
        known = [
            value[k] for k in ("id", "summary", "ingredient", "indication", "regimen") if k in value
        ]
        value = known or value
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else text[:159] + "…"


if __name__ == "__main__":
    sys.exit(main())
