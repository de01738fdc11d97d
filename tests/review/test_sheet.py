"""The sheet that goes out to a committee and comes back filled."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from cds.knowledge.load import Knowledge
from cds.knowledge.model.parameters import Parameter
from cds.knowledge.review.asked import Asked, asked_about
from cds.knowledge.review.cells import as_cell, from_cell
from cds.knowledge.review.content import digest
from cds.knowledge.review.ledger import NOTHING_SIGNED
from cds.knowledge.review.sheet import TO_FILL, TO_READ, Editions, Filled, read_sheet, sheet_csv
from tests.rows import check_each

DAY = date(2026, 11, 10)
FACT = Parameter.model_validate(
    {"id": "gap", "value": "5", "unit": "d", "meaning": "=1+1; a gap", "status": "proposal"}
)
OTHER = FACT.model_copy(update={"id": "other", "meaning": "another"})
LATER = FACT.model_copy(update={"value": Decimal(6), "effective": date(2027, 1, 1)})
FACTS: Editions = {"parameters/gap": (FACT, LATER), "parameters/other": (OTHER,)}
SIGNED = {
    "decision": "accepted",
    "reviewed_by": "Pharmacy",
    "role": "pharmacist",
    "reviewed_on": "2026-11-03",
}


def rows(knowledge: Knowledge) -> list[dict[str, str]]:
    """The sheet as a spreadsheet opens it."""
    return list(csv.DictReader(io.StringIO(exported(knowledge).removeprefix("\ufeff"))))


def exported(knowledge: Knowledge) -> str:
    return sheet_csv(_asked(knowledge))


def _asked(knowledge: Knowledge) -> list[Asked]:
    chosen = [("parameters", fact) for fact in (FACT, OTHER)]
    return list(asked_about(chosen, knowledge, {}, NOTHING_SIGNED, DAY))


def filled(first: Mapping[str, str], *others: Mapping[str, str]) -> Filled:
    """A sheet of both facts: what is written into the first row, and into further ones."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, (*TO_READ, *TO_FILL), restval="")
    table.writeheader()
    for name, written in zip(("parameters/gap", "parameters/other"), (first, {}), strict=True):
        table.writerow(_row(name) | written)
    table.writerows(_row("parameters/gap") | written for written in others)
    return read_sheet(text.getvalue().encode(), FACTS, DAY)


def _row(name: str) -> dict[str, str]:
    return {"fact": name, "digest": digest("parameters", FACTS[name][0])}


def test_a_sheet_says_what_is_to_be_signed_and_leaves_the_rest_empty(knowledge: Knowledge) -> None:
    first, second = rows(knowledge)
    assert tuple(first) == (*TO_READ, *TO_FILL)
    assert first["fact"] == "parameters/gap"
    assert "5 d" in first["value"]
    assert first["question"] == "No source says so. Is this proposal right for this hospital?"
    assert first["digest"] == digest("parameters", FACT)
    assert all(first[column] == second[column] == "" for column in TO_FILL)


def test_a_spreadsheet_knows_the_coding_and_takes_nothing_for_a_formula(
    knowledge: Knowledge,
) -> None:
    assert exported(knowledge).startswith("\ufefffact,")
    assert rows(knowledge)[0]["statement"] == "'=1+1; a gap"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "'"])
def test_a_cell_that_would_be_a_formula_is_text_and_read_as_it_was(sign: str) -> None:
    assert as_cell(f"{sign}x") == f"'{sign}x"
    assert from_cell(as_cell(f"{sign}x")) == f"{sign}x"
    assert from_cell(as_cell(f"x{sign}")) == as_cell(f"x{sign}") == f"x{sign}"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_sheet_is_read_as_the_spreadsheets_of_any_country_save_it(
    separator: str, coding: str, knowledge: Knowledge
) -> None:
    first, *rest = rows(knowledge)
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, first, delimiter=separator)
    table.writeheader()
    table.writerows([first | SIGNED | {"remark": "für 5; oder 6"}, *rest])
    read = read_sheet(text.getvalue().encode(coding), FACTS, DAY)
    assert (read.mistakes, read.undecided) == ((), 1)
    (signature,) = read.signatures
    assert signature.fact == "parameters/gap"
    assert signature.remark == "für 5; oder 6"


