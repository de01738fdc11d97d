"""Knowledge by the name that somebody types: `bundled`, a folder, a wheel, or a git revision."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cds.knowledge.load import Knowledge, KnowledgeError, knowledge_of, load_knowledge, subjects
from cds.knowledge.places import BUNDLED, Files, files_at, zipped_files

_REVISION = re.compile(r"[A-Za-z0-9@][\w./@{}^~+-]{0,199}", re.ASCII)
"""what git takes as a name; it can't be mistaken for an option"""
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Named:
    """Knowledge by its name, as far as this release of the program can read it."""

    knowledge: Knowledge
    unread: Mapping[tuple[str, str], str]
    """(subject, id) → why an entry of another release does not fit"""


def knowledge_named(name: str) -> Named:
    """A path wins over a revision of the same name. Raises KnowledgeError."""
    if name == "bundled":
        return Named(load_knowledge(), {})
    path = Path(name)
    files = files_at(path, subjects()) if name and path.exists() else files_of_revision(name)
    unread: dict[tuple[str, str], str] = {}

    def unfit(subject: str, ident: str, why: str) -> None:
        unread[subject, ident] = why

    return Named(knowledge_of(files, unfit=unfit), unread)


def files_of_revision(name: str) -> Files:
    """As they stood in a revision of the repository that one is in. Raises KnowledgeError."""
    if not _REVISION.fullmatch(name):
        raise KnowledgeError(f"{name}: is no folder, no wheel and no name of a git revision")
    top = _git("rev-parse", "--show-toplevel").decode().strip()
    folder = f"{name}:{BUNDLED}"
    tree = _git("rev-parse", "--verify", "--quiet", "--end-of-options", folder, at=top, of=name)
    archive = _git("archive", "--format=zip", tree.decode().strip(), at=top, of=name)
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return zipped_files(packed, name, "", subjects())


def _git(*arguments: str, at: str = ".", of: str = "") -> bytes:
    """What git answers. `of`: the revision that it is asked about."""
    command = [shutil.which("git") or "git", "-C", at, *arguments]
    try:  # no shell, and no argument that git could take for another option
        ended = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KnowledgeError(f"git can't be asked: {type(error).__name__}") from None
    if ended.returncode == 0:
        return ended.stdout
    if not of:
        raise KnowledgeError("no git repository: go into a checkout to name one of its revisions")
    raise KnowledgeError(f"{of}: is no folder, no wheel and no revision with {BUNDLED}")
