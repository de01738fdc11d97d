"""Faults put into the wordings, and what an answer is then still made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pytest

import fhir_fixtures
from cards import words
from cards.build import Occasion, build
from cards.declared import TEMPLATES, taken
from cards.drafts import Drafts
from cards.model import Card
from cards.unworded import in_words
from cds.api import Answer, Engine, assess, load, read_chart
from cds.assessment.model import Assessment, ChartText, Finding
from cds.faults import Faults
from cds.wire import Json, decode
from tests.replaced import replace

DAY = fhir_fixtures.ANCHOR
CHART = ChartText("What the chart says")
KINDS = {
    "contraindications": "contraindication",
    "interactions": "interaction",
    "order_checks": "order_error",
    "course": "course",
    "workup": "missing",
    "candidacy": "caution",
    "unread": "missing",
    "cards": "caution",
    "faults": "caution",
}
"""of the findings that a file words"""


@lru_cache(maxsize=1)
def engine() -> Engine:
    return load()


@lru_cache(maxsize=1)
def draft() -> Json:
    order: Json = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
    return order


@lru_cache(maxsize=1)
def ash() -> Answer:
    """A clear candidate, and an order for ketamine that leaves the dose open."""
    return assess(engine(), read_chart(engine(), fhir_fixtures.load("ash", DAY)), DAY, [draft()])


def fields() -> Iterator[tuple[str, str, str]]:
    """File, wording and field of every template."""
    for file, document in words._documents().items():
        for ident, texts in document.items():
            yield from ((file.removesuffix(".yaml"), ident, name) for name in texts)


@contextmanager
def broken(ident: str, name: str) -> Iterator[None]:
    """A misspelt variable in one field of a wording."""
    whole = words._prepared
    text = f"{{{{ misspelt }}}}{words._texts()[ident][name]}"
    wrong = replace(whole(ident), fills=whole(ident).fills | {name: words._fill(name, text)})

    def prepared(wanted: str) -> words._Prepared:
        return wrong if wanted == ident else whole(wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "_prepared", prepared)
        yield


def finding(file: str, ident: str, severity: Any) -> Finding:
    """One as the wording's file has them. What it is about is the order, where it may be."""
    (ref,) = (order.ref for order in ash().assessment.orders)
    kind: Any = KINDS[file]
    params: dict[str, object] = dict.fromkeys(taken(words._texts()[ident]))
    return Finding(
        ident, kind, severity, (), {**params, "found": (CHART,)}, stops_dose=severity == "critical",
        order=ref if kind == "order_error" else None,
        workup="weight" if ident.startswith("missing-") and ident in _WORKED_UP else None,
    )  # fmt: skip


_WORKED_UP = frozenset(f"missing-{item}" for item in engine().knowledge.monitoring)


def with_finding(one: Finding, *, alone: bool = False) -> Assessment:
    """The candidate's assessment and one finding more. A stop leaves no dose, as it does there."""
    base = ash().assessment
    findings = sorted(
        [one, *(() if alone else base.findings)], key=lambda f: f.severity != "critical"
    )
    return replace(base, findings=tuple(findings), doses=() if one.stops_dose else base.doses)


def cards_of(assessment: Assessment, faults: Faults) -> tuple[Card, ...]:
    """As `cds.api.assess` makes them."""
    drafts = Drafts({f"MedicationRequest/{draft()['id']}": draft()})
    return build(in_words(assessment, faults), Occasion("order-select", drafts), faults)


def is_template(name: str) -> bool:
    return name in TEMPLATES
