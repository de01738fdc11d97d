"""Results by name: as laboratories and sites write them, under no code or a local one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds.terminology.lookup import Terminology
from tests.rows import check_each, read_table

TABLE = read_table(Path(__file__).parent / "written_results.yaml")


@pytest.mark.parametrize("group", TABLE)
def test_a_result_by_its_name(group: str, terminology: Terminology) -> None:
    def check(row: tuple[str, str]) -> None:
        name, kind = row
        expected = {kind} if kind else set()
        assert terminology.observation({"text": name}).sets == expected
        local = {"coding": [{"system": "urn:local:lab", "code": "4711", "display": name}]}
        assert terminology.observation(local).sets == expected

    check_each([(name, kind) for kind, names in TABLE[group].items() for name in names], check)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("5643-2", "blood_ethanol"), ("14719-9", "blood_ethanol"), ("5640-8", "blood_ethanol"),
        ("12327-3", "uds_ketamine"), ("45324-1", "uds_etg"), ("5644-0", "uds_ethanol"),
        ("1744-2", "alt"), ("777-3", "platelets"), ("3051-0", "free_t3"), ("93373-9", "cssrs"),
        # the cut-off of a test is no result (N12.05)
        ("19283-1", None), ("19357-3", None), ("19552-9", None), ("19501-6", None),
        ("19266-6", None), ("19299-7", None), ("19571-9", None),
        # nor is its method
        ("19268-2", None), ("19269-0", None), ("19285-6", None), ("19301-1", None),
        # no check digit (N12.06), and never seen (N12.08)
        ("553525", None), ("712649", None), ("5639-0", None),
    ],
)  # fmt: skip
def test_codes_of_the_update(code: str, kind: str | None, terminology: Terminology) -> None:
    coded = {"coding": [{"system": "http://loinc.org", "code": code}]}
    assert terminology.observation(coded).sets == ({kind} if kind else set())
