"""Where a dose waits for a signature, and where a source was read too long ago for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

import fhir_fixtures
from cds.api import Answer, Engine, assess, load, read_chart
from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import Source
from cds.knowledge.review.content import digest
from cds.knowledge.review.ledger import Ledger, Signature
from cds.knowledge.site import SiteProtocol
from cds.wire import Json, decode
from tests.replaced import replace
from tests.rows import check_each

DAY = date(2026, 11, 22)
SIGNED_ON = date(2026, 11, 3)
REGIMEN = "regimens/crps_outpatient"
BEHIND = (
    REGIMEN, "weight_rules/actual-weight", "limits/iv_infusion_outpatient_pain",
    "limits/outpatient_session_total",
)  # fmt: skip
"""what the dose of an outpatient with CRPS rests on"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load()


def answered(engine: Engine, day: date = DAY, kg: Decimal | None = None, **changes: Any) -> Answer:
    """About the order for an outpatient with CRPS, which gets a dose."""
    engine = replace(engine, **changes)
    draft = decode((fhir_fixtures.orders() / "elm.json").read_bytes())
    return about("elm", draft, engine, day, kg)


def about(patient: str, draft: Json, engine: Engine, day: date, kg: Decimal | None) -> Answer:
    bundle = fhir_fixtures.load(patient, day)
    for entry in bundle["entry"]:
        if kg is not None and entry["resource"].get("code", {}).get("text") == "Body weight":
            entry["resource"]["valueQuantity"]["value"] = kg
    chart = read_chart(engine, bundle)
    return assess(engine, chart, day, [draft])


def dose(answer: Answer) -> Json:
    told: Json = answer.report()["doses"][0]
    return told


def signed(knowledge: Knowledge, *names: str, **otherwise: Any) -> Ledger:
    return Ledger(tuple(_signature(knowledge, name, **otherwise) for name in names))


def _signature(knowledge: Knowledge, name: str, **otherwise: Any) -> Signature:
    subject, _, ident = name.partition("/")
    said = {
        "fact": name,
        "digest": digest(subject, getattr(knowledge, subject)[ident]),
        "reviewed_by": "P&T committee",
        "role": "committee",
        "reviewed_on": SIGNED_ON,
        "decision": "accepted",
    }
    return Signature.model_validate(said | otherwise)


BEFORE = {"digest": f"sha256:{'0' * 64}"}
ROWS: dict[str, tuple[bool, Mapping[str, Mapping[str, Any] | None], str | None]] = {
    # whether review is required; of which facts behind the dose the signature is another one, or
    # None: lacking; why there is no dose
    "all are signed": (True, {}, None),
    "none is signed": (
        True,
        dict.fromkeys(BEHIND),
        "not recorded as reviewed at this site: regimens/crps_outpatient,"
        " weight_rules/actual-weight and 2 more",
    ),
    "none is signed, and none needs to be": (False, dict.fromkeys(BEHIND), None),
    **{
        f"{name} is not signed": (
            True, {name: None}, f"not recorded as reviewed at this site: {name}",
        )
        for name in BEHIND
    },
    **{
        f"{name} was rejected": (
            required,
            {name: {"decision": "rejected"}},
            f"rejected by P&T committee, 2026-11-03: {name}",
        )
        for required, name in zip((True, False, True, False), BEHIND, strict=True)
    },
    "one changed since": (
        True, {REGIMEN: BEFORE}, f"not recorded as reviewed at this site: {REGIMEN}",
    ),
    "one changed since, and none needs to be signed": (False, {REGIMEN: BEFORE}, None),
    "one is due again": (True, {REGIMEN: {"next_review": DAY}}, None),
    "one was signed today": (True, {REGIMEN: {"reviewed_on": DAY}}, None),
    "one is signed tomorrow": (
        True,
        {REGIMEN: {"reviewed_on": date(2026, 11, 23)}},
        f"not recorded as reviewed at this site: {REGIMEN}",
    ),
    "one was rejected as it was before": (
        False,
        {REGIMEN: BEFORE | {"decision": "rejected"}},
        f"rejected by P&T committee, 2026-11-03; changed since: {REGIMEN}",
    ),
}  # fmt: skip


def test_a_dose_waits_for_the_signatures_that_it_needs(engine: Engine) -> None:
    def check(row: tuple[str, tuple[bool, Mapping[str, Any], str | None]]) -> None:
        _, (required, otherwise, why) = row
        reviews = Ledger(
            tuple(
                _signature(engine.knowledge, name, **otherwise.get(name) or {})
                for name in BEHIND
                if otherwise.get(name, {}) is not None
            )
        )
        told = dose(answered(engine, site=SiteProtocol(review_required=required), reviews=reviews))
        assert (told["dose_mg"], told["why_not"]) == (None if why else told["dose_mg"], why)
        assert (told["dose_mg"] is None) is (why is not None)
        assert bool(told.get("unsigned")) is (why is not None)

    check_each(ROWS.items(), check, name=lambda row: row[0])


