"""The notation of a case in words: codes with their names, what is given, what is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cds.terminology.codes import systems
from cds.terminology.codes.code_names import code_name
from cds.terminology.codes.tables import DrugTable, read_table
from tests import rows
from tests.scenario_pages.cases import HERE, Case, config
from tests.scenario_pages.facts_named import told_by

_SYSTEMS = {
    "icd": systems.ICD10CM,
    "icd10": systems.ICD10CM,
    "snomed": systems.SNOMED,
    "loinc": systems.LOINC,
}
_DIAGNOSES = ("problems", "stay", "for")
_DIAGNOSIS = re.compile(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?")
_LEFT_OUT = frozenset({"system", "resourceType", "intent", "criteria_basis"})
_UNITS = ("durationUnit", "periodUnit")
_NOTHING = "nothing"
_NAME = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
"""a name of ours, which reads better with spaces"""
_ROW = re.compile(r"(?:psy|pain|upd|local):")
_FEW = 3
"""so many facts are told behind a row that they share; of more, the row alone is"""


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = rows.read_table(HERE / "words.yaml")
    return found


@lru_cache(maxsize=1)
def _drugs() -> Mapping[str, str]:
    """RxNorm code → what the product holds."""
    products = read_table(DrugTable, "rxnorm").index()
    return {code: " / ".join(row.ingredients).replace("=", " ") for code, row in products.items()}


def told(case: Case) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """What is given, by heading; what the service says; what it must not say."""
    given: list[tuple[str, str]] = []
    by_section = config()["section_says"].get(case.table)
    says: list[str] = [by_section.replace("{}", case.section)] if by_section else []
    never: list[str] = []
    for key, value in case.written.items():
        role = _role(case.table, key)
        if key in ("name", "story", "id", "row", "basis"):
            continue
        if key == "expect":
            for inner, expected in value.items():
                into = never if inner in config()["never"] else says
                into.append(_said(inner, expected))
        elif role == "given":
            heading = phrases()["headings"].get(key, key.replace("_", " ").capitalize())
            given.append((heading, words(value, key, case.table)))
        else:
            (says if role == "says" else never).append(_said(key, value, case))
    if not says and not never:
        says.append("so it stands in the knowledge")
    return given, says, never


def _role(table: str, key: str) -> str:
    if key in config()["given"].get(table, ()):
        return "given"
    return next((role for role in ("says", "never") if key in config()[role]), "given")


def _said(key: str, value: Any, case: Case | None = None) -> str:
    rested = _row(case.written["row"]) if case and "row" in case.written else ""
    if key == "silent":
        return f"anything of {rested}"
    if key == "fires":
        return f"{value}, by {rested}"
    if value in ({}, [], None):
        shown = _NOTHING
    elif key in ("findings", "says", "told", "verdicts") and isinstance(value, dict):
        shown = "; ".join(f"{_row(name)}: {words(inner)}" for name, inner in value.items())
    else:
        shown = words(value)
    return phrases()["says"].get(key, key.replace("_", " ") + " {}").replace("{}", shown, 1)


def _row(name: str) -> str:
    """A row of the research with the facts of which a card tells; another name as it is."""
    facts = told_by(name) if _ROW.match(name) else ()
    return f"{name} ({', '.join(facts)})" if 0 < len(facts) <= _FEW else name


def words(value: Any, key: str = "", table: str = "") -> str:
    """A value of the notation, as a reader would say it."""
    match value:
        case dict() if "coding" in value or value.keys() == {"text"}:
            return _concept(value)
        case dict() if value.keys() >= {"value", "unit"}:
            return f"{value['value']} {value['unit']}"
        case dict() if "kind" in value and ("value" in value or "result" in value):
            rest = {k: v for k, v in value.items() if k not in ("kind", "value", "result")}
            found = f"{words(value['kind'])} {value.get('value', value.get('result'))}"
            return ", ".join(filter(None, (found, words(rest, key, table) if rest else "")))
        case dict():
            parts = (_part(name, inner, table) for name, inner in _with_units(value).items())
            return ", ".join(filter(None, parts)) or _NOTHING
        case list() if key == "takes":
            return "; ".join(_taken(each) for each in value)
        case list():
            return "; ".join(words(item, key, table) for item in value) or "none"
        case None:
            return "not stated"
        case bool():
            return "yes" if value else "no"
    text = str(value)
    if key in _SYSTEMS:
        return _code(_SYSTEMS[key], text)
    if key == "rxnorm" and text in _drugs():
        return f"{_drugs()[text]} (RxNorm {text})"
    if key in _DIAGNOSES and (found := _DIAGNOSIS.match(text)):
        return _code(systems.ICD10CM, found[0]) + text[found.end() :]
    if _NAME.fullmatch(text):
        return text.replace("_", " ")
    return (_row(text) if _ROW.match(text) else text) or _NOTHING


def _with_units(value: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers whose unit stands in a field beside them, as in a timing of FHIR."""
    units = {name.removesuffix("Unit"): unit for name, unit in value.items() if name in _UNITS}
    return {
        name: f"{inner} {units[name]}" if name in units else inner
        for name, inner in value.items()
        if name not in _UNITS
    }


def _part(name: str, value: Any, table: str) -> str:
    if name in _LEFT_OUT:
        return ""
    label = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower().replace("_", " ")
    if value is True:
        return label
    if value is None:
        return f"no {label.removesuffix(' mg').removesuffix(' ml')}"
    if value is False:
        return f"not {label}"
    phrase = _own_phrases(table).get(name) or phrases()["values"].get(name)
    shown = words(value, name, table)
    return phrase.replace("{}", shown, 1) if phrase else f"{label} {shown}"


def _own_phrases(table: str) -> Mapping[str, str]:
    """Of `days`: those since then, or those for which a drug is taken."""
    if table.startswith("scenarios/pain"):
        return {"days": "{} days ago"}
    return {"days": "for {} days"}


def _concept(value: Mapping[str, Any]) -> str:
    """A CodeableConcept by its text, its display or the name of its code."""
    coding = next(iter(value.get("coding", ())), {})
    code = str(coding.get("code", ""))
    system = coding.get("system", "")
    named = coding.get("display") or code_name(system, code) or _drugs().get(code) or code
    text = value.get("text")
    return " ".join(
        filter(None, (f"“{text}”" if text else "", f"{named} ({code})" if code else ""))
    )


def _code(system: str, code: str) -> str:
    name = code_name(system, code)
    return f"{name} ({code})" if name else code


def _taken(drug: list[Any]) -> str:
    code, count, first, last = drug
    name = words(code, "rxnorm")
    return f"{name}, {count} a day, from {first} to {last} days ago"
