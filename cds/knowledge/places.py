"""Where knowledge is read from: the installed package, a folder of a site, a wheel.

Each has the same shape: `data/SUBJECT.yaml`, or several files in `data/SUBJECT/`, and `evidence/`.
What is read is bounded, and lies within the place: somebody else may have packed it.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeAlias

import yaml

from cds.knowledge.guesses import unknown

MOST_FILES = 500
MOST_BYTES = 2_000_000
"""of one file; our longest has 90 kB"""
MOST_VALUES = 200_000
"""of one file, once what it repeats by an alias is written out; our longest has 5,000"""
MOST_DEEP = 3
"""folders in each other, below `data` or `evidence`"""
BUNDLED = "cds/knowledge"
"""what the installed package is called, and where a wheel has it"""


Steps: TypeAlias = tuple[str, ...]
"""the names that lead to a file, from its place"""


class KnowledgeError(ValueError):
    """A knowledge file does not fit its model. Says which file, which entry and which field."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one place, as they are."""

    data: Mapping[str, Mapping[str, bytes]]
    """subject → file → what stands in it"""
    evidence: Mapping[str, bytes]
    """file → what stands in it; empty: none of its own"""
    misplaced: tuple[tuple[str, str], ...] = ()
    """file or folder, and what is wrong with its name, place or size"""


def bundled_files(subjects: Collection[str], *, evidence: bool = False) -> Files:
    """Those of the installed package; without the evidence, of which a start needs nothing."""
    return _Place(files("cds.knowledge"), BUNDLED, ours=True).files(subjects, evidence)


def bundled_evidence() -> Mapping[str, bytes]:
    """The files of evidence alone of the installed package."""
    return _Place(files("cds.knowledge"), BUNDLED, ours=True).evidence()


def files_at(place: Path, subjects: Collection[str]) -> Files:
    """Those of a folder or a wheel. Raises KnowledgeError for what is neither."""
    if place.is_dir():
        return _Place(place, str(place)).files(subjects)
    try:
        with zipfile.ZipFile(place) as packed:
            return zipped_files(packed, str(place), BUNDLED, subjects)
    except _NO_WHEEL:
        raise KnowledgeError(f"{place}: is no folder and no wheel with knowledge") from None


def zipped_files(
    packed: zipfile.ZipFile, name: str, within: str, subjects: Collection[str]
) -> Files:
    """Those below a folder of a zip file. Raises what `zipfile` finds wrong with it."""
    return _Place(zipfile.Path(packed, f"{within}/" if within else ""), name).files(subjects)


_NO_WHEEL = (OSError, zipfile.BadZipFile, zlib.error, RuntimeError)
"""RuntimeError: what is encrypted, or packed in an unknown way"""


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder while it is read."""

    root: Traversable
    name: str
    ours: bool = False
    """installed with the program: nobody else packed it"""
    misplaced: list[tuple[str, str]] = field(default_factory=list)

    def files(self, subjects: Collection[str], with_evidence: bool = True) -> Files:
        data: dict[str, dict[str, bytes]] = {subject: {} for subject in subjects}
        for path, text in self._texts("data"):
            subject = path[1].removesuffix(".yaml")
            if subject in data:
                data[subject][self._shown(path)] = text
            else:
                self._misplace(path, unknown("subject", subject, dict.fromkeys(subjects)))
        if any(data.values()):
            for subject in (each for each, found in data.items() if not found):
                self._misplace(("data",), f"has no {subject}.yaml")
        else:
            self._misplace((), "has no folder `data` with the files that `knowledge export` writes")
        return Files(data, self.evidence() if with_evidence else {}, tuple(self.misplaced))

    def evidence(self) -> dict[str, bytes]:
        return {self._shown(path): text for path, text in self._texts("evidence")}

    def _texts(self, folder: str) -> Iterator[tuple[Steps, bytes]]:
        """What stands in the YAML files below a folder, by their path, as far as it is read."""
        read = 0
        for path, file in _walk(self.root / folder, (folder,)):
            if read == MOST_FILES:
                self._misplace((folder,), f"has more than {MOST_FILES} files")
                return
            why = self._not_readable(file, path)
            if why is not None:
                self._misplace(path, why)
                continue
            with file.open("rb") as opened:
                text = opened.read(MOST_BYTES + 1)
            read += 1
            if len(text) > MOST_BYTES:
                self._misplace(path, f"is longer than {MOST_BYTES:,} bytes")
            elif not self.ours and _values(text) > MOST_VALUES:
                self._misplace(path, f"has more than {MOST_VALUES:,} values")
            else:
                yield path, text

    def _not_readable(self, file: Traversable, path: Steps) -> str | None:
        if isinstance(file, Path) and not _within(self.root, file):
            return "is a link that leads out of the folder"
        if file.name.endswith(".yml"):
            return "would not be read: its name must end with .yaml"
        if not file.is_file():
            too_deep = len(path) > MOST_DEEP
            return "lies too deep to be looked into" if too_deep else "is no file that can be read"
        return None

    def _misplace(self, path: Steps, why: str) -> None:
        self.misplaced.append((self._shown(path), why))

    def _shown(self, path: Steps) -> str:
        return "/".join((self.name, *path))


def _walk(folder: Traversable, path: Steps) -> Iterator[tuple[Steps, Traversable]]:
    """YAML files, and folders that are not looked into; other files are nobody's concern."""
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        below = (*path, entry.name)
        if entry.name.endswith((".yaml", ".yml")):
            yield below, entry
        elif entry.is_dir() and not entry.name.startswith("."):
            if _is_link(entry) or len(below) > MOST_DEEP:
                yield below, entry
            else:
                yield from _walk(entry, below)


def _within(root: Traversable, file: Path) -> bool:
    return isinstance(root, Path) and file.resolve().is_relative_to(root.resolve())


def _is_link(entry: Traversable) -> bool:
    return isinstance(entry, Path) and entry.is_symlink()


def _values(text: bytes) -> int:
    """How many values a file has, without writing out what it repeats: a few lines may have
    billions. Of what is no YAML, 0: whoever parses it says why."""
    counted: dict[int, int] = {}

    def of(node: yaml.Node) -> int:
        if id(node) not in counted:
            counted[id(node)] = MOST_VALUES + 1  # what holds itself has no end
            counted[id(node)] = 1 + sum(map(of, _parts(node)))
        return counted[id(node)]

    try:
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
        return 0 if root is None else of(root)
    except RecursionError:
        return MOST_VALUES + 1
    except yaml.YAMLError:
        return 0


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        yield from (part for pair in node.value for part in pair)
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value