def test_the_answer_names_every_fact_and_the_card_keeps_the_rest(engine: Engine) -> None:
    answer = answered(engine, site=SiteProtocol(review_required=True))
    told = dose(answer)
    assert sorted(told["unsigned"]) == sorted(BEHIND)
    assert not told["recommended"]
    assert [told[name] for name in ("rate_mg_per_h", "volume_ml", "rate_ml_per_h")] == [None] * 3
    candidacy, work_up = answer.cards
    assert candidacy.summary == "Meets the entry criteria for CRPS"
    assert work_up.summary.startswith("Before the dose")
    assert (
        r"No dose suggested: not recorded as reviewed at this site: regimens/crps\_outpatient,"
        r" weight\_rules/actual-weight and 2 more" in work_up.json()["detail"]
    )
    assert candidacy.suggestions == ()
    assert not any(one.label.startswith("Order ketamine") for one in work_up.suggestions)


WEIGHT_RULES = {  # of the weight that a dose was multiplied with, at a BMI of 33
    "actual": {"actual-weight", "obesity-ideal-weight"},
    "ideal": {"obesity-ideal-weight", "devine"},
    "adjusted": {"obesity-ideal-weight", "devine", "adjusted-weight"},
}


def test_each_weight_has_its_rules(engine: Engine) -> None:
    site = SiteProtocol(review_required=True, weight_basis_obesity="adjusted")
    doses = answered(engine, site=site, kg=Decimal(90)).report()["doses"]
    asked = {
        told["weight_basis"]: {
            name.removeprefix("weight_rules/")
            for name in told["unsigned"]
            if name.startswith("weight_rules/")
        }
        for told in doses
        if "unsigned" in told
    }
    assert asked == WEIGHT_RULES


def test_a_dose_of_no_weight_rests_on_no_rule_of_weight(engine: Engine) -> None:
    """Devices for the nose, at a BMI far above 30."""
    draft = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
    draft["medicationCodeableConcept"] = {"text": "Spravato 28 mg nasal spray"}
    site = SiteProtocol(review_required=True)
    told = dose(about("ash", draft, replace(engine, site=site), DAY, Decimal(120)))
    assert (told["weight_basis"], told["unsigned"]) == ("fixed", ["regimens/esk-trd-us-induction"])


def test_what_was_rejected_still_stops_an_order(engine: Engine) -> None:
    """A limit is taken from a dose, and from no warning."""
    reviews = signed(engine.knowledge, *BEHIND[2:], decision="rejected")
    plain, rejected = answered(engine), answered(engine, reviews=reviews)
    assert rejected.assessment.findings == plain.assessment.findings


def test_who_signs_nothing_gets_the_answer_as_before(engine: Engine) -> None:
    reviews = signed(engine.knowledge, *BEHIND)
    assert answered(engine, reviews=reviews).report() == answered(engine).report()


OLD = {  # months after the reading; the day; whether the dose says so
    "the last good day": (12, date(2026, 11, 22), False),
    "the day after": (12, date(2026, 11, 23), True),
    "of no age": (None, date(2026, 11, 23), False),
}


def test_a_source_read_too_long_ago_is_told_beside_the_dose(engine: Engine) -> None:
    def check(row: tuple[str, tuple[int | None, date, bool]]) -> None:
        _, (months, day, old) = row
        answer = answered(_read_once(engine, months), day)
        told, card = dose(answer), answer.cards[1]
        line = "Schwartzman 2009, read on 2025-11-22: check the current edition"
        assert told["dose_mg"] is not None
        assert told["recommended"]
        assert told.get("outdated", []) == (["SCHWARTZMAN-2009"] if old else [])
        assert (line in card.json()["detail"]) is old

    check_each(OLD.items(), check, name=lambda row: row[0])


def test_no_dose_is_said_to_rest_on_an_old_source(engine: Engine) -> None:
    withheld = replace(_read_once(engine, 12), site=SiteProtocol(review_required=True))
    assert "outdated" not in dose(answered(withheld, date(2027, 1, 1)))


def _read_once(engine: Engine, months: int | None) -> Engine:
    """A source of the dose, as if it had been read a year before."""
    sources = dict(engine.knowledge.sources)
    aged = {"read_on": date(2025, 11, 22), "max_age_months": months, "short": "Schwartzman 2009"}
    sources["SCHWARTZMAN-2009"] = Source(**(sources["SCHWARTZMAN-2009"].model_dump() | aged))
    return replace(engine, knowledge=replace(engine.knowledge, sources=sources))
