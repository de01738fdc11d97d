"""What the knowledge can name of itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, get_args

from cds.knowledge.check.references import Lookup, names_of
from cds.knowledge.load import subjects
from cds.knowledge.model.base import Record
from cds.knowledge.model.declared import Kind
from cds.knowledge.model.parameters import Parameter
from cds.knowledge.model.predicates.situation import Place, RouteOfOrder
from cds.knowledge.model.regimens import ANY_CHRONIC_PAIN
from cds.knowledge.site import SiteProtocol

Written: TypeAlias = tuple[str, Mapping[str, Any], Record | None]
"""subject, entry as written, and record"""


def own_names(entries: Iterable[Written]) -> dict[Kind, Lookup]:
    """What finds a name among them. What a subject that could not be read would name is not looked
    up."""
    return {kind: names_of(kind, names) for kind, names in listed_names(entries).items() if names}


def listed_names(entries: Iterable[Written]) -> dict[Kind, frozenset[str]]:
    """By subject, entry as written, and record: an entry that is wrong in something else can be
    named all the same.
    """
    ids = defaultdict[str, set[str]](set)
    rows = defaultdict[str, set[str]](set)
    classes = defaultdict[str, set[str]](set)
    days = set[str]()
    for subject, raw, fact in entries:
        ids[subject].add(raw["id"])
        rows[subject].update(_texts(raw.get("basis")))
        classes[subject].update(_texts(raw.get("drug_class")))
        if isinstance(fact, Parameter) and fact.unit == "d":
            days.add(fact.id)
    settings = SiteProtocol.model_fields
    rules, reasons = ids["candidacy_rules"], ids["contraindications"]
    unread = subjects().keys() - {subject for subject, found in ids.items() if found}
    names: dict[Kind, Iterable[str]] = {
        "source": ids["sources"],
        "indication": ids["indications"],
        "row of an indication": rows["indications"] and {*rows["indications"], ANY_CHRONIC_PAIN},
        "row of the knowledge": () if unread else set().union(*_but(rows, "claims")),
        "contraindication": reasons,
        "finding": rules and reasons and rules | reasons,
        "work-up item": ids["monitoring"],
        "parameter of days": days,
        "class of antidepressant trials": classes["antidepressant_trials"],
        "class of pain trials": classes["pain_trials"],
        "setting of the site protocol": settings,
        "switch of the site protocol": [n for n, f in settings.items() if f.annotation is bool],
        "drug that is ordered": ("ketamine", "esketamine"),
        "route of an order": get_args(RouteOfOrder),
        "setting": get_args(Place),
    }
    return {kind: frozenset(listed) for kind, listed in names.items()}


def _but(rows: Mapping[str, set[str]], left_out: str) -> list[set[str]]:
    return [found for subject, found in rows.items() if subject != left_out]


def _texts(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [text for text in listed if isinstance(text, str)]
