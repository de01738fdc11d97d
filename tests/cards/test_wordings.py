"""A wording takes what it declares, and a finding brings it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cards import words
from cards.declared import WordingError, given, problems, taken
from cards.words import check_wordings, has_wording
from cds.api import Answer
from tests.rows import check_each

ROOT = Path(__file__).parents[2]
ONE: dict[str, Any] = {"params": ["found"], "summary": "See {{ found[0] }}"}

BROKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing wrong": ({}, []),
    "a misspelt variable": (
        {"summary": "See {{ foud }} of {{ found }}"},
        ["summary: 'foud' is no parameter of it; it takes found"],
    ),
    "one in a branch": (
        {"detail": "{% if found %}a{% elif drug %}b{% else %}{{ rows }}{% endif %}"},
        ["detail: 'drug' is no parameter of it; it takes found",
         "detail: 'rows' is no parameter of it; it takes found"],
    ),
    "one in every kind of text": (
        dict.fromkeys(("line", "found", "evidence", "detail", "more"), "{{ x }}"),
        [f"{name}: 'x' is no parameter of it; it takes found"
         for name in ("line", "found", "evidence", "detail", "more")],
    ),
    "a misspelt field": (
        {"params": ["found.name"], "summary": "{% for f in found %}{{ f.nam }}{% endfor %}"},
        ["summary: 'found.nam' is no parameter of it; it takes found.name"],
    ),
    "a field of an entry": (
        {"params": ["found.name"], "summary": "{{ found[0].name }}{{ found[1].when }}"},
        ["summary: 'found.when' is no parameter of it; it takes found.name"],
    ),
    "a misspelt parameter, named by its field alone": (
        {"params": ["found.name"], "summary": "{{ found[0].name }}{{ fond[0].name }}"},
        ["summary: 'fond.name' is no parameter of it; it takes found.name"],
    ),
    "a method of text": ({"summary": "{{ found[0].removeprefix('no ') }}"}, []),
    "a misspelt method": (
        {"summary": "{{ found[0].removeprefx('no ') }}"},
        ["summary: 'found.removeprefx' is no parameter of it; it takes found"],
    ),
    "a loop that says where it is": (
        {"summary": "{% for f in found %}{{ f }}{{ ', ' if not loop.last }}{% endfor %}"}, [],
    ),
    "a misspelt place in a loop": (
        {"summary": "{% for f in found %}{{ f }}{{ ', ' if not loop.lst }}{% endfor %}"},
        ["summary: 'loop.lst' is no parameter of it; it takes found"],
    ),
    "a name that the template makes": (
        {"summary": "{% set most = 2 %}{{ found[:most]|join(', ') }}"}, [],
    ),
    "an unknown filter": (
        {"summary": "{% if found %}{{ found|jion }}{% endif %}"},
        ["summary: 'jion' is no filter of a template"],
    ),
    "an unknown test": (
        {"summary": "{% if found is empti %}x{% endif %}"},
        ["summary: 'empti' is no test of a template"],
    ),
    "no template": (
        {"summary": "{% if found %}x"},
        ["summary: Unexpected end of template. Jinja was looking for the following tags: 'elif'"
         " or 'else' or 'endif'. The innermost block that needs to be closed is 'if'."],
    ),
    "a parameter that no text uses": (
        {"params": ["found", "drug", "rows?"]},
        ["params: drug, rows is used by none of its texts"],
    ),
    "one that may be lacking": ({"params": ["found?"]}, []),
    "an unknown field": (
        {"sumary": "x"},
        ["sumary: no such field; a wording has summary, line, found, evidence, detail, more,"
         " background, params, good, fact"],
    ),
    "a parameter in what holds for every patient": (
        {"background": "As {{ found }} says."},
        ["background: it holds for every patient, and takes no parameter"],
    ),
    "good, or not": ({"good": "no"}, ["good: it is true, or left out"]),
}  # fmt: skip


def test_each_fault_of_a_wording_is_named() -> None:
    def check(row: tuple[str, tuple[dict[str, Any], list[str]]]) -> None:
        _, (changes, named) = row
        assert list(problems(ONE | changes, words._environment())) == named

    check_each(BROKEN.items(), check, name=lambda row: row[0])
    assert list(problems({"detail": "x"}, words._environment())) == ["summary: it is missing"]


def test_every_wording_is_sound() -> None:
    check_wordings()


def test_a_fault_is_named_by_its_file_and_wording(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"some.yaml": {"aneurysm": ONE | {"summary": "{{ drg }}"}}}
    monkeypatch.setattr(words, "_documents", lambda: wrong)
    said = "some.yaml: aneurysm, summary: 'drg' is no parameter of it; it takes found"
    with pytest.raises(WordingError, match=said):
        check_wordings()


def test_a_wording_that_stands_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = {"a.yaml": {"aneurysm": ONE}, "b.yaml": {"aneurysm": ONE}}
    monkeypatch.setattr(words, "_documents", lambda: twice)
    with pytest.raises(WordingError, match=r"b\.yaml: wording 'aneurysm' stands twice"):
        words._texts.__wrapped__()


@pytest.mark.parametrize(
    ("params", "brought", "shown"),
    [
        (["a", "b?"], {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2}),
        (["a", "b?"], {"a": 1}, {"a": 1}),
        (["a.x", "a.y?"], {"a": 1}, {"a": 1}),
        (["a", "b?"], {"b": 1}, None),
        (["a.x"], {}, None),
        ([], {"a": 1}, {}),
    ],
)
def test_a_template_sees_what_is_declared(
    params: list[str], brought: dict[str, object], shown: dict[str, object] | None
) -> None:
    if shown is None:
        with pytest.raises(KeyError, match="a"):
            given(taken({"params": params}), brought)
    else:
        assert given(taken({"params": params}), brought) == shown


# --- what findings bring --------------------------------------------------------------------------


def test_the_findings_of_many_charts_bring_what_their_wording_takes(
    answers: dict[str, Answer],
) -> None:
    findings = {
        (str(f.params.get("worded_as", f.id)), *sorted(f.params))
        for answer in answers.values()
        for f in answer.assessment.findings
    }
    assert len(findings) > 70
    takes = {found: taken(words._texts()[found[0]]) for found in findings}
    check_each(findings, lambda found: given(takes[found], dict.fromkeys(found[1:])))


def written_findings() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Where the code names a finding and writes all of its parameters beside it."""
    for path in sorted((ROOT / "cds" / "assessment").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id not in ("Finding", "speak"):
                continue
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
            texts = [v.value for v in values if isinstance(v, ast.Constant)]
            idents = [text for text in texts if isinstance(text, str) and has_wording(text)]
            shown = next((v for v in values if isinstance(v, ast.Dict)), None)
            if len(idents) == 1 and shown is not None and None not in shown.keys:
                keys = {k.value for k in shown.keys if isinstance(k, ast.Constant)}
                yield f"{path.name}:{node.lineno}", idents[0], frozenset(map(str, keys))


def test_a_finding_is_written_with_what_its_wording_takes() -> None:
    def check(row: tuple[str, str, frozenset[str]]) -> None:
        _, ident, keys = row
        must = {name for name, needed in taken(words._texts()[ident]).items() if needed}
        assert must - keys - {"even_at"} == set()  # `speak` adds the weight that was assumed

    found = list(written_findings())
    assert len(found) > 10
    check_each(found, check, name=lambda row: f"{row[0]} {row[1]}")
