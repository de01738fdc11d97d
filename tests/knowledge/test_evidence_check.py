"""Every slip in a file of evidence is told with its place and with what was meant."""

from __future__ import annotations

from collections.abc import Mapping

from cds.commands.knowledge_check import all_faults
from cds.knowledge.check import Lookup, evidence_faults, names_of, rows_named, shipped_evidence
from cds.knowledge.evidence_rows import load_evidence
from tests.rows import check_each

LOCAL = "cds/knowledge/evidence/local.yaml"
HEAD = "subject: evidence\nfacts:\n"
ROW = "- id: local:x\n  statement: A finding.\n  sources: DESIGN\n  status: proposal\n"
SOURCES: Lookup = names_of("source", ["DESIGN", "COHEN-2018"])

WRITTEN: dict[str, tuple[Mapping[str, str], list[str]]] = {
    "nothing wrong": ({LOCAL: HEAD + ROW}, []),
    "no row yet": ({LOCAL: HEAD}, []),
    "a site's own file": ({"/srv/ours/evidence/local/pharmacy.yaml": HEAD + ROW}, []),
    "a tab": (
        {LOCAL: HEAD + "-\tid: local:x\n"},
        [f"{LOCAL}:3: is no YAML: a tab stands here: write spaces"],
    ),
    "an empty file": ({LOCAL: ""}, [f"{LOCAL}: is empty"]),
    "no list": (
        {LOCAL: "subject: evidence\nfacts: none\n"},
        [f"{LOCAL}:1: has no list of `facts`"],
    ),
    "no rows of evidence": (
        {LOCAL: "subject: limits\nfacts:\n" + ROW},
        [f"{LOCAL}:1: subject: a file of evidence has `subject: evidence`"],
    ),
    "a misspelt head": (
        {LOCAL: "subject: evidence\nfact: []\nfacts:\n" + ROW},
        [f"{LOCAL}:2: fact: unknown field `fact`: did you mean `facts`?"],
    ),
    "a row without an id": (
        {LOCAL: HEAD + "- statement: A finding.\n"},
        [f"{LOCAL}:3: facts.0: is no row: it has no `id`"],
    ),
    "an unknown field": (
        {LOCAL: HEAD + ROW + "  againts: Another.\n"},
        [f"{LOCAL}:7: local:x, againts: unknown field `againts`: did you mean `against`?"],
    ),
    "an unknown status": (
        {LOCAL: HEAD + ROW.replace("proposal", "seem")},
        [f"{LOCAL}:6: local:x, status: unknown value `seem`: did you mean `seen`?"],
    ),
    "a grade that is none": (
        {LOCAL: HEAD + ROW + "  grade: Z\n"},
        [f"{LOCAL}:7: local:x, grade: unknown value `Z`: the known ones are R, A, B, C, D, N"],
    ),
    "an empty statement": (
        {LOCAL: HEAD + ROW.replace("A finding.", "''")},
        [f"{LOCAL}:4: local:x, statement: it is empty"],
    ),
    "nothing said": (
        {LOCAL: HEAD + ROW.replace("  statement: A finding.\n", "")},
        [f"{LOCAL}:3: local:x, statement: it is missing: add `statement: …`"],
    ),
    "an unknown source": (
        {LOCAL: HEAD + ROW.replace("DESIGN", "COHEN-2008")},
        [f"{LOCAL}:5: local:x, sources: unknown source `COHEN-2008`: did you mean `COHEN-2018`?"],
    ),
    "no source": (
        {LOCAL: HEAD + ROW.replace("DESIGN", "[]")},
        [f"{LOCAL}:5: local:x, sources: it cites no source"],
    ),
    "a key twice": (
        {LOCAL: HEAD + ROW + "  status: seen\n"},
        [
            f"{LOCAL}:7: local:x, status: stands twice, on line 6 and on line 7;"
            " is a `- ` missing before the second?"
        ],
    ),
    "an id twice": (
        {LOCAL: HEAD + ROW, "cds/knowledge/evidence/local/more.yaml": HEAD + ROW},
        [
            "cds/knowledge/evidence/local/more.yaml:3: local:x, id: stands twice, first in"
            f" {LOCAL}:3"
        ],
    ),
    "an id of no origin": (
        {LOCAL: HEAD + ROW.replace("local:x", "loacl:x")},
        [
            f"{LOCAL}:3: loacl:x, id: `loacl:x` is no row of evidence: one begins with psy:, pain:,"
            " upd: or local:"
        ],
    ),
    "a local row among those of the research": (
        {"cds/knowledge/evidence/updates/n01.yaml": HEAD + ROW},
        [
            "cds/knowledge/evidence/updates/n01.yaml:3: local:x, id: rows of `local:` stand in"
            " evidence/local.yaml"
        ],
    ),
    "a row of one digest among those of the other": (
        {"cds/knowledge/evidence/psychiatric/findings.yaml": HEAD + ROW.replace("local", "pain")},
        [
            "cds/knowledge/evidence/psychiatric/findings.yaml:3: pain:x, id: rows of `pain:` stand"
            " in evidence/pain_and_safety/"
        ],
    ),
    "a row of the research among the local ones": (
        {LOCAL: HEAD + ROW.replace("local:x", "pain:x")},
        [f"{LOCAL}:3: pain:x, id: rows of `pain:` stand in evidence/pain_and_safety/"],
    ),
}


def test_each_slip_is_told_with_its_line() -> None:
    def check(row: tuple[str, tuple[Mapping[str, str], list[str]]]) -> None:
        files, wanted = row[1]
        told = evidence_faults({file: text.encode() for file, text in files.items()}, SOURCES)
        assert list(map(str, told)) == wanted

    check_each(WRITTEN.items(), check, name=lambda row: row[0])


def test_rows_of_a_file_that_could_not_be_read_are_not_looked_up() -> None:
    look = rows_named({"cds/knowledge/evidence/updates/n01.yaml": b"facts: [", LOCAL: b""})
    assert look("upd:N1.01") is None
    assert look("psy:A1") is not None


def test_sources_that_could_not_be_read_are_not_looked_up() -> None:
    text = (HEAD + ROW.replace("DESIGN", "COHEN-2008")).encode()
    assert evidence_faults({LOCAL: text}, None) == []


def test_what_is_checked_is_what_is_loaded() -> None:
    look = rows_named(shipped_evidence())
    assert [row for row in load_evidence() if look(row, ())] == []
    assert look("pain:preganncy", ()) == (
        "unknown row of evidence `pain:preganncy`: did you mean `pain:pregnancy`?"
    )
    assert look("pian:pregnancy", ()) == (
        "`pian:pregnancy` is no row of evidence: one begins with psy:, pain:, upd: or local:"
    )


def test_a_fact_whose_row_is_taken_away_is_told() -> None:
    files = dict(shipped_evidence())
    name = "cds/knowledge/evidence/pain_and_safety/contraindications.yaml"
    files[name] = files[name].replace(b"- id: pain:uterine", b"- id: pain:uterin")
    told = [fault for fault in all_faults(evidence=files) if "pain:uterine" in fault.text]
    assert {fault.file for fault in told} == {"cds/knowledge/data/contraindications.yaml"}
    said = "unknown row of evidence `pain:uterine`: did you mean `pain:uterin`?"
    assert all(fault.line and fault.text.endswith(said) for fault in told)
