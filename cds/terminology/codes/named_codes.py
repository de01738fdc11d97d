"""Whether a diagnosis carries one of the codes that a rule names: the one matcher for ICD-10.

Rules name codes of ICD-10-CM by prefix, with or without the dot. A code of the WHO's edition (or of
a national one that extends it) is read as the code of ICD-10-CM that means the same, as far as
there is one: `I85.9` of the WHO is `I85.00` of ICD-10-CM, and `F11.22` (on supervised replacement)
is there only `F11.2`, since `F11.22` of ICD-10-CM means intoxication.
"""

from __future__ import annotations

from functools import lru_cache

from cds.reviewed import read_reviewed
from cds.terminology.codes import systems
from cds.terminology.codes.icd import plain_icd, plain_who

Codes = tuple[tuple[str, str], ...]
"""(canonical system, code), as the facts of a history carry them"""


@lru_cache(maxsize=8192)
def starts(codes: Codes, prefixes: tuple[str, ...]) -> bool:
    """Whether one of the ICD-10 codes lies below one of the prefixes of ICD-10-CM."""
    if prefixes and codes:  # mostly there is none, or not both
        plain = _plain(prefixes)
        for code in icd10(codes):
            if code.startswith(plain):
                return True
    return False


def icd10(codes: Codes) -> tuple[str, ...]:
    """The ICD-10 codes as ICD-10-CM has them: without dots, upper case, sorted."""
    found = {_as_cm(system, code) for system, code in codes if system in systems.ANY_ICD10}
    return tuple(sorted(found - {""}))


@lru_cache(maxsize=4096)
def snomed(codes: Codes) -> frozenset[str]:
    """The SNOMED CT codes."""
    return frozenset(code for system, code in codes if system == systems.SNOMED)


def has_icd10(codes: Codes) -> bool:
    """Whether there is an ICD-10 code at all, of whatever edition."""
    return any(system in systems.ANY_ICD10 for system, _ in codes)


def tells_all(codes: Codes) -> bool:
    """Whether the codes say what a diagnosis is: beside local ones its words may say more."""
    return has_icd10(codes) or bool(snomed(codes))


def written_icd10(codes: Codes) -> tuple[str, ...]:
    """The ICD-10 codes of the chart itself, with their dot: for the reader."""
    return tuple(_dotted(plain_icd(code)) for system, code in codes if system in systems.ANY_ICD10)


def best_known(codes: Codes) -> str:
    """The code that a reader knows best: of ICD-10, if there is one; empty without any."""
    return next(iter((*written_icd10(codes), *(code for _, code in codes))), "")


def _as_cm(system: str, code: str) -> str:
    if system == systems.ICD10CM:
        return plain_icd(code)
    plain = plain_who(code)
    known = _other_in_cm()
    for length in range(len(plain), 2, -1):
        if plain[:length] in known:
            return known[plain[:length]]
    return plain


@lru_cache(maxsize=1)
def _other_in_cm() -> dict[str, str]:
    return dict(read_reviewed("cds.terminology", "codes/icd10_who.yaml")["as_icd10cm"])


@lru_cache(maxsize=1024)
def _plain(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(plain_icd, prefixes))


def _dotted(plain: str) -> str:
    return f"{plain[:3]}.{plain[3:]}" if len(plain) > 3 else plain
