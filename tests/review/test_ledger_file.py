"""The file of the signatures: read with all its mistakes, written whole or not at all."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from cds.knowledge.review.ledger import Ledger, Signature
from cds.knowledge.review.ledger_file import (
    LedgerError,
    project_ledger,
    read_ledger,
    write_ledger,
)
from tests.rows import check_each

DIGEST = f"sha256:{'0' * 64}"
ENTRY = f"""\
- fact: limits/a
  digest: {DIGEST}
  reviewed_by: pharmacy
  role: pharmacist
  reviewed_on: 2026-11-03
  decision: accepted
"""
LEDGER = Ledger(
    (
        Signature(
            fact="limits/a", digest=DIGEST, reviewed_by="Pharmacy, ward 3", role="pharmacist",
            reviewed_on=date(2026, 11, 3), decision="accepted with a remark",
            remark='=HYPERLINK("x")\n- "not" für 3', next_review=date(2027, 11, 3),
        ),
        Signature(
            fact="limits/a", digest=DIGEST, reviewed_by="@committee", role="committee",
            reviewed_on=date(2026, 11, 4), decision="rejected",
        ),
    )
)  # fmt: skip


def test_nobody_has_reviewed_what_is_shipped() -> None:
    assert project_ledger().signatures == ()


@pytest.mark.parametrize("name", ["reviews.yaml", "reviews.csv"])
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_ledger(path, Ledger())
    assert read_ledger(path) == Ledger()
    write_ledger(path, LEDGER)
    assert read_ledger(path) == LEDGER
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_no_cell_of_the_file_is_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    write_ledger(path, LEDGER)
    assert "'@committee" in path.read_text()
    assert "\"'=HYPERLINK(" in path.read_text()


def test_a_failed_write_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reviews.yaml"
    write_ledger(path, LEDGER)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_ledger(path, Ledger())
    assert read_ledger(path) == LEDGER
    assert [file.name for file in tmp_path.iterdir()] == ["reviews.yaml"]


def test_a_file_keeps_its_mode_and_a_link_its_file(tmp_path: Path) -> None:
    kept, link = tmp_path / "kept.yaml", tmp_path / "reviews.yaml"
    write_ledger(kept, Ledger())
    kept.chmod(0o640)
    link.symlink_to(kept)
    write_ledger(link, LEDGER)
    assert link.is_symlink()
    assert read_ledger(kept) == LEDGER
    assert kept.stat().st_mode & 0o777 == 0o640


HEAD = "fact,digest,reviewed_by,role,reviewed_on,decision,remark,next_review\n"
WRITTEN: dict[str, tuple[str, str, list[str]]] = {
    "nothing wrong": ("yaml", f"reviews:\n{ENTRY}", []),
    "an empty list": ("yaml", "reviews:\n", []),
    "every mistake at once": (
        "yaml",
        f"reviews:\n{ENTRY.replace('limits/a', 'limits').replace('pharmacist', 'nurse')}"
        f"{ENTRY.replace('accepted', 'yes').replace('pharmacy', '')}",
        [":2: limits, fact: `limits` is not subject/id",
         ":5: limits, role: `nurse` is none of 'pharmacist', 'clinician' or 'committee'",
         ":8: limits/a, reviewed_by: it is missing",
         ":13: limits/a, decision: `yes` is none of 'accepted', 'accepted with a remark' or"
         " 'rejected'"],
    ),
    "an unknown field": (
        "yaml", f"reviews:\n{ENTRY}  next_reveiw: 2027-01-01\n",
        [":8: limits/a, next_reveiw: unknown field `next_reveiw`: did you mean `next_review`?"],
    ),
    "a digest that is none": (
        "yaml", f"reviews:\n{ENTRY.replace(DIGEST, 'abc')}",
        [":3: limits/a, digest: `abc` is not sha256: and 64 hexadecimal digits"],
    ),
    "a day in another order": (
        "yaml", f"reviews:\n{ENTRY.replace('2026-11-03', '03.11.2026')}",
        [":6: limits/a, reviewed_on: `03.11.2026` is no day: write it as 2026-11-03"],
    ),
    "a day in seconds": (
        "yaml", f"reviews:\n{ENTRY.replace('2026-11-03', '1793664000')}",
        [":6: limits/a, reviewed_on: `1793664000` is no day: write it as 2026-11-03"],
    ),
    "a day that no calendar has": (
        "yaml", f"reviews:\n{ENTRY.replace('2026-11-03', '2026-11-31')}",
        [":6: limits/a, reviewed_on: `2026-11-31` is no day of the calendar"],
    ),
    "a remark that is missing": (
        "yaml", f"reviews:\n{ENTRY.replace('accepted', 'accepted with a remark')}",
        [":2: limits/a, remark: it is missing, and the decision is `accepted with a remark`"],
    ),
    "a next review on the same day": (
        "yaml", f"reviews:\n{ENTRY}  next_review: 2026-11-03\n",
        [":8: limits/a, next_review: 2026-11-03 is not after 2026-11-03, the day of the decision"],
    ),
    "a next review on the next day": (
        "yaml", f"reviews:\n{ENTRY}  next_review: 2026-11-04\n", [],
    ),
    "a field twice": (
        "yaml", f"reviews:\n{ENTRY}  role: committee\n",
        [":8: role: stands twice in one entry"],
    ),
    "an entry that is none": (
        "yaml", "reviews:\n- limits/a\n", [":2: is no entry: fields with a name are wanted"],
    ),
    "a field that is a list": (
        "yaml", f"reviews:\n{ENTRY}  remark: [a, b]\n", [":8: remark: one text is wanted"],
    ),
    "no YAML": (
        "yaml", "reviews:\n- {fact: a\n",
        [":3: is no YAML: did not find expected ',' or '}'"],
    ),
    "an empty file": ("yaml", "", [":1: one list under `reviews:` is wanted"]),
    "another list": ("yaml", "facts: []\n", [":1: one list under `reviews:` is wanted"]),
    "a table": (
        "csv", f"{HEAD}limits/a,{DIGEST},pharmacy,pharmacist,2026-11-03,accepted,,\n", [],
    ),
    "a table with a line within a cell": (
        "csv",
        f'{HEAD}limits/a,{DIGEST},pharmacy,pharmacist,2026-11-03,accepted,"two\nlines",\n'
        f"limits/b,{DIGEST},pharmacy,surgeon,2026-11-03,accepted,,\n",
        [":4: limits/b, role: `surgeon` is none of 'pharmacist', 'clinician' or 'committee'"],
    ),
    "an unknown column": (
        "csv", f"{HEAD.strip()},who\n",
        [":1: unknown field `who`: the known ones are fact, digest, reviewed_by, role,"
         " reviewed_on, decision, remark, next_review"],
    ),
    "an empty table": (
        "csv", "",
        [":1: the first line lacks columns: fact, digest, reviewed_by, role, reviewed_on,"
         " decision"],
    ),
    "a table without a column": (
        "csv", HEAD.replace("digest,", ""), [":1: the first line lacks columns: digest"],
    ),
    "a column twice": (
        "csv", f"fact,{HEAD}", [":1: the column `fact` stands 2 times"],
    ),
    "a cell as long as a book": (
        "csv", f"{HEAD}{'x' * 200_000}\n",
        [":2: is no whole table: field larger than field limit (131072)"],
    ),
    "cut off in a quote": (
        "csv", f'{HEAD}limits/a,"{DIGEST}', [":2: is no whole table: unexpected end of data"],
    ),
    "a cell too many": (
        "csv", f"{HEAD}a,b,c,d,e,f,g,h,i\n", [":2: has more fields than the first line"],
    ),
}  # fmt: skip


def test_each_mistake_is_told_with_line_and_field(tmp_path: Path) -> None:
    def check(row: tuple[str, tuple[str, str, list[str]]]) -> None:
        _, (kind, text, wanted) = row
        path = tmp_path / f"reviews.{kind}"
        path.write_text(text)
        assert _told(path) == wanted

    check_each(WRITTEN.items(), check, name=lambda row: row[0])


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    assert _told(tmp_path / "reviews.yaml") == [": No such file or directory"]
    (tmp_path / "reviews.csv").write_bytes(b"\xff\xfe\xfd")
    assert _told(tmp_path / "reviews.csv") != []


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "reviews.yaml")
    assert _told(tmp_path / "reviews.yaml") == [": is no file"]
    assert _told(tmp_path) == [": is no file"]


def _told(path: Path) -> list[str]:
    """The mistakes of a file, without its name."""
    try:
        read_ledger(path)
    except LedgerError as error:
        return [line.removeprefix(str(path)) for line in str(error).splitlines()]
    return []
