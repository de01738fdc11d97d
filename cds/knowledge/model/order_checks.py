"""The signs that an order is a mistake: a record for each, with what it compares against.

A check is one of the program's: `Knowledge.the(MgForMcg)` has its numbers, by name and unit.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from cds.knowledge.model.base import Fact
from cds.knowledge.model.names import FreeWords, Ingredients, OrderRoutes
from cds.knowledge.model.quantities import (
    Days,
    Hours,
    Mg,
    MgPerKg,
    MgPerKgPerHour,
    MgPerMinute,
    MgPerWeek,
    Minutes,
    Ml,
    Share,
    Weeks,
)


class OrderCheck(Fact):
    """What every check has. Its severity is that of the plain case; a check may be milder."""

    name: str
    severity: Literal["critical", "warning", "info"]


class MgForMcg(OrderCheck):
    id: Literal["mg-for-mcg"]
    seizure_above: MgPerKgPerHour
    """the highest rate of any use: status epilepticus"""
    longer_than: Minutes
    """what is over sooner is a dose given at once, and no rate"""
    low: MgPerKgPerHour
    """below the lowest published start"""


class PerMinuteForPerHour(OrderCheck):
    id: Literal["per-minute-for-per-hour"]
    above: MgPerKgPerHour


class MicrodripPerKg(OrderCheck):
    """The label's drip is for the whole adult."""

    id: Literal["microdrip-per-kg"]
    low: MgPerMinute
    high: MgPerMinute
    phrases: FreeWords
    """how an order names the drip of the label"""


class InfusionDoseAsPush(OrderCheck):
    id: Literal["infusion-dose-as-push"]
    low: MgPerKg
    high: MgPerKg
    shorter_than: Minutes
    emergency_up_to: MgPerKg
    """what emergency departments push for pain"""
    emergency_up_to_mg: Mg


class AnaestheticDose(OrderCheck):
    id: Literal["anaesthetic-dose"]
    iv_low: MgPerKg
    iv_high: MgPerKg
    im_low: MgPerKg
    im_high: MgPerKg


class ImDoseByIv(OrderCheck):
    id: Literal["im-dose-by-iv"]
    above: MgPerKg


class ConcentrationMismatch(OrderCheck):
    id: Literal["concentration-mismatch"]
    tolerance: Share
    critical_from: Share
    """so far apart that another vial is meant"""


class Undiluted(OrderCheck):
    """Of products that `dilute_before_iv`."""

    id: Literal["undiluted"]


class NasalVolume(OrderCheck):
    id: Literal["nasal-volume"]
    above: Ml
    """for one nostril"""


class NasalOrIm(OrderCheck):
    id: Literal["nasal-or-im"]
    nasal_at_least: MgPerKg
    im_low: MgPerKg
    im_high: MgPerKg
    devices: FreeWords
    """words for a nasal device; one in capitals counts in capitals only"""


class Enantiomer(OrderCheck):
    id: Literal["enantiomer"]
    device_doses: tuple[Mg, ...]
    same_dose: Share
    """so near to a regimen's dose, it is that dose"""
    long_infusion: Minutes


class WeightUnusable(OrderCheck):
    id: Literal["weight-unusable"]


class ObesityWeight(OrderCheck):
    id: Literal["obesity-weight"]
    same_dose: Share


class Neuraxial(OrderCheck):
    id: Literal["neuraxial"]
    routes: OrderRoutes


class OpenCourse(OrderCheck):
    id: Literal["open-course"]
    max_sessions_two_weeks: int
    long_infusion: Hours
    pause: Days
    """after a long infusion"""


class Duplicate(OrderCheck):
    id: Literal["duplicate"]


class Unmonitored(OrderCheck):
    """What sedates, where nobody watches."""

    id: Literal["unmonitored"]
    above_rate: MgPerKgPerHour
    above: MgPerKg
    session_up_to: Minutes
    critical_above: MgPerKg
    critical_above_rate: MgPerKgPerHour


class HomeSupply(OrderCheck):
    id: Literal["home-supply"]
    routes: OrderRoutes


class MgPerKgMixedUp(OrderCheck):
    id: Literal["mg-per-kg"]
    at_least: MgPerKg
    up_to: Mg
    """so little, that mg/kg was meant"""
    tiny: Mg
    """too little for a test dose or a bolus of the patient's own"""
    within: Minutes


class Salt(OrderCheck):
    id: Literal["salt"]
    near: Share
    """of a limit"""


class LowTotal(OrderCheck):
    id: Literal["low-total"]
    below: Mg
    shorter_than: Minutes


class OneBag(OrderCheck):
    id: Literal["one-bag"]
    drugs: Ingredients


class PsychiatricDose(OrderCheck):
    id: Literal["psychiatric-dose"]
    above: MgPerKg


class PsychiatricDoseExtreme(OrderCheck):
    id: Literal["psychiatric-dose-extreme"]
    above: MgPerKg
    session_below: Hours
    """what lasts longer is judged by its rate"""


class FastInfusion(OrderCheck):
    id: Literal["fast-infusion"]
    below: Minutes
    critical_below: Minutes


class FrequentSessions(OrderCheck):
    id: Literal["frequent-sessions"]
    max_per_week: int
    max_in_four_weeks: int


class ImScDose(OrderCheck):
    id: Literal["im-sc-dose"]
    above: MgPerKg
    critical_from: MgPerKg
    routes: OrderRoutes


class EsketamineDose(OrderCheck):
    id: Literal["esketamine-dose"]
    labelled: tuple[Mg, ...]
    older: Mg
    """of one device: the EU's first dose of older patients, and a step down"""
    older_from_age: int


class EsketamineWeek(OrderCheck):
    id: Literal["esketamine-week"]
    max_sessions: int
    above: MgPerWeek


class EsketamineLong(OrderCheck):
    id: Literal["esketamine-long"]
    longer_than: Weeks
    max_sessions: int


class EsketamineHome(OrderCheck):
    id: Literal["esketamine-home"]


class PsychiatricHomeSupply(OrderCheck):
    id: Literal["psychiatric-home-supply"]


class OralDose(OrderCheck):
    id: Literal["oral-dose"]
    above: MgPerKg


class Incomplete(OrderCheck):
    id: Literal["incomplete"]


AnyOrderCheck: TypeAlias = Annotated[
    MgForMcg | PerMinuteForPerHour | MicrodripPerKg | InfusionDoseAsPush | AnaestheticDose
    | ImDoseByIv | ConcentrationMismatch | Undiluted | NasalVolume | NasalOrIm | Enantiomer
    | WeightUnusable | ObesityWeight | Neuraxial | OpenCourse | Duplicate | Unmonitored | HomeSupply
    | MgPerKgMixedUp | Salt | LowTotal | OneBag | PsychiatricDose | PsychiatricDoseExtreme
    | FastInfusion | FrequentSessions | ImScDose | EsketamineDose | EsketamineWeek | EsketamineLong
    | EsketamineHome | PsychiatricHomeSupply | OralDose | Incomplete,
    Field(discriminator="id"),
]  # fmt: skip
