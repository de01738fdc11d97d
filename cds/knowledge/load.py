"""Reading the knowledge files, once, into typed and frozen records.

Every scalar is read as text and converted by its model, so that YAML can't turn a code or a
Decimal into something else. Anything that does not fit is a KnowledgeError naming file and entry.

What is loaded is of every day. What judges an order asks for the facts of its day: `on(day)`.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, SupportsIndex, TypeAlias, TypeVar, get_args, get_type_hints

from cds.knowledge.asked import Asked
from cds.knowledge.in_force import boundaries, editions_of, in_force
from cds.knowledge.model.antidepressant_trials import AntidepressantDose
from cds.knowledge.model.augmentation import AugmentationDose
from cds.knowledge.model.base import Fact, Source
from cds.knowledge.model.benzodiazepines import BenzodiazepineEquivalent
from cds.knowledge.model.candidacy_rules import CandidacyRule
from cds.knowledge.model.claims import Claim
from cds.knowledge.model.contexts import OrderContext
from cds.knowledge.model.contraindications import Contraindication
from cds.knowledge.model.decisions import Decision
from cds.knowledge.model.failure_definitions import FailureDefinition
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.interactions import Interaction
from cds.knowledge.model.limits import Limit, LimitRole
from cds.knowledge.model.liver_signs import LiverSign
from cds.knowledge.model.measurements import Measurement
from cds.knowledge.model.mme_factors import MmeFactor
from cds.knowledge.model.monitoring import MonitoringItem
from cds.knowledge.model.opioid_thresholds import OpioidThreshold
from cds.knowledge.model.order_checks import AnyOrderCheck, OrderCheck
from cds.knowledge.model.pain_trials import PainTrialDose
from cds.knowledge.model.parameters import Parameter
from cds.knowledge.model.products import Product
from cds.knowledge.model.regimens import Regimen, RegimenRole
from cds.knowledge.model.response import ResponseRule
from cds.knowledge.model.use_signs import UseSign
from cds.knowledge.model.uses import Use
from cds.knowledge.model.weight_rules import AnyWeightRule, WeightRule
from cds.knowledge.places import Files, bundled_files, files_at
from cds.knowledge.places import KnowledgeError as KnowledgeError
from cds.knowledge.records import each_once, facts_of
from cds.knowledge.records import validated as validated
from cds.reviewed import parsed

Item = TypeVar("Item", bound="Fact | Source")
Single = TypeVar("Single", bound="OrderCheck | WeightRule")
Facts: TypeAlias = Mapping[str, Item]


_ASKING = (
    "indications", "candidacy_rules", "contraindications", "interactions", "liver_signs",
    "use_signs",
)  # fmt: skip
"""the subjects whose facts ask for diagnoses or drugs of a chart"""


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """Facts by subject and id. It equals itself, and so may key a cache.

    As it is loaded, it has the newest edition of every fact, whatever the day: to be read, checked
    and listed. `on(day)` is the one that judges.
    """

    sources: Facts[Source]
    indications: Facts[Indication]
    candidacy_rules: Facts[CandidacyRule]
    failure_definitions: Facts[FailureDefinition]
    decisions: Facts[Decision]
    claims: Facts[Claim]
    antidepressant_trials: Facts[AntidepressantDose]
    augmentation: Facts[AugmentationDose]
    pain_trials: Facts[PainTrialDose]
    mme_factors: Facts[MmeFactor]
    opioid_thresholds: Facts[OpioidThreshold]
    benzodiazepines: Facts[BenzodiazepineEquivalent]
    regimens: Facts[Regimen]
    limits: Facts[Limit]
    uses: Facts[Use]
    use_signs: Facts[UseSign]
    contexts: Facts[OrderContext]
    order_checks: Facts[AnyOrderCheck]
    products: Facts[Product]
    weight_rules: Facts[AnyWeightRule]
    contraindications: Facts[Contraindication]
    interactions: Facts[Interaction]
    liver_signs: Facts[LiverSign]
    monitoring: Facts[MonitoringItem]
    response: Facts[ResponseRule]
    measurements: Facts[Measurement]
    parameters: Facts[Parameter]
    version: str
    """short hash of all files: names the knowledge that a card rests on"""
    asked: Asked
    """what any edition of its rules asks of a chart; of a copy with other rules, what the first
    ones ask"""
    earlier: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    """subject → the editions that newer ones of the same id followed"""
    days: tuple[date, ...] = ()
    """those on which a fact begins to hold, or holds no longer"""
    place: Path | None = None
    """the folder or the wheel that it was read from; None: the installed package"""
    whole: Knowledge | None = None
    """of those in force: the facts of all days"""
    since: date = date.min
    """the first of the days on which these are in force"""
    _of_days: dict[int, Knowledge] = field(default_factory=dict, init=False, repr=False)

    def on(self, day: date) -> Knowledge:
        """The facts in force on a day: the same object for all days between two changes."""
        whole = self.whole or self
        number = bisect_right(whole.days, day)
        found = whole._of_days.get(number)
        if found is None:  # two threads may make it at once: the first one is kept
            found = whole._of_days.setdefault(number, _in_force(whole, number))
        return found

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        """What was loaded is pickled by its name, and stays the one that equals itself."""
        if self.whole is not None and self.whole.on(self.since) is self:
            return Knowledge.on, (self.whole, self.since)
        if self is load_knowledge(self.place):
            return _loaded_again, (self.place, self.version)
        return _copied, (
            {each.name: getattr(self, each.name) for each in fields(self) if each.init},
        )

    def the(self, kind: type[Single]) -> Single:
        """The order check or weight rule of a kind, with its numbers."""
        found = _singles(self)[kind]
        assert isinstance(found, kind)
        return found

    def limit_as(self, role: LimitRole) -> Limit:
        """The limit that is the measure of something."""
        return _measures(self)[role]

    def regimen_as(self, role: RegimenRole) -> Regimen:
        """The regimen that is the measure of something."""
        return _usual(self)[role]

    @property
    def device(self) -> Product:
        """The nasal device of esketamine."""
        return next(p for p in self.products.values() if p.mg_per_device is not None)

    def having(self, **facts: Any) -> Knowledge:
        """The same with other facts of some subjects."""
        return replace(self, **facts)

    def facts(self) -> Iterator[tuple[str, Fact]]:
        """Every fact with its subject, in file order: of several editions the newest."""
        for subject in subjects():
            if subject != "sources":
                for fact in getattr(self, subject).values():
                    yield subject, fact

    def editions(self, subject: str, ident: str) -> tuple[Fact, ...]:
        """All editions of a fact, the oldest first."""
        before = (self.whole or self).earlier.get(subject, ())
        newest: Fact = getattr(self.whole or self, subject)[ident]
        return (*(fact for fact in before if fact.id == ident), newest)


@lru_cache(maxsize=32)
def _singles(knowledge: Knowledge) -> dict[type[Fact], Fact]:
    facts = (*knowledge.order_checks.values(), *knowledge.weight_rules.values())
    return {type(fact): fact for fact in facts}


@lru_cache(maxsize=32)
def _measures(knowledge: Knowledge) -> dict[LimitRole, Limit]:
    return {role: limit for limit in knowledge.limits.values() for role in limit.roles}


@lru_cache(maxsize=32)
def _usual(knowledge: Knowledge) -> dict[RegimenRole, Regimen]:
    return {each.role: each for each in knowledge.regimens.values() if each.role is not None}


def subjects() -> dict[str, Any]:
    """The model of each subject's facts: a record, or one of several by id."""
    hints = get_type_hints(Knowledge, include_extras=True)
    names = [each.name for each in fields(Knowledge)]
    return {name: get_args(hints[name])[-1] for name in names[: names.index("version")]}


