"""Days that don't go together are told when the facts are checked: file, entry and field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from folders import add, change, entry, remove

from cds.knowledge.check import Slip, facts_faults
from cds.knowledge.check.lacking import lacking
from cds.knowledge.load import knowledge_of, load_knowledge, subjects
from cds.knowledge.places import files_at
from tests.rows import check_each

Change = Callable[[Path], None]
LIMIT, TRD = "iv_bolus_analgesic", "trd-unipolar"


def dated(subject: str, ident: str, **days: str) -> Change:
    """An entry gets days."""
    return lambda folder: change(folder, subject, ident, **days)


def again(subject: str, ident: str, **fields: str) -> Change:
    """An entry stands a second time, with days or under another id."""
    return lambda folder: add(folder, subject, entry(folder, subject, ident) | fields)


def both(*changes: Change) -> Change:
    def every(folder: Path) -> None:
        for each in changes:
            each(folder)

    return every


FAULTS: list[tuple[str, Change, list[str]]] = [
    ("a second edition",
     again("limits", LIMIT, effective="2027-01-01"), []),
    ("an edition twice",
     both(again("limits", LIMIT, effective="2027-01-01"),
          again("limits", LIMIT, effective="2027-01-01")),
     [f"{LIMIT}, id: stands twice, first in "]),
    ("no day",
     dated("limits", LIMIT, effective="soon"),
     [f"{LIMIT}, effective: `soon`"]),
    ("an end before its beginning",
     dated("limits", "oral", effective="2027-01-02", until="2027-01-01"),
     ["oral, until: its last day is before its first, 2027-01-02"]),
    ("one day alone",
     dated("limits", "oral", effective="2027-01-01", until="2027-01-01"), []),
    ("another id that takes its place on the same day",
     again("limits", LIMIT, id="next", effective="2027-01-01", supersedes=LIMIT), []),
    ("two that have one role on the same day",
     again("limits", LIMIT, id="next", effective="2027-01-01"),
     [f"next, roles: `push_for_pain` is a role of `{LIMIT}` already"]),
    ("the place of one that is not there",
     dated("limits", LIMIT, supersedes="iv_bolus_analgesics"),
     [f"{LIMIT}, supersedes: limits has no `iv_bolus_analgesics`"]),
    ("its own place",
     dated("limits", LIMIT, supersedes=LIMIT),
     [f"{LIMIT}, supersedes: an edition follows the older ones by its day alone"]),
    ("each the place of the other",
     both(dated("limits", "oral", supersedes="in_home"),
          dated("limits", "in_home", supersedes="oral")),
     ["in_home, supersedes: `oral` supersedes it in turn",
      "oral, supersedes: `in_home` supersedes it in turn"]),
    ("a name that ends before what names it",
     dated("indications", TRD, until="2026-12-31"),
     ["about.0: indication `trd-unipolar` is not in force from 2027-01-01 on"]),
    ("a name that begins after what names it",
     dated("indications", TRD, effective="2027-01-01"),
     ["about.0: indication `trd-unipolar` is not in force on the first days"]),
    ("a role that nobody has any more",
     dated("limits", LIMIT, until="2026-12-31"),
     ["limits: a fact with the role `push_for_pain` is missing from 2027-01-01 on: "
      "the program asks for it"]),
    ("a parameter that ends",
     dated("parameters", "adult-from-years", until="2026-12-31"),
     ["parameters: `adult-from-years` is missing from 2027-01-01 on: the program asks for it"]),
    ("a parameter that is left out",
     lambda folder: remove(folder, "parameters", "adult-from-years"),
     ["parameters: `adult-from-years` is missing: the program asks for it"]),
    ("a contraindication that is left out",
     lambda folder: remove(folder, "contraindications", "breastfeeding-not-stated"), []),
    ("a result that is read from a day on",
     again("measurements", "body_weight", effective="2020-01-01"),
     ["measurements: `body_weight` has a day: a chart is read for all days"]),
]  # fmt: skip


def told(ours: Callable[[], Path]) -> Iterator[tuple[str, list[str], list[str]]]:
    for name, altered, wanted in FAULTS:
        folder = ours()
        altered(folder)
        yield name, [str(fault) for fault in faults_of(folder)], wanted


def faults_of(folder: Path) -> list[Slip]:
    """Without the names of drugs and codes, which have nothing to do with days."""
    read = files_at(folder, subjects())
    # by the same names each time: a file that is as it was is not read again
    named = {
        subject: {file.removeprefix(str(folder)): text for file, text in files.items()}
        for subject, files in read.data.items()
    }
    return facts_faults(named, {}) or lacking(knowledge_of(read, folder), load_knowledge())


def test_each_is_told_with_its_place(another: Callable[[], Path]) -> None:
    def check(row: tuple[str, list[str], list[str]]) -> None:
        _, found, wanted = row
        assert bool(found) is bool(wanted), found
        missing = [text for text in wanted if not any(text in each for each in found)]
        assert missing == [], found

    check_each(told(another), check, name=lambda row: row[0])
