"""A small release shaped as NLM ships RxNorm: the columns, the direction of relations, the noise.

Codes of 9,000,000 and above are made up; the others are RxNorm's own.
"""

from __future__ import annotations

from pathlib import Path

# rxcui, term type, name, suppress, CVF (4096: in the Current Prescribable Content)
CONCEPTS = [
    ("36437", "IN", "sertraline", "N", "4096"),
    ("6130", "IN", "ketamine", "N", "4096"),
    ("42347", "IN", "bupropion", "N", "4096"),
    ("2119365", "IN", "esketamine", "N", "4096"),
    ("3638", "IN", "doxepin", "N", "4096"),
    ("1191", "IN", "aspirin", "N", "4096"),
    ("9000001", "IN", "neverheardofin", "N", "4096"),
    ("9000011", "PIN", "sertraline hydrochloride", "N", "4096"),
    ("9000010", "PIN", "ketamine hydrochloride", "N", "4096"),
    ("317541", "DF", "Oral Tablet", "N", "4096"),
    ("9000020", "DF", "Injectable Solution", "N", "4096"),
    ("9000021", "DF", "Nasal Spray", "N", "4096"),
    ("9000022", "DF", "Topical Cream", "N", "4096"),
    ("312941", "SCD", "sertraline 50 MG Oral Tablet", "N", "4096"),
    ("9000100", "SCDC", "sertraline hydrochloride 175 MG", "N", "4096"),
    ("9000101", "SCD", "sertraline hydrochloride 175 MG Oral Tablet", "N", "4096"),
    ("9000102", "SBD", "sertraline hydrochloride 175 MG Oral Tablet [Sertamax]", "N", "4096"),
    ("9000103", "BN", "Sertamax", "N", "4096"),
    ("9000104", "SCDF", "sertraline Oral Tablet", "N", "4096"),
    ("9000105", "GPCK", "{10 (sertraline hydrochloride 175 MG Oral Tablet) } Pack", "N", "4096"),
    ("9000110", "SCDC", "ketamine 200 MG/ML", "N", "4096"),
    ("9000111", "SCD", "5 ML ketamine 200 MG/ML Injectable Solution", "N", "4096"),
    ("9000120", "SCDC", "esketamine 140 MG/ML", "N", "4096"),
    ("9000121", "SCD", "0.2 ML esketamine 140 MG/ML Nasal Spray", "N", "4096"),
    ("9000122", "GPCK", "{4 (0.2 ML) (esketamine 140 MG/ML Nasal Spray) } Pack", "N", "4096"),
    ("9000130", "SCDC", "aspirin 81 MG", "N", "4096"),
    ("9000131", "SCD", "aspirin 81 MG / sertraline hydrochloride 175 MG Oral Tablet", "N", "4096"),
    ("9000132", "MIN", "aspirin / sertraline", "N", "4096"),
    ("9000140", "SCDC", "bupropion hydrochloride 151 MG", "N", "4096"),
    ("9000141", "SCD", "Smoking Cessation bupropion hydrochloride 151 MG Oral Tablet", "N", ""),
    ("9000150", "SCDC", "doxepin hydrochloride 60 MG/ML", "N", "4096"),
    ("9000151", "SCD", "doxepin hydrochloride 60 MG/ML Topical Cream", "N", "4096"),
    ("9000160", "SCDC", "neverheardofin 5 MG", "N", "4096"),
    ("9000161", "SCD", "neverheardofin 5 MG Oral Tablet", "N", "4096"),
    ("9000170", "SCD", "sertraline 999 MG Oral Tablet", "E", ""),
]