def load_knowledge(place: Path | None = None) -> Knowledge:
    """The bundled knowledge, or that of a folder or a wheel. Raises KnowledgeError.

    A place is read once in a process: what is edited there is seen at the next start.
    """
    return _bundled() if place is None else _of_place(place)


@lru_cache(maxsize=1)
def _bundled() -> Knowledge:
    return knowledge_of(bundled_files(subjects()))


@lru_cache(maxsize=4)
def _of_place(place: Path) -> Knowledge:
    return knowledge_of(files_of(place), place)


@lru_cache(maxsize=4)
def files_of(place: Path) -> Files:
    """A folder or a wheel as it was when it was first read: facts and evidence of one state."""
    return files_at(place, subjects())


def knowledge_of(
    files: Files, place: Path | None = None, unfit: Callable[[str, str, str], None] | None = None
) -> Knowledge:
    """What stands in some files. Raises KnowledgeError.

    With `unfit`, which takes subject, id and reason, entries of another release of this package
    are left out where they do not fit this one.
    """
    for file, why in files.misplaced:
        if unfit is None or not any(files.data.values()):
            raise KnowledgeError(f"{file}: {why}")
    digest = hashlib.sha256()
    loaded: dict[str, Mapping[str, Fact | Source]] = {}
    earlier: dict[str, tuple[Fact, ...]] = {}
    every: list[Fact] = []
    asking: list[Fact] = []
    for subject, model in subjects().items():
        read: list[Any] = []
        told = None if unfit is None else partial(unfit, subject)
        for file, text in files.data[subject].items():
            digest.update(text)
            document = parsed(file, text, KnowledgeError)
            read += each_once(file, validated(file, facts_of(file, document), model, told), read)
        if subject == "sources":
            loaded[subject] = {source.id: source for source in read}
            continue
        editions = editions_of(read)
        loaded[subject] = {ident: each[-1] for ident, each in editions.items()}
        earlier[subject] = tuple(fact for each in editions.values() for fact in each[:-1])
        every += read
        asking += read if subject in _ASKING else ()
    return Knowledge(
        **loaded,  # type: ignore[arg-type]
        version=digest.hexdigest()[:12],
        asked=Asked(asking),
        earlier={subject: facts for subject, facts in earlier.items() if facts},
        days=boundaries(every),
        place=place,
    )


def _in_force(whole: Knowledge, number: int) -> Knowledge:
    """The facts that hold from one boundary to the next. A subject that is the same is shared."""
    since = whole.days[number - 1] if number else date.min
    changed: dict[str, Any] = {}
    for subject in subjects():
        facts: Mapping[str, Fact] = getattr(whole, subject)
        if subject != "sources":
            editions = editions_of((*whole.earlier.get(subject, ()), *facts.values()))
            holding = in_force({ident: editions[ident] for ident in facts}, since)
            if list(map(id, holding.values())) != list(map(id, facts.values())):
                changed[subject] = holding
    if not changed and not whole.days:
        return whole
    return replace(whole, **changed, whole=whole, since=since)


def _loaded_again(place: Path | None, version: str) -> Knowledge:
    """What another process loaded. Raises KnowledgeError where its files are others by now."""
    found = load_knowledge(place)
    if found.version != version:
        raise KnowledgeError(f"{place}: was changed after it had been loaded")
    return found


def _copied(values: dict[str, Any]) -> Knowledge:
    return Knowledge(**values)
