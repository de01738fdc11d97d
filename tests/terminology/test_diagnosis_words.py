"""The words of diagnoses that no rule asks about, as they are taken from ICD-10-CM."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from cds.commands.terminology import terminology
from cds.terminology.build.diagnosis_words import diagnosis_words

TITLES = [
    ("A00.0", ["Cholera due to Vibrio cholerae"]),
    ("I71.4", ["Abdominal aortic aneurysm", "Dilatation of aorta"]),
    ("I72.1", ["Aneurysm of artery of arm"]),
    ("M85.5", ["Aneurysmal bone cyst"]),
    ("J45", ["Asthma of childhood"]),
    ("S25", ["Injury of aorta"]),
    ("S26", ["Injury of aorta and arm"]),
]
SETS = {"I71.4": {"aneurysm"}, "I72.1": {"aneurysm"}, "J45": {"asthma"}}
XML = """<?xml version="1.0"?><ICD10CM.tabular><chapter><section>
<diag><name>M85</name><desc>Other disorders of bone density (M85.0-M85.9)</desc>
<diag><name>M85.5</name><desc>Aneurysmal bone cyst</desc>
<inclusionTerm><note>Haemorrhagic cyst</note></inclusionTerm></diag></diag>
</section></chapter></ICD10CM.tabular>"""


def made(sets: dict[str, set[str]]) -> tuple[set[str], tuple[str, ...]]:
    table = diagnosis_words(
        TITLES, lambda code: frozenset(sets.get(code, ())), lambda name: name == "aneurysm"
    )
    assert table.categories == "A00 I71 I72 J45 M85 S25 S26"
    return set(table.words), table.names


def test_a_word_that_speaks_mostly_of_a_danger_is_none() -> None:
    words, names = made(SETS)
    assert {"cholera", "bone", "cyst", "asthma", "childhood", "injury", "aorta"} <= words
    assert not {"aneurysm", "abdominal", "artery"} & words
    assert "aneurysmal" in words  # of the bone, and of nothing else here
    assert names == ()


def test_a_new_set_takes_its_words_away_and_its_titles() -> None:
    words, names = made(SETS | {"S25": {"aneurysm"}, "S26": {"aneurysm"}})
    assert "aorta" not in words
    assert "injury" not in words
    assert names == ()


def test_other_titles_with_such_words_are_known_as_a_whole() -> None:
    titles = [("I71.4", ["Cyst"]), ("M85.5", ["Aneurysmal bone cyst"])]
    table = diagnosis_words(
        titles, lambda code: frozenset({"a"} if code == "I71.4" else ()), lambda _: True
    )
    assert table.names == ("aneurysmal bone cyst",)


def test_the_command(tmp_path: Path) -> None:
    source = tmp_path / "tabular.xml"
    source.write_text(XML)
    out = tmp_path / "out"
    result = CliRunner().invoke(terminology, ["build", "--icd10cm", str(source), "--out", str(out)])
    assert result.exit_code == 0, result.output
    table = (out / "icd10cm_words.json").read_text()
    assert "hemorrhagic" in table
    assert "M85" in table


def test_another_file_is_refused(tmp_path: Path) -> None:
    for text in ("nonsense", "<html/>"):
        source = tmp_path / "tabular.xml"
        source.write_text(text)
        result = CliRunner().invoke(terminology, ["build", "--icd10cm", str(source)])
        assert result.exit_code == 1
        assert "tabular.xml" in result.output
