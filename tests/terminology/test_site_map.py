"""A site's own codes in one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds.terminology.codes import systems
from cds.terminology.lookup import Terminology
from cds.terminology.site_map import SiteMapError, read_site_map

LOCAL = "http://clinic.example/codes"
CSV = f"""system,code,kind,target,strength,route
{LOCAL},KET50,drug,ketamine,50 mg/mL,injectable
{LOCAL},PERC,drug,acetaminophen / oxycodone,325 mg / 5 mg,oral
{LOCAL},ZOL,drug,rxnorm:312941,,
{LOCAL},MDD,condition,mdd_any depression_any,,
{LOCAL},MADRS,observation,madrs_total,,
{LOCAL},KINF,procedure,ketamine_administration,,
{systems.LOINC},11449-6,observation,pregnancy_status,,
"""
YAML = f"""codes:
  - {{system: {LOCAL}, code: KET50, kind: drug, target: ketamine, strength: 50 mg/mL}}
  - {{system: {LOCAL}, code: 17, kind: condition, target: mdd_any}}
"""


def _load(tmp_path: Path, name: str, text: str) -> Terminology:
    path = tmp_path / name
    path.write_text(text)
    return Terminology(site_map=path)


def _code(code: str, system: str = LOCAL) -> dict[str, object]:
    return {"coding": [{"system": system + "/", "code": code}]}


def test_local_codes_are_read(tmp_path: Path) -> None:
    site = _load(tmp_path, "map.csv", CSV)
    ketamine, percocet, zoloft = (site.drug(_code(c)) for c in ("KET50", "PERC", "ZOL"))
    assert ketamine is not None
    assert percocet is not None
    assert zoloft is not None
    assert [str(i.strength) for i in ketamine.ingredients] == ["50 mg/mL"]
    assert "ketamine" in ketamine.classes
    assert [(i.name, str(i.strength)) for i in percocet.ingredients] == [
        ("acetaminophen", "325 mg"),
        ("oxycodone", "5 mg"),
    ]
    assert "opioid_full_agonist" in percocet.classes
    assert zoloft.names == {"sertraline"}
    assert site.condition(_code("MDD")).sets == {"mdd_any", "depression_any"}
    assert site.observation(_code("MADRS")).sets == {"madrs_total"}
    assert site.procedure(_code("KINF")).sets == {"ketamine_administration"}


def test_a_site_turns_an_unchecked_code_on(tmp_path: Path, terminology: Terminology) -> None:
    concept = _code("11449-6", systems.LOINC)
    assert not terminology.observation(concept)
    assert _load(tmp_path, "map.csv", CSV).observation(concept).sets == {"pregnancy_status"}


def test_yaml_does_as_well(tmp_path: Path) -> None:
    site = _load(tmp_path, "map.yaml", YAML)
    match = site.drug(_code("KET50"))
    assert match is not None
    assert match.names == {"ketamine"}
    assert site.condition(_code("17")).sets == {"mdd_any"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"{LOCAL},A,drug,ketamin,,", "line 2: unknown ingredient ketamin"),
        (f"{LOCAL},A,drug,ketamine,50 mg/glass,", "line 2: unknown unit"),
        (f"{LOCAL},A,drug,ketamine,much mg,", "line 2: strength 'much mg' is not a number"),
        (f"{LOCAL},A,drug,acetaminophen / oxycodone,5 mg,", "2 ingredients, but 1 strengths"),
        (f"{LOCAL},A,drug,rxnorm:1,,", "line 2: RxNorm code 1 is not in the tables"),
        (f"{LOCAL},A,condition,sadness,,", "line 2: unknown set sadness"),
        (f"{LOCAL},A,mood,mdd_any,,", "line 2: kind is 'mood'"),
        (f"{LOCAL},,condition,mdd_any,,", "line 2: code is missing"),
        (f"{LOCAL},A,condition,mdd_any,,,,", "line 2: too many fields"),
    ],
)
def test_an_error_names_the_line(
    row: str, message: str, tmp_path: Path, terminology: Terminology
) -> None:
    path = tmp_path / "map.csv"
    path.write_text(f"system,code,kind,target,strength,route\n{row}\n")
    with pytest.raises(SiteMapError, match=message):
        read_site_map(path, terminology.known())


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("m.csv", "system,kode\n", "line 1: unknown columns kode"),
        ("m.yaml", "- a\n", "line 1: expected one list under `codes:`"),
        ("m.yaml", "codes:\n  - text\n", "line 2: expected a mapping"),
        ("m.yaml", "codes:\n  - {sistem: x}\n", "line 2: unknown keys sistem"),
        ("m.yaml", "codes: [\n", "m.yaml: while parsing"),
    ],
)
def test_an_unreadable_file_is_refused(
    name: str, text: str, message: str, tmp_path: Path, terminology: Terminology
) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(SiteMapError, match=message):
        read_site_map(path, terminology.known())


def test_a_faulty_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SiteMapError, match="line 1: unknown columns kode"):
        _load(tmp_path, "m.csv", "system,kode\n")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteMapError, match="No such file"):
        Terminology(site_map=tmp_path / "none.csv")
