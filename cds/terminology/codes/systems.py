"""The code systems that the tables know, and the many ways in which charts write their URIs."""

from __future__ import annotations

import re
from functools import lru_cache

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
SNOMED = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
"""The WHO edition, and the national ones that extend it."""
ANY_ICD10 = frozenset({ICD10CM, ICD10})
"""Diagnoses, of whatever edition."""
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
LOINC = "http://loinc.org"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
"""Y and N, in version 2 and 3 of HL7 alike."""
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
"""POS, NEG, H …: those of version 2 are the same."""

_OIDS = {
    "2.16.840.1.113883.6.88": RXNORM,
    "2.16.840.1.113883.6.69": NDC,
    "2.16.840.1.113883.6.96": SNOMED,
    "2.16.840.1.113883.6.73": ATC,
    "2.16.840.1.113883.6.90": ICD10CM,
    "2.16.840.1.113883.6.3": ICD10,
    "2.16.840.1.113883.6.4": ICD10PCS,
    "2.16.840.1.113883.6.1": LOINC,
    "2.16.840.1.113883.6.12": CPT,
    "2.16.840.1.113883.6.285": HCPCS,
    "2.16.840.1.113883.6.14": HCPCS,
    "2.16.840.1.113883.12.136": YES_NO,
    "2.16.840.1.113883.5.83": INTERPRETATION,
    "2.16.840.1.113883.12.78": INTERPRETATION,
}
_LOINC_ANSWER_LISTS = ("1.3.6.1.4.1.12009.10.1.", "loinc.org/vs/")
"""Each answer list has an OID and a URI of its own; the answers in it are LOINC codes."""
_ATC = re.compile(
    r"(?:.*[/:.])?(?:who[-_]?)?atc(?:[-_/]?ddd)?(?:[-_/](?:index|code|codes|\d{4}))*\Z|.*\bwhocc\.no(?:/.*)?\Z|atcddd\.fhi\.no(?:/.*)?\Z"
)
"""`…/sid/atc`, `…/CodeSystem/atc`, `WHO-ATC`, `…/atc_ddd_index`: named so by many, and it has one
set of codes"""
_ICD10_EDITION = re.compile(r"(?:.*[/:])?icd-?10(?:-?(?P<edition>[a-z]{2,3}))?(?:/\d{4})?\Z")
"""`…/icd-10-nl`, `…/icd10`: national editions, and hospitals that name it in their own way"""
_ALIASES = {
    "rxnorm": RXNORM,
    "www.nlm.nih.gov/research/umls/rxnorm": RXNORM,
    "hl7.org/fhir/sid/ndc": NDC,
    "ndc": NDC,
    "snomed.info/sct": SNOMED,
    "snomed.info/id": SNOMED,
    "snomed": SNOMED,
    "snomed-ct": SNOMED,
    "snomedct": SNOMED,
    "dmd.nhs.uk": SNOMED,  # dm+d product ids are SNOMED CT identifiers
    "www.whocc.no/atc": ATC,
    "whocc.no/atc": ATC,
    "fhir.de/codesystem/bfarm/atc": ATC,
    "fhir.de/codesystem/dimdi/atc": ATC,
    "www.who.int/classifications/atcddd": ATC,
    "www.cms.gov/medicare/coding/icd10": ICD10PCS,
    "loinc.org": LOINC,
    "loinc": LOINC,
    "www.ama-assn.org/go/cpt": CPT,
    "terminology.hl7.org/codesystem/cpt": CPT,
    "cpt": CPT,
    "www.cms.gov/medicare/coding/hcpcsreleasecodesets": HCPCS,
    "terminology.hl7.org/codesystem/hcpcs-all-codes": HCPCS,
    "terminology.hl7.org/codesystem/hcpcs": HCPCS,
    "www.nlm.nih.gov/research/umls/hcpcs": HCPCS,
    "hcpcs": HCPCS,
    "terminology.hl7.org/codesystem/v2-0136": YES_NO,
    "terminology.hl7.org/codesystem/expandedyes-no": YES_NO,
    "hl7.org/fhir/v2/0136": YES_NO,
    "terminology.hl7.org/codesystem/v3-observationinterpretation": INTERPRETATION,
    "terminology.hl7.org/codesystem/v2-0078": INTERPRETATION,
    "hl7.org/fhir/v3/observationinterpretation": INTERPRETATION,
    "hl7.org/fhir/v2/0078": INTERPRETATION,
}


@lru_cache(maxsize=256)
def canonical(uri: str) -> str:
    """The system's usual URI; other systems come back as written, without a trailing slash.

    Case, `http`/`https`, a trailing slash, `urn:oid:`, an edition or version suffix
    (`http://snomed.info/sct/731000124108|20240901`) make no difference.
    """
    plain = uri.strip().rstrip("/")
    key = plain.lower().split("|")[0].rstrip("/")
    if key.startswith(("urn:oid:", "oid:")):
        key = key.rpartition(":")[2]
    key = key.removeprefix("http://").removeprefix("https://")
    known = _OIDS.get(key) or _ALIASES.get(key)
    if known is not None:
        return known
    if key.startswith("snomed.info/sct/"):
        return SNOMED
    if key.startswith(_LOINC_ANSWER_LISTS):
        return LOINC
    if _ATC.match(key):
        return ATC
    if icd10 := _ICD10_EDITION.match(key):
        return {"cm": ICD10CM, "pcs": ICD10PCS}.get(icd10["edition"], ICD10)
    return plain


def short_system(uri: str) -> str:
    """A system's usual short name, for a table."""
    return _SHORT.get(uri, uri or "(no system)")


_SHORT = {
    RXNORM: "RxNorm", NDC: "NDC", SNOMED: "SNOMED CT", ATC: "ATC", ICD10CM: "ICD-10-CM",
    ICD10: "ICD-10", ICD10PCS: "ICD-10-PCS", LOINC: "LOINC", CPT: "CPT", HCPCS: "HCPCS",
}  # fmt: skip
