"""Reading the knowledge files, once, into typed and frozen records.

Every scalar is read as text and converted by its model, so that YAML can't turn a code or a
Decimal into something else. Anything that does not fit is a KnowledgeError naming file and entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, SupportsIndex, TypeAlias, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from cds.knowledge.asked import Asked
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
from cds.reviewed import parsed

Item = TypeVar("Item", bound="Fact | Source")
Single = TypeVar("Single", bound="OrderCheck | WeightRule")
Facts: TypeAlias = Mapping[str, Item]


_ASKING = (
    "indications", "candidacy_rules", "contraindications", "interactions", "liver_signs",
    "use_signs",
)  # fmt: skip
"""the subjects whose facts ask for diagnoses or drugs of a chart"""


class KnowledgeError(ValueError):
    """A knowledge file does not fit its model. Says which file, which entry and which field."""


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """All facts, by subject and id. Loaded once; it equals itself, and so may key a cache."""

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
    """what its rules ask of a chart; of a copy with other rules, what the first ones ask"""

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        """The bundled knowledge is pickled by its name, and stays the one that equals itself."""
        if self is load_knowledge():
            return load_knowledge, ()
        return object.__reduce_ex__(self, protocol)

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

    def facts(self) -> Iterator[tuple[str, Fact]]:
        """Every fact with its subject, in file order."""
        for subject in subjects():
            if subject != "sources":
                for fact in getattr(self, subject).values():
                    yield subject, fact


@lru_cache(maxsize=4)
def _singles(knowledge: Knowledge) -> dict[type[Fact], Fact]:
    facts = (*knowledge.order_checks.values(), *knowledge.weight_rules.values())
    return {type(fact): fact for fact in facts}


@lru_cache(maxsize=4)
def _measures(knowledge: Knowledge) -> dict[LimitRole, Limit]:
    return {role: limit for limit in knowledge.limits.values() for role in limit.roles}


@lru_cache(maxsize=4)
def _usual(knowledge: Knowledge) -> dict[RegimenRole, Regimen]:
    return {each.role: each for each in knowledge.regimens.values() if each.role is not None}


def subjects() -> dict[str, Any]:
    """The model of each subject's facts: a record, or one of several by id."""
    hints = get_type_hints(Knowledge, include_extras=True)
    return {
        field.name: get_args(hints[field.name])[-1]
        for field in fields(Knowledge)
        if field.name not in ("version", "asked")
    }


@lru_cache(maxsize=1)
def load_knowledge() -> Knowledge:
    """The bundled knowledge. Raises KnowledgeError."""
    root = files("cds.knowledge") / "data"
    digest = hashlib.sha256()
    loaded: dict[str, Mapping[str, Fact | Source]] = {}
    for subject, model in subjects().items():
        facts: dict[str, Fact | Source] = {}
        for file in files_of(root, subject):
            text = file.read_bytes()
            digest.update(text)
            document = parsed(file.name, text, KnowledgeError)
            for fact in validated(file.name, document["facts"], model):
                if fact.id in facts:
                    raise KnowledgeError(f"{file.name}: {fact.id} stands twice")
                facts[fact.id] = fact
        loaded[subject] = facts
    asked = Asked(fact for subject in _ASKING for fact in loaded[subject].values())
    version = digest.hexdigest()[:12]
    return Knowledge(**loaded, version=version, asked=asked)  # type: ignore[arg-type]


def files_of(root: Traversable, subject: str) -> list[Traversable]:
    folder = root / subject
    if folder.is_dir():
        return sorted(
            (f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name
        )
    return [root / f"{subject}.yaml"]


def validated(name: str, entries: Iterable[Mapping[str, object]], model: Any) -> Iterator[Any]:
    """The entries of a file as records of a model. Raises KnowledgeError at the first misfit."""
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    for entry in entries:
        try:
            yield adapter.validate_python(entry)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"] if part != entry.get("id"))
            raise KnowledgeError(f"{name}: {entry.get('id')}: {where}: {first['msg']}") from None
