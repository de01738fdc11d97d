"""The files of a folder of knowledge in their form, with nothing changed in what they say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cds.knowledge.load import subjects
from cds.knowledge.model.base import EvidenceRow
from cds.knowledge.model.declared import CodeNames
from cds.knowledge.written.form import Unreadable, formatted
from cds.reviewed import parsed

_PARTS = ("data", "evidence")
SCHEMAS = "schema"
"""the folder of the JSON Schemas, beside those parts"""


def models() -> dict[str, Any]:
    """Subject → the model of its entries, as `subject` of a file names it."""
    return {**subjects(), "evidence": EvidenceRow}


def files_in(root: Path) -> list[Path]:
    """Of the folder of a knowledge, its facts and evidence; of another, all YAML in it."""
    parts = [root / part for part in _PARTS if (root / part).is_dir()]
    return sorted(file for part in parts or [root] for file in part.rglob("*.yaml"))


def in_form(file: Path, root: Path, named: CodeNames) -> tuple[str, str]:
    """What a file says now, and in its form. Raises Unreadable."""
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError:
        raise Unreadable(f"{file}: is no text: save it as UTF-8") from None
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror}") from None
    subject = _data(file, text).get("subject")
    if subject not in models():
        known = ", ".join(sorted(models()))
        raise Unreadable(f"{file}:1: `subject` has to be one of {known}")
    model = models()[subject]
    schema = root / SCHEMAS / f"{subject}.schema.json"
    beside = Path(os.path.relpath(schema, file.parent)).as_posix() if schema.exists() else None
    lines = text.replace("\r\n", "\n")  # as an editor of another system ends them
    form = formatted(lines, model, named, beside)
    if _said(_data(file, form), model) != _said(_data(file, text), model):
        raise Unreadable(f"{file}: its form would say something else: write it anew by hand")
    return text, form


def _data(file: Path, text: str) -> dict[str, Any]:
    return parsed(str(file), text.encode(), Unreadable)


def _said(data: dict[str, Any], model: Any) -> list[object]:
    """Its entries as they are read; of one that is wrong, where it is."""
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    said: list[object] = []
    for entry in data.get("facts") or ():
        try:
            said.append(adapter.validate_python(entry).model_dump(mode="json"))
        except ValidationError as error:
            said.append([(each["type"], each["loc"]) for each in error.errors()])
    return said
