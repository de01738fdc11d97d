"""Condition, observation and procedure sets: CSV rows to the shape that the service loads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from cds.terminology.build.writer import Row, read_csv, tags, words
from cds.terminology.codes import systems
from cds.terminology.codes.code_sets import TAG, plain_name
from cds.terminology.codes.icd import plain_icd
from cds.terminology.codes.tables import (
    LOINC_NAMES,
    SNOMED_NAMES,
    CodeSets,
    PrefixRule,
    SetTable,
)

LEFT_OUT: dict[str, tuple[str, ...]] = {
    # Taking an overdose on purpose is no allergy, and a side effect no misuse.
    "ketamine_allergy_or_adverse_reaction": ("290492008", "295510002"),
    "ketamine_misuse": ("292165004",),
    # The esketamine label speaks of arteriovenous malformation. An acquired fistula, most often
    # the dialysis access of a renal patient, is none (C2).
    "arteriovenous_malformation": ("I770", "234207004", "5251000119108"),
    # Cut-offs and methods of a test, which are no result, and codes without a check digit, which
    # are not those of LOINC (N12.05, N12.06). Ethyl glucuronide is no alcohol (N8.02).
    "uds_amphetamines": ("19268-2", "19269-0"),
    "uds_barbiturates": ("19277-3", "19278-1"),
    "uds_benzodiazepines": ("19283-1", "19285-6", "19286-4"),
    "uds_buprenorphine": ("553525",),
    "uds_cannabinoids": ("19293-0", "19294-8"),
    "uds_cocaine": ("19357-3",),
    "uds_ethanol": ("45324-1", "55349-5", "58375-7", "58377-3", "58378-1"),
    "uds_fentanyl": ("634580",),
    "uds_methadone": ("19552-9", "684345", "684648"),
    "uds_opiates": ("2897895", "627640", "627944", "650590", "712649", "19301-1", "19302-9"),
}
"""Codes that a source puts into a set although the rule that uses the set must not see them."""
PUT_IN: dict[str, tuple[str, ...]] = {
    "708248004": ("hepatic_failure_or_decompensation",),  # end stage liver disease
}
"""Sets that a source leaves out of a code whose own name says them."""


_LONG_TITLES = ("S", "T", "X", "O")
"""ICD chapters whose titles (injury, poisoning, obstetrics) nobody writes out as free text."""


def code_sets(rows: Iterable[Row], *, names: bool = False, icd: bool = False) -> CodeSets:
    """The rows' codes by set; rows with `verified` = no apart."""
    sure: dict[str, set[str]] = defaultdict(set)
    unsure: dict[str, set[str]] = defaultdict(set)
    displays: dict[str, set[str]] = {}
    for row in rows:
        code = plain_icd(row["code"]) if icd else row["code"]
        for name in (*tags(row["set_id"]), *PUT_IN.get(code, ())):
            if code in LEFT_OUT.get(name, ()):
                continue
            (unsure if row.get("verified") == "no" else sure)[name].add(code)
            if names and row["display"] and not code.startswith(_LONG_TITLES):
                displays.setdefault(plain_name(row["display"]), set()).add(code)
    return CodeSets(
        sets={name: words(codes) for name, codes in sure.items()},
        unverified={name: words(codes) for name, codes in unsure.items()},
        names={name: words(codes) for name, codes in displays.items()},
    )


def of_system(rows: Iterable[Row], system: str) -> list[Row]:
    return [row for row in rows if systems.canonical(row["system"]) == system]


def prefix_rules(rows: Iterable[Row]) -> dict[str, PrefixRule]:
    """The ICD-10-CM prefixes of each condition set; sets made of listed codes alone have none."""
    found = {}
    for row in rows:
        left_out = [code for code in LEFT_OUT.get(row["set_id"], ()) if not code.isdigit()]
        excluded = [plain_icd(code) for code in tags(row["icd10cm_excluded"])] + left_out
        prefixes = [plain_icd(code) for code in tags(row["icd10cm_prefixes"])]
        found[row["set_id"]] = PrefixRule(
            tuple(sorted(p for p in prefixes if p not in left_out)), tuple(sorted(excluded))
        )
    return found


def display_names(rows: Iterable[Row]) -> dict[str, str]:
    """Code → what the rows call it, without the tag of SNOMED CT: `(disorder)`."""
    return {row["code"]: TAG.sub("", row["display"]).strip() for row in rows if row["display"]}


def build_code_sets(source: Path) -> dict[str, CodeSets | SetTable | dict[str, str]]:
    """Table name → table, of the CSVs in `source`."""
    conditions = read_csv(source / "conditions.csv")
    procedures = read_csv(source / "procedures.csv")
    loinc = read_csv(source / "observations.csv")
    loinc += read_csv(source / "observations_unverified.csv")
    patterns = read_csv(source / "observation_text_patterns.csv")
    return {
        "icd10cm": code_sets(of_system(conditions, systems.ICD10CM), names=True, icd=True),
        "snomed_conditions": code_sets(of_system(conditions, systems.SNOMED), names=True),
        "loinc": code_sets(loinc, names=True),
        "cpt": code_sets(_trusted(of_system(procedures, systems.CPT))),
        "hcpcs": code_sets(of_system(procedures, systems.HCPCS)),
        "icd10pcs": code_sets(_trusted(of_system(procedures, systems.ICD10PCS))),
        "snomed_procedures": code_sets(of_system(procedures, systems.SNOMED), names=True),
        SNOMED_NAMES: display_names(of_system([*procedures, *conditions], systems.SNOMED)),
        LOINC_NAMES: display_names(loinc),
        "sets": SetTable(
            conditions=prefix_rules(read_csv(source / "conditions_sets.csv")),
            condition_groups={
                row["set_id"]: row["group"] for row in read_csv(source / "conditions_sets.csv")
            },
            observation_patterns={row["set_id"]: row["text_regex"] for row in patterns},
            atc_prefixes={
                row["code"]: row["set_id"] for row in read_csv(source / "atc_prefix_sets.csv")
            },
        ),
    }


def _trusted(rows: list[Row]) -> list[Row]:
    """CPT and ICD-10-PCS codes are long-standing: `verified` there says only where one was seen."""
    return [row | {"verified": ""} for row in rows]
