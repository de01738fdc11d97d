"""ICD-10-CM by code and by category, and ICD-10 of the WHO where it means the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cds.reviewed import read_reviewed
from cds.terminology.codes.code_sets import NOTHING
from cds.terminology.codes.tables import CodeSets, PrefixRule

_SHAPE = re.compile(r"[A-Z]\d[0-9A-Z]{1,5}")
_NOT_BY_CATEGORY = {
    # F32 alone holds unspecified depression (F32.A) beside the major episodes.
    "mdd_any": frozenset({"F32", "F328"}),
    # S06.3 alone may be a contusion without bleeding.
    "intracranial_hemorrhage_any": frozenset({"S063"}),
}


def plain_icd(code: str) -> str:
    """An ICD-10 code without its dot, upper case."""
    return code.strip().upper().replace(".", "")


def plain_who(code: str) -> str:
    """The same of the WHO's edition, without the marks that national ones put behind a code."""
    plain = plain_icd(code)
    return plain.rstrip("GVZLRB!*+†-") or plain


class IcdIndex:
    """The condition sets of ICD-10 codes."""

    def __init__(self, table: CodeSets, rules: Mapping[str, PrefixRule]) -> None:
        self.codes = table.index()
        self._rules = rules
        self._prefixes: dict[str, list[str]] = {}
        for name, rule in rules.items():
            for prefix in rule.prefixes:
                self._prefixes.setdefault(prefix, []).append(name)
        self._who = _Who()

    def sets(self, code: str) -> frozenset[str]:
        """The sets of an ICD-10-CM code, with or without its dot."""
        plain = plain_icd(code)
        found = self.codes.get(plain)
        return found if found is not None else self._by_category(plain)

    def who_sets(self, code: str) -> frozenset[str]:
        """The sets of a code of the WHO's edition, or of a national one that extends it."""
        plain = plain_who(code)
        special = self._who.sets(plain)
        return special if special is not None else self.sets(plain)

    def categories(self) -> dict[str, set[str]]:
        """Set → the codes and prefixes of it."""
        found = {name: set(rule.prefixes) for name, rule in self._rules.items()}
        for code, sets in self.codes.items():
            for name in sets:
                found.setdefault(name, set()).add(code)
        return found

    def title_misleads(self, code: str) -> bool:
        """Whether the title of a code of the WHO's edition shares words with sets it is not in."""
        return plain_who(code).startswith(self._who.titles_unread)

    def is_code(self, code: str) -> bool:
        """Whether it is written as an ICD-10 code."""
        return bool(_SHAPE.fullmatch(plain_icd(code)))

    def _by_category(self, code: str) -> frozenset[str]:
        """Sets whose listed prefix covers a code that no edition of the table has."""
        if not _SHAPE.fullmatch(code):
            return NOTHING
        return frozenset(
            name
            for length in range(3, len(code) + 1)
            for name in self._prefixes.get(code[:length], ())
            if not code.startswith(self._rules[name].excluded)
            and code not in _NOT_BY_CATEGORY.get(name, ())
        )


class _Who:
    """Codes that mean something else in the WHO's edition."""

    def __init__(self) -> None:
        table = read_reviewed("cds.terminology", "codes/icd10_who.yaml")
        self._codes = {code: frozenset(sets) for code, sets in table["codes"].items()}
        self._beginnings = {code: frozenset(sets) for code, sets in table["beginnings"].items()}
        self.titles_unread = tuple(table["titles_unread"])
        self._substances: dict[str, str] = table["substances"]
        self._late_onset: dict[str, str] = table["late_onset"]
        self._abstinent = frozenset(table["dependence_abstinent"])
        self._self_harm = frozenset(table["self_harm"])

    def sets(self, code: str) -> frozenset[str] | None:
        """None: the code means what ICD-10-CM means by it."""
        if code in self._codes:
            return self._codes[code]
        for length in range(len(code), 2, -1):
            if code[:length] in self._beginnings:
                return self._beginnings[code[:length]]
        if code[:3] in self._self_harm:
            return frozenset({"suicide_attempt_or_self_harm"})
        substance = self._substances.get(code[:3])
        return None if substance is None or len(code) < 4 else self._substance(substance, code)

    def _substance(self, substance: str, code: str) -> frozenset[str]:
        kind, detail = code[3], code[4:5]
        if kind == "2" and detail in self._abstinent:
            return frozenset({f"{substance}_use_disorder_remission"})
        found = set()
        if kind in "1234":
            found.add(f"{substance}_use_disorder_active")
        if substance == "opioid" and kind in "234":
            found.add("opioid_dependence")
        if substance == "alcohol" and kind in "034":
            found.add("alcohol_intoxication" if kind == "0" else "alcohol_withdrawal")
        if kind == "4":
            found.add("delirium")
        if kind == "5":
            found.add("substance_induced_psychosis")
        if kind == "7" and detail in self._late_onset:
            found.add(self._late_onset[detail])
        if kind == "9":
            found.add(f"{substance}_use_unspecified")
        return frozenset(found)