# What the first concept is to the second, as it reads aloud: (subject, relation, object)
RELATIONS = [
    ("9000010", "form_of", "6130"),
    ("9000100", "has_ingredient", "36437"),
    ("9000101", "consists_of", "9000100"),
    ("9000101", "has_dose_form", "317541"),
    ("9000102", "tradename_of", "9000101"),
    ("9000102", "has_dose_form", "317541"),
    ("9000103", "tradename_of", "36437"),
    ("9000104", "has_ingredient", "36437"),
    ("9000104", "has_dose_form", "317541"),
    ("9000105", "contains", "9000101"),
    ("9000110", "has_ingredient", "6130"),
    ("9000111", "consists_of", "9000110"),
    ("9000111", "has_dose_form", "9000020"),
    ("9000120", "has_ingredient", "2119365"),
    ("9000121", "consists_of", "9000120"),
    ("9000121", "has_dose_form", "9000021"),
    ("9000122", "contains", "9000121"),
    ("9000130", "has_ingredient", "1191"),
    ("9000131", "consists_of", "9000130"),
    ("9000131", "consists_of", "9000100"),
    ("9000131", "has_dose_form", "317541"),
    ("9000132", "has_part", "1191"),
    ("9000132", "has_part", "36437"),
    ("9000140", "has_ingredient", "42347"),
    ("9000141", "consists_of", "9000140"),
    ("9000141", "has_dose_form", "317541"),
    ("9000150", "has_ingredient", "3638"),
    ("9000151", "consists_of", "9000150"),
    ("9000151", "has_dose_form", "9000022"),
    ("9000160", "has_ingredient", "9000001"),
    ("9000161", "consists_of", "9000160"),
    ("9000161", "has_dose_form", "317541"),
]
INVERSES = {
    "form_of": "has_form",
    "has_ingredient": "ingredient_of",
    "consists_of": "constitutes",
    "has_dose_form": "dose_form_of",
    "tradename_of": "has_tradename",
    "contains": "contained_in",
    "has_part": "part_of",
}
NDCS = [
    ("9000101", "NDC", "RXNORM", "99999000101"),
    ("9000101", "NDC", "MTHSPL", "99999000102"),  # another source: not read
    ("9000161", "NDC", "RXNORM", "99999000103"),  # not a drug of ours
    ("9000101", "RXN_STRENGTH", "RXNORM", "175 MG"),
]
MERGED = [("9000999", "312941"), ("9000998", "9000161")]


def write_release(folder: Path) -> Path:
    """RXNCONSO, RXNREL, RXNSAT and RXNATOMARCHIVE in the folder; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    conso = [_conso(i, *c) for i, c in enumerate(CONCEPTS)]
    conso.append(_conso(9999, "312941", "SCD", "other source's name", "N", "", sab="MTHSPL"))
    _write(folder / "RXNCONSO.RRF", conso)
    _write(folder / "RXNREL.RRF", [line for r in RELATIONS for line in _rel(*r)])
    _write(
        folder / "RXNSAT.RRF",
        [
            [code, "", "", "", "", code, "", "", name, sab, value, "N", "4096", ""]
            for code, name, sab, value in NDCS
        ],
    )
    _write(
        folder / "RXNATOMARCHIVE.RRF",
        [
            ["1", "", "old", "", "", "", old, "", "ENG", "", "", "", old, "RXNORM", "SCD", new, ""]
            for old, new in MERGED
        ],
    )
    return folder


def _conso(
    number: int, code: str, tty: str, name: str, suppress: str, cvf: str, sab: str = "RXNORM"
) -> list[str]:
    atom = str(10_000 + number)
    return [
        code, "ENG", "", "", "", "", "", atom, "", code, "", sab, tty, code, name, "",
        suppress, cvf, "",
    ]  # fmt: skip


def _rel(subject: str, relation: str, target: str) -> list[list[str]]:
    """Both directions, each read backwards: the second concept is that to the first."""
    return [
        [target, "", "CUI", "RO", subject, "", "CUI", relation, "", "", "RXNORM", "", "", "", "N",
         "4096", ""],
        [subject, "", "CUI", "RO", target, "", "CUI", INVERSES[relation], "", "", "RXNORM", "", "",
         "", "N", "4096", ""],
    ]  # fmt: skip


def _write(path: Path, rows: list[list[str]]) -> None:
    path.write_text("".join("|".join(row) + "\n" for row in rows), encoding="utf-8")
