"""Rebuilding the drug table from an official RxNorm release."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from release_fixture import write_release

from cds.commands.terminology import terminology as commands
from cds.terminology.build.refresh import refresh
from cds.terminology.build.rrf import ReleaseError, read_release
from cds.terminology.build.run import TABLES
from cds.terminology.codes import systems
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(tmp_path_factory.mktemp("rrf"))


@pytest.fixture(scope="module")
def folder(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled tables, with the drugs of the release."""
    out = tmp_path_factory.mktemp("tables")
    shutil.copytree(TABLES, out, dirs_exist_ok=True)
    refresh(release, out)
    return out


@pytest.fixture(scope="module")
def refreshed(folder: Path) -> Terminology:
    return Terminology(folder)


def _drug(terminology: Terminology, code: str, system: str = systems.RXNORM) -> DrugMatch | None:
    return terminology.drug({"coding": [{"system": system, "code": code}]})


@pytest.mark.parametrize(
    ("code", "meant", "route", "pack", "classes"),
    [
        ("9000101", ["sertraline 175 mg"], "oral", None, {"antidepressant_ssri"}),
        ("9000102", ["sertraline 175 mg"], "oral", None, {"antidepressant_ssri"}),
        ("9000103", ["sertraline"], "oral", None, {"antidepressant_ssri"}),
        ("9000104", ["sertraline"], "oral", None, {"antidepressant_ssri"}),
        ("9000105", ["sertraline 175 mg"], "oral", 10, {"antidepressant_ssri"}),
        ("9000010", ["ketamine"], None, None, {"ketamine"}),
        ("9000111", ["ketamine 200 mg/mL"], "injectable", None, {"ketamine"}),
        ("9000121", ["esketamine 28 mg"], "nasal", None, {"esketamine"}),
        ("9000122", ["esketamine 28 mg"], "nasal", 4, {"esketamine"}),
        ("9000131", ["aspirin 81 mg", "sertraline 175 mg"], "oral", None, {"antidepressant_ssri"}),
        ("9000132", ["aspirin", "sertraline"], "oral", None, {"antidepressant_ssri"}),
        ("9000141", ["bupropion 151 mg"], "oral", None, {"bupropion_not_for_depression"}),
        ("9000151", ["doxepin 60 mg/mL"], "topical", None, {"doxepin_topical"}),
        ("9000999", ["sertraline 50 mg"], "oral", None, {"antidepressant_ssri"}),  # merged
    ],
)
def test_a_new_code_is_known(
    code: str,
    meant: list[str],
    route: str | None,
    pack: int | None,
    classes: set[str],
    refreshed: Terminology,
) -> None:
    match = _drug(refreshed, code)
    assert match is not None
    assert [f"{i.name} {i.strength}" if i.strength else i.name for i in match.ingredients] == meant
    assert (match.route, match.pack_quantity) == (route, pack)
    assert classes <= match.classes
    assert not {"antidepressant_ndri", "antidepressant_tca"} & match.classes


@pytest.mark.parametrize("code", ["9000161", "9000170", "9000998", "9000001"])
def test_drugs_of_no_interest_and_obsolete_codes_stay_out(
    code: str, refreshed: Terminology
) -> None:
    assert _drug(refreshed, code) is None


def test_ndcs_of_the_release_are_read_from_rxnorm_only(refreshed: Terminology) -> None:
    assert _drug(refreshed, "99999000101", systems.NDC) is not None
    assert _drug(refreshed, "99999000102", systems.NDC) is None
    assert _drug(refreshed, "99999000103", systems.NDC) is None


def test_a_new_brand_is_known_by_name(refreshed: Terminology) -> None:
    match = refreshed.drug({"text": "Sertamax 175 mg"})
    assert match is not None
    assert match.names == {"sertraline"}


def test_no_bundled_code_is_lost_or_changed(
    refreshed: Terminology, terminology: Terminology
) -> None:
    before, after = terminology._drugs.index, refreshed._drugs.index
    assert before.rxnorm_rows.keys() <= after.rxnorm_rows.keys()
    for code in list(before.rxnorm_rows)[::37]:
        assert _drug(refreshed, code) == _drug(terminology, code)
    assert before.ndc.keys() <= after.ndc.keys()


def test_prescribable_comes_from_the_release(refreshed: Terminology) -> None:
    assert refreshed.prescribable("312941")
    assert refreshed.prescribable("9000101")
    assert not refreshed.prescribable("9000141")  # no CVF
    assert not refreshed.prescribable("312940")  # not in this release


def test_the_same_release_gives_the_same_bytes(release: Path, folder: Path, tmp_path: Path) -> None:
    refresh(release, tmp_path)
    for name in ("rxnorm.json", "ndc.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_a_misshapen_release_names_its_line(release: Path, tmp_path: Path) -> None:
    shutil.copytree(release, tmp_path, dirs_exist_ok=True)
    (tmp_path / "RXNREL.RRF").write_text("1|2|3\n")
    with pytest.raises(ReleaseError, match=r"RXNREL\.RRF, line 1: 3 fields"):
        read_release(tmp_path)


def test_the_command_says_what_was_added(release: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["build", "--rrf", str(release), "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "19 codes and 1 NDCs added" in result.output
    empty = CliRunner().invoke(commands, ["build", "--rrf", str(tmp_path)])
    assert empty.exit_code == 1
    assert "RXNCONSO.RRF" in empty.output
