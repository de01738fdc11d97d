"""The recipes of CONTRIBUTING.md: their blocks, and a copy of the project to put them into."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "CONTRIBUTING.md"
COPIED = (
    "cds", "cards", "tests", "fhir_fixtures", "docs", "pyproject.toml", "Makefile", "README.md",
    "CONTRIBUTING.md",
)  # fmt: skip
_SECTION = re.compile(r"^### (?P<name>.+)\n(?P<text>(?:(?!^##).*\n?)*)", re.MULTILINE)
_BLOCK = re.compile(
    r"^(?P<before>.*)\n\n```(?P<kind>\w+)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE
)  # fmt: skip
_PLACE = re.compile(r"`(?P<file>[\w/.]+\.\w+)`(?:, (?P<where>at the end|after `(?P<line>.+)`))?:$")


@dataclass(frozen=True)
class Block:
    """A text, and where it belongs. Without a place it is a command, or what a card says."""

    kind: str
    text: str
    file: str | None
    after: str | None
    """the line that it follows; None: at the end, or the file is new"""

    def put(self, root: Path) -> None:
        """Write it. What stands there is a hard link, and must not change with the copy."""
        assert self.file is not None
        path = root / self.file
        old = path.read_text("utf-8") if path.exists() else ""
        path.unlink(missing_ok=True)
        if self.after is None:
            new = old + self.text
        else:
            assert old.count(self.after + "\n") == 1, f"{self.file}: {self.after}"
            new = old.replace(self.after + "\n", f"{self.after}\n{self.text}")
        path.write_text(new, "utf-8")


def recipes() -> dict[str, list[Block]]:
    """The blocks of each recipe, by its heading."""
    text = PAGE.read_text("utf-8").partition("\n## Recipes\n")[2]
    return {
        section["name"]: [_block(found) for found in _BLOCK.finditer(section["text"])]
        for section in _SECTION.finditer(text)
    }


def _block(found: re.Match[str]) -> Block:
    place = _PLACE.search(found["before"])
    file, after = (place["file"], place["line"]) if place else (None, None)
    return Block(found["kind"], found["text"], file, after)


def copy_to(folder: Path) -> None:
    """The project as hard links, or as copies where there can't be any."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, copy_function=_link)
        else:
            _link(str(source), str(folder / name))


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
