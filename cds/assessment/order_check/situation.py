"""One order in its situation: what every check looks at, and how a check speaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeVar, overload

from msgspec import Struct
from msgspec.structs import replace

from cds.assessment.amounts import Amounts, read_amounts
from cds.assessment.case import Case, Ordered
from cds.assessment.grounds import grounds
from cds.assessment.indicated import Indicated, indicated_for, setting_of
from cds.assessment.model import SEVERITY_ORDER, Finding, Severity, WeightUsed
from cds.assessment.ordered import BY_VEIN, lasts_days
from cds.assessment.weight import Build, Weight, read_build, read_weight
from cds.chart.places import Setting
from cds.knowledge.model.base import Fact
from cds.knowledge.model.order_checks import OrderCheck
from cds.knowledge.model.uses import Use
from cds.orders.model import Order
from cds.units import Quantity, rounded

Check = TypeVar("Check", bound=OrderCheck)
PARENTERAL = frozenset({"intravenous", "intraosseous", "intramuscular", "subcutaneous"})
BY_MOUTH = frozenset({"oral", "sublingual", "buccal"})


class Situation(Struct, frozen=True):
    """The order, its numbers, its purpose, its place and the patient's weight."""

    case: Case
    order: Order
    amounts: Amounts
    indicated: Indicated
    setting: Setting | None
    weight: Weight
    build: Build
    assumed: WeightUsed | None = None
    """a weight that nobody measured: the heaviest that is plausible"""

    @classmethod
    def of(cls, case: Case) -> Situation:
        """The case's order as it stands. The case must have one."""
        assert case.order is not None
        weight = read_weight(case)
        return cls(
            case=case,
            order=case.order,
            amounts=read_amounts(case, weight.for_checks),
            indicated=indicated_for(case),
            setting=setting_of(case),
            weight=weight,
            build=read_build(case, weight.latest),
        )

    def ordering(self, order: Order) -> Situation:
        """The same patient and purpose, the order read or dosed in another way."""
        mine = replace(self.case, order=order)
        return replace(
            self,
            case=mine,
            order=order,
            amounts=read_amounts(mine, self.assumed or self.weight.for_checks),
            setting=setting_of(mine),
        )

    def at(self, weight: WeightUsed) -> Situation:
        """The same, judged at an assumed weight."""
        return replace(self, amounts=read_amounts(self.case, weight), assumed=weight)

    @property
    def use(self) -> Use | None:
        """The use that no regimen of treatment is for, if it is one."""
        use = self.case.use
        return None if use is None or use.entry.treats else use.entry

    @property
    def racemic(self) -> bool:
        return self.order.drug == "ketamine"

    @property
    def therapy(self) -> bool:
        """Treatment with a regimen, and not anaesthesia, sedation, intubation or intensive care."""
        return self.use is None

    @property
    def elective(self) -> bool:
        """Elective treatment: a course of sessions in a clinic, and not a stay in a hospital."""
        return self.case.use is None

    @property
    def psychiatric(self) -> bool:
        return self.therapy and self.indicated.psychiatric

    @property
    def adult(self) -> bool:
        adult_from = self.case.knowledge.parameters["adult-from-years"].value
        return self.case.history.person.aged_at_least(adult_from) is not False

    @property
    def at_home(self) -> bool:
        return self.order.community is True or self.setting == "home"

    @property
    def by_vein(self) -> bool:
        return self.order.route in BY_VEIN

    @property
    def bolus(self) -> bool:
        return self.by_vein and self.amounts.given == "bolus"

    @property
    def untimed(self) -> bool:
        """By vein in therapy, with neither a time, a rate nor a push stated: it may be either.

        Said to be given once, it reads as a push.
        """
        stated = self.within is not None or self.order.method in ("push", "bolus")
        stated = stated or (self.order.single is True and self.order.method is None)
        return self.therapy and self.bolus and not stated

    @property
    def placed(self) -> bool:
        """What it is for is known, or that it is given in a clinic or at home.

        Else a dose of anaesthesia, sedation or intensive care may be just that.
        """
        known = self.indicated.known or self.use is not None
        return known or self.setting in ("outpatient", "home")

    @property
    def within(self) -> Decimal | None:
        return self.amounts.duration_min

    @property
    def of_days(self) -> bool:
        """An infusion longer than any session: its rate tells, and not its total."""
        return lasts_days(self.case, self.amounts)

    @property
    def asked(self) -> Case:
        """The case as the rules of the knowledge are asked about it."""
        ordered = Ordered(self.setting, self.indicated.families, self.of_days)
        return replace(self.case, ordered=ordered)

    @property
    def per_kg(self) -> bool:
        """Ordered per kilogram of body weight."""
        stated = (self.order.dose, self.order.rate, self.order.dose_per_kg)
        return any(q is not None and "/kg" in q.unit for q in stated)

    def check(self, kind: type[Check]) -> Check:
        return self.case.knowledge.the(kind)


def speak(
    s: Situation,
    ident: str,
    facts: Iterable[Fact],
    severity: Severity,
    params: Mapping[str, object],
    *,
    source: tuple[str, ...] = (),
    correction: Mapping[str, Quantity | Decimal | str] | None = None,
    asks: bool = False,
) -> Finding:
    """A finding about the order that rests on the facts given.

    `asks`: one sane reading of the order is dangerous. No dose is suggested until it is answered.
    """
    known = tuple(facts)
    weighed = s.weight.latest.source if s.weight.latest is not None else ()
    return Finding(
        id=ident,
        kind="order_error",
        severity=severity,
        params={"even_at": s.assumed.value_kg if s.assumed is not None else None, **params},
        source=tuple(dict.fromkeys((s.order.ref, *source, *weighed))),
        order=s.order.ref,
        stops_dose=severity == "critical" or asks,
        correction=correction,
        grade=next((fact.grade for fact in known if fact.grade), None),
        **grounds(known),
    )


def united(finding: Finding, other: Finding) -> Finding:
    """The first finding, resting on the second's facts too; the stricter severity wins."""
    severity = min(finding.severity, other.severity, key=SEVERITY_ORDER.__getitem__)
    return replace(
        finding,
        severity=severity,
        basis=tuple(dict.fromkeys((*finding.basis, *other.basis))),
        citations=tuple(dict.fromkeys((*finding.citations, *other.citations))),
        source=tuple(dict.fromkeys((*finding.source, *other.source))),
        verified=finding.verified and other.verified,
        stops_dose=finding.stops_dose or other.stops_dose or severity == "critical",
    )


@overload
def shown(value: Decimal, places: int | None = None) -> Decimal: ...
@overload
def shown(value: None, places: int | None = None) -> None: ...
def shown(value: Decimal | None, places: int | None = None) -> Decimal | None:
    """A figure as a card shows it: to three digits or, if given, to so many places, and never to
    fewer than three digits. What is next to a round number keeps a place more: 1.004 is no 1.

    None, for a figure that is not known, stays.
    """
    if value is None:
        return None
    digits = max(0, 2 - value.adjusted()) if value else 0
    if places is not None:
        return rounded(value, max(places, digits)).normalize()
    short = rounded(value, digits).normalize()
    is_round = len(short.as_tuple().digits) < 3
    return rounded(value, max(3, digits)).normalize() if is_round else short
