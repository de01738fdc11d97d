"""Kinds of results and their values as a clinician writes them."""

from __future__ import annotations

from functools import lru_cache

from cds.chart.entries import Result
from cds.units import readable

_ABBREVIATIONS = frozenset(
    ("alp", "alt", "ast", "egfr", "ggt", "inr", "moca", "qtc", "tsh", "ymrs")
)
_NAMES = {
    "blood_pressure_systolic": "systolic blood pressure",
    "blood_pressure_diastolic": "diastolic blood pressure",
    "bilirubin_total": "total bilirubin",
    "albumin_serum": "serum albumin",
    "blood_ethanol": "ethanol in blood",
    "uds_etg": "urine ethyl glucuronide",
    "phq9_total": "PHQ-9",
    "phq9_item9": "PHQ-9 item 9",
    "phq2_total": "PHQ-2",
    "gad7_total": "GAD-7",
    "madrs_total": "MADRS",
    "qids_total": "QIDS",
    "hamd_total": "HAM-D",
    "bdi_total": "BDI",
    "pcl5_total": "PCL-5",
    "caps5_total": "CAPS-5",
    "ybocs_total": "Y-BOCS",
    "lsas_total": "LSAS",
    "auditc_total": "AUDIT-C",
    "dast10_total": "DAST-10",
    "cadss_total": "CADSS",
    "ymrs_total": "YMRS",
    "moca_total": "MoCA",
    "pain_severity_nrs": "pain score",
    "bpi_severity": "BPI severity",
    "peg_mean": "PEG",
}


@lru_cache(maxsize=256)
def kind_name(kind: str) -> str:
    """A kind of result as a clinician writes it: `systolic blood pressure`, `ALT`."""
    if kind in _NAMES:
        return _NAMES[kind]
    words = kind.replace("uds_", "urine screen ").replace("_", " ").split()
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in words)


def shown_value(fact: Result) -> str | None:
    """The number, or the bound that was told instead of it."""
    if fact.value is not None:
        return readable(fact.value)
    if fact.at_least is not None:
        return f"at least {readable(fact.at_least)}"
    return f"at most {readable(fact.at_most)}" if fact.at_most is not None else None
