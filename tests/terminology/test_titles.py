"""The official titles of ICD-10-CM that mislead, and how their table is made."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from cds.commands.terminology import terminology as commands
from cds.terminology.build.titles import TRUE_BY_WORDS, misleading_titles
from cds.terminology.codes import systems
from cds.terminology.codes.code_sets import plain_name
from cds.terminology.codes.tables import read_titles
from cds.terminology.lookup import Terminology

TITLES = {
    # no set at all, and the words name one
    "O88.13": "Amniotic fluid embolism in the puerperium",
    "H44.51": "Absolute glaucoma",
    # in a set, and the words name another one
    "J81.0": "Acute pulmonary edema",
    "F43.22": "Adjustment disorder with anxiety",
    # the words name what the code means
    "I71.4": "Abdominal aortic aneurysm, without rupture",
    # the words name nothing
    "M85.5": "Aneurysmal bone cyst",
    "Z13.31": "Encounter for screening for depression",
    "A00.0": "Cholera due to Vibrio cholerae",
    # true by its words
    "R44.0": "Auditory hallucinations",
}
MISLEAD = {
    "absolute glaucoma": "H4451",
    "acute pulmonary edema": "J810",
    "adjustment disorder with anxiety": "F4322",
    "amniotic fluid embolism in the puerperium": "O8813",
}
WITH_COMMA = [
    "Other maternal infectious and parasitic diseases complicating pregnancy, childbirth and the"
    " puerperium",
    "Unspecified maternal infectious and parasitic disease complicating pregnancy, childbirth and"
    " the puerperium",
]
"""Read otherwise without it; the table has plain titles."""
ICD = SimpleNamespace(
    get_all_codes=lambda with_dots: ["I", "A00-A09", *(code.replace(".", "") for code in TITLES)],
    is_chapter_or_block=lambda code: code in {"I", "A00-A09"},
    get_description=lambda code: {k.replace(".", ""): v for k, v in TITLES.items()}[code],
    get_inclusion_term=lambda code: ["Haemorrhagic zyst"] if code == "M855" else [],
)


def made(titles: list[tuple[str, str]], terminology: Terminology) -> dict[str, str]:
    return misleading_titles(titles, terminology.named, terminology.of_icd10cm)


def test_a_title_misleads_whose_words_name_what_its_code_is_not(terminology: Terminology) -> None:
    titles = [(code.replace(".", ""), title) for code, title in TITLES.items()]
    assert made(titles, terminology) == MISLEAD


def test_two_codes_of_one_title_stand_in_one_row() -> None:
    titles = [("Z2", "Embolism, in the puerperium"), ("Z1", "Embolism in the puerperium")]
    found = misleading_titles(titles, lambda _: frozenset({"a"}), lambda _: frozenset())
    assert found == {"embolism in the puerperium": "Z1 Z2"}


def test_the_rule_holds_for_every_row_of_the_table(terminology: Terminology) -> None:
    table = read_titles()
    official = {plain_name(title): title for title in WITH_COMMA}
    titles = [
        (code, official.get(title, title))
        for title, codes in table.items()
        for code in codes.split()
    ]
    assert len(table) > 800
    assert made(titles, terminology) == table


@pytest.mark.parametrize("code", sorted(TRUE_BY_WORDS))
def test_an_exception_is_one(code: str, terminology: Terminology) -> None:
    title = TITLES[f"{code[:3]}.{code[3:]}"]
    assert terminology.named(title) - terminology.of_icd10cm(code)
    coding = {"system": systems.ICD10CM, "code": code}
    assert terminology.condition({"coding": [coding], "text": title}).sets == {
        "psychotic_disorder_any"
    }


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _provide(ICD, monkeypatch)
    result = CliRunner().invoke(commands, ["build", "--titles", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert read_titles(tmp_path) == MISLEAD
    body = (tmp_path / "icd10cm_body_words.json").read_text()
    assert '"aneury":"joints,vessels"' in body
    assert '"zyst":"joints"' in body  # of an inclusion term


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    _provide(None, monkeypatch)
    result = CliRunner().invoke(commands, ["build", "--titles"])
    assert result.exit_code == 1
    assert "simple-icd-10-cm" in result.output


def _provide(package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "simple_icd_10_cm", package)
