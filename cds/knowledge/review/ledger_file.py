"""The file of a ledger, YAML or CSV: read with all its mistakes told, written whole or not at all.

YAML is a list of signatures under `reviews:`; CSV has a header row with the same names.
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cds.characters import as_utf8
from cds.knowledge.guesses import unknown
from cds.knowledge.review.cells import as_cell, from_cell
from cds.knowledge.review.ledger import NOTHING_SIGNED, Ledger, Signature

COLUMNS = tuple(Signature.model_fields)
NEEDED = tuple(name for name, field in Signature.model_fields.items() if field.is_required())
"""columns without which a row signs nothing"""
Lines: TypeAlias = Mapping[str, int]
"""field → the line that it stands on; "" for the entry"""
_HEAD = """\
# Who signed which fact of the knowledge, and which content of it.
# Written by `ketamine-cds knowledge review record`; see docs/review.md.
"""


class LedgerError(ValueError):
    """A ledger that can't be used: every mistake in a line of its own."""


@dataclass(frozen=True, slots=True)
class _Row:
    fields: Mapping[str, str]
    lines: Lines


def project_ledger() -> Ledger:
    """What was signed before a release, and is shipped with it."""
    text = (files("cds.knowledge") / "reviews.yaml").read_bytes()
    return _ledger("cds/knowledge/reviews.yaml", text, "yaml")


def read_ledger(path: Path) -> Ledger:
    """The signatures in a file. Raises LedgerError."""
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise LedgerError(f"{path}: is no file")
    try:
        text = path.read_bytes()
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror}") from None
    return _ledger(str(path), text, _kind(path))


def signed_here(path: Path | None) -> Ledger:
    """The site's own signatures; without a file of them none. Raises LedgerError."""
    return NOTHING_SIGNED if path is None else read_ledger(path)


@contextmanager
def recording(path: Path) -> Iterator[None]:
    """Nobody else records beside this file until it is read and written: of two sheets that come
    back at once none is lost. Raises OSError."""
    folder = os.open(path.resolve().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def write_ledger(path: Path, ledger: Ledger) -> None:
    """The whole file in one step: a reader sees the old one or the new one. Raises OSError."""
    text = _as_csv(ledger) if _kind(path) == "csv" else _as_yaml(ledger)
    path = path.resolve()  # of a link, the file that it names
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _kind(path: Path) -> str:
    return "csv" if path.suffix.lower() == ".csv" else "yaml"


def _ledger(name: str, text: bytes, kind: str) -> Ledger:
    try:
        decoded = as_utf8(text).decode()
    except UnicodeDecodeError as error:
        raise LedgerError(f"{name}: is no UTF-8 text: {error.reason}") from None
    rows = _csv_rows(name, decoded) if kind == "csv" else _yaml_rows(name, decoded)
    signatures: list[Signature] = []
    mistakes: list[str] = []
    for row in rows:
        if isinstance(row, str):
            mistakes.append(row)
            continue
        try:
            signatures.append(Signature.model_validate(dict(row.fields)))
        except ValidationError as error:
            mistakes += [f"{name}:{line}: {said}" for line, said in _told(error, row)]
    if mistakes:
        raise LedgerError("\n".join(mistakes))
    return Ledger(tuple(signatures))


def _told(error: ValidationError, row: _Row) -> Iterator[tuple[int, str]]:
    fact = row.fields.get("fact", "")
    for each in error.errors(include_url=False):
        field = str(each["loc"][0])
        where = ", ".join(filter(None, (fact, field)))
        yield row.lines.get(field, row.lines[""]), f"{where}: {mistake(each)}"


def mistake(each: ErrorDetails) -> str:
    """What is wrong with a field of a signature, in words."""
    field = str(each["loc"][0])
    match each["type"]:
        case "missing" | "string_too_short":
            return "it is missing"
        case "extra_forbidden":
            return unknown("field", field, dict.fromkeys(COLUMNS))
        case "literal_error":
            return f"`{each['input']}` is none of {each['ctx']['expected']}"
        case "string_pattern_mismatch":
            like = {"fact": "subject/id", "digest": "sha256: and 64 hexadecimal digits"}[field]
            return f"`{each['input']}` is not {like}"
        case "value_error":
            return str(each["msg"].removeprefix("Value error, "))
        case "date_from_datetime_parsing" | "date_parsing":
            return f"`{each['input']}` is no day of the calendar"
    return f"{each['msg'][:1].lower()}{each['msg'][1:]}"


def _csv_rows(name: str, text: str) -> Iterator[_Row | str]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        columns = reader.fieldnames or ()
        wrong = list(_wrong_columns(columns))
        yield from (f"{name}:1: {said}" for said in wrong)
        if wrong:
            return
        begins = 2
        for row in reader:
            if None in row:
                yield f"{name}:{begins}: has more fields than the first line"
            else:
                filled = {field: from_cell(value) for field, value in row.items() if value}
                yield _Row(filled, {"": begins})
            begins = reader.line_num + 1
    except csv.Error as error:
        yield f"{name}:{begins}: is no whole table: {error}"


def _wrong_columns(columns: Sequence[str]) -> Iterator[str]:
    for each, times in Counter(columns).items():
        if each not in COLUMNS:
            yield unknown("field", each, dict.fromkeys(COLUMNS))
        elif times > 1:
            yield f"the column `{each}` stands {times} times"
    if lacking := [each for each in NEEDED if each not in columns]:
        yield f"the first line lacks columns: {', '.join(lacking)}"


def _yaml_rows(name: str, text: str) -> Iterator[_Row | str]:
    try:
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield f"{name}:{line}: is no YAML: {error.problem}"
        return
    except yaml.YAMLError as error:
        yield f"{name}: is no YAML: {' '.join(str(error).split())}"
        return
    top = root.value if isinstance(root, yaml.MappingNode) else []
    if len(top) != 1 or top[0][0].value != "reviews" or not _is_list(top[0][1]):
        yield f"{name}:1: one list under `reviews:` is wanted"
        return
    for node in top[0][1].value if isinstance(top[0][1], yaml.SequenceNode) else ():
        yield from _yaml_row(name, node)


def _is_list(node: yaml.Node) -> bool:
    """`reviews:` with nothing below it is an empty list."""
    return isinstance(node, yaml.SequenceNode) or node.value == ""


def _yaml_row(name: str, node: yaml.Node) -> Iterator[_Row | str]:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        yield f"{name}:{line}: is no entry: fields with a name are wanted"
        return
    fields: dict[str, str] = {}
    lines = {"": line}
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            yield f"{name}:{at}: {key.value}: one text is wanted"
        elif key.value in fields:
            yield f"{name}:{at}: {key.value}: stands twice in one entry"
        elif value.value:
            fields[key.value] = value.value
            lines[key.value] = at
    yield _Row(fields, lines)


def _as_yaml(ledger: Ledger) -> str:
    signatures = [_written(each) for each in ledger.signatures]
    body = yaml.safe_dump({"reviews": signatures}, sort_keys=False, allow_unicode=True, width=100)
    return _HEAD + body


def _as_csv(ledger: Ledger) -> str:
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    for each in ledger.signatures:
        table.writerow({field: as_cell(str(value)) for field, value in _written(each).items()})
    return text.getvalue()


def _written(signature: Signature) -> dict[str, Any]:
    return signature.model_dump(exclude_none=True)