CHANGED = {"digest": f"sha256:{'0' * 64}"}
MISTAKES: dict[str, tuple[dict[str, str], list[str]]] = {
    "all well": (SIGNED, []),
    "signed today": (SIGNED | {"reviewed_on": "2026-11-10"}, []),
    "a day with dots": (SIGNED | {"reviewed_on": "3.11.2026"}, []),
    "a day with dots that is in the future": (
        SIGNED | {"reviewed_on": "11.11.2026"},
        ["row 2, reviewed_on: 2026-11-11 is in the future"],
    ),
    "a day with the apostrophe": (SIGNED | {"reviewed_on": "'2026-11-03"}, []),
    "capitals and blanks": (SIGNED | {"decision": " Accepted ", "role": "Pharmacist"}, []),
    "with a remark": (SIGNED | {"decision": "accepted with a remark", "remark": "round it"}, []),
    "no decision": (SIGNED | {"decision": "", "reviewed_on": "yesterday"}, []),
    "signed tomorrow": (
        SIGNED | {"reviewed_on": "2026-11-11"},
        ["row 2, reviewed_on: 2026-11-11 is in the future"],
    ),
    "no name": (SIGNED | {"reviewed_by": ""}, ["row 2, reviewed_by: it is missing"]),
    "no role": (SIGNED | {"role": ""}, ["row 2, role: it is missing"]),
    "no day": (SIGNED | {"reviewed_on": ""}, ["row 2, reviewed_on: it is missing"]),
    "another role": (
        SIGNED | {"role": "nurse"},
        ["row 2, role: `nurse` is none of 'pharmacist', 'clinician' or 'committee'"],
    ),
    "an unknown decision": (
        SIGNED | {"decision": "ok"},
        ["row 2, decision: `ok` is none of 'accepted', 'accepted with a remark' or 'rejected'"],
    ),
    "the remark is missing": (
        SIGNED | {"decision": "accepted with a remark"},
        ["row 2, remark: it is missing, and the decision is `accepted with a remark`"],
    ),
    "a day as a spreadsheet rewrites it": (
        SIGNED | {"reviewed_on": "11/3/2026"},
        ["row 2, reviewed_on: `11/3/2026` is no day: write it as 2026-11-03; a spreadsheet"
         " rewrites days: type '2026-11-03, with the apostrophe"],
    ),
    "a day that no calendar has": (
        SIGNED | {"reviewed_on": "2026-02-30"},
        ["row 2, reviewed_on: `2026-02-30` is no day of the calendar"],
    ),
    "the next review before this one": (
        SIGNED | {"next_review": "2026-11-03"},
        ["row 2, next_review: 2026-11-03 is not after 2026-11-03, the day of the decision"],
    ),
    "changed since it was exported": (
        SIGNED | CHANGED,
        ["row 2, digest: parameters/gap says something else since the sheet was exported: export"
         " it again (`knowledge review export` with `--fact parameters/gap`) and decide about"
         " what it says now"],
    ),
    "an edition that holds later": (SIGNED | {"digest": digest("parameters", LATER)}, []),
    "an unknown fact": (
        SIGNED | {"fact": "parameters/gapp"},
        ["row 2, fact: unknown fact `parameters/gapp`: did you mean `parameters/gap`?"],
    ),
    "a fact without its name": (SIGNED | {"fact": ""}, ["row 2, fact: it is missing"]),
    "several at once": (
        SIGNED | {"role": "nurse", "reviewed_by": " "},
        ["row 2, reviewed_by: it is missing",
         "row 2, role: `nurse` is none of 'pharmacist', 'clinician' or 'committee'"],
    ),
}  # fmt: skip


def test_each_mistake_is_told_with_its_row_and_column() -> None:
    def check(row: tuple[str, tuple[dict[str, str], list[str]]]) -> None:
        _, (written, wanted) = row
        found = filled(written)
        assert list(found.mistakes) == wanted
        decided = bool(written["decision"])
        assert len(found.signatures) == int(decided and not wanted)
        assert found.undecided == (1 if decided else 2)

    check_each(MISTAKES.items(), check, name=lambda row: row[0])


def test_two_may_sign_one_fact_and_one_role_decides_once() -> None:
    clinician = SIGNED | {"role": "clinician", "reviewed_by": "A. Example"}
    assert len(filled(SIGNED, clinician).signatures) == 2
    assert filled(SIGNED, clinician | {"decision": "rejected"}).mistakes == ()
    assert filled(SIGNED, SIGNED | {"decision": "rejected"}).mistakes == (
        "row 4, decision: `rejected`, and row 2 has `accepted` for parameters/gap by a pharmacist",
    )


def test_values_that_were_changed_on_the_sheet_are_told(knowledge: Knowledge) -> None:
    """Nobody shall believe that a fact was changed by it."""
    shown = rows(knowledge)[0]["value"]
    for value, told in {
        "": (),
        shown: (),
        shown.replace("; ", ";\n  "): (),
        shown.replace("5", "7"): ("row 2, value: parameters/gap does not say this",),
    }.items():
        found = filled(SIGNED | {"value": value})
        assert (len(found.signatures), found.rewritten) == (1, told), value


UNREADABLE = {
    "another file": (
        b"name,age\nx,3\n",
        "row 1: the columns are those of the exported sheet; lacking: fact, digest, decision,"
        " reviewed_by, role, reviewed_on",
    ),
    "an empty file": (
        b"",
        "row 1: the columns are those of the exported sheet; lacking: fact, digest, decision,"
        " reviewed_by, role, reviewed_on",
    ),
    "a column twice": (
        b"fact,digest,decision,reviewed_by,role,reviewed_on,Decision\nx,,accepted,,,,\n",
        "row 1: the column `decision` stands 2 times: one of them would not be read",
    ),
    "cut off in a quote": (
        b"fact,digest,decision,reviewed_by,role,reviewed_on\nlimits/a,\"sha",
        "is no whole table: unexpected end of data: export it again, and fill in that",
    ),
    "a cell as long as a book": (
        b"fact,digest,decision,reviewed_by,role,reviewed_on\n" + b"x" * 200_000,
        "is no whole table: field larger than field limit (131072): export it again, and fill in"
        " that",
    ),
    "another coding": (
        b"fact;f\xfcr\n", "is no text in UTF-8: save the sheet as `CSV UTF-8`",
    ),
}  # fmt: skip


def test_what_is_no_sheet_is_told() -> None:
    def check(row: tuple[str, tuple[bytes, str]]) -> None:
        _, (content, wanted) = row
        assert read_sheet(content, FACTS, DAY) == Filled((), 0, (wanted,))

    check_each(UNREADABLE.items(), check, name=lambda row: row[0])
