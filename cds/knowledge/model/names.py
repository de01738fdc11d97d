"""The types of fields that name something, or have an end."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, PlainSerializer

from cds.knowledge.model.base import Codes, Texts
from cds.knowledge.model.declared import NameOf, Words
from cds.knowledge.words import name_of, pattern_of

ConditionSets: TypeAlias = Annotated[Texts, NameOf("condition set")]
ProcedureSets: TypeAlias = Annotated[Texts, NameOf("procedure set")]
ObservationKinds: TypeAlias = Annotated[Texts, NameOf("observation kind")]
ObservationKind: TypeAlias = Annotated[str, NameOf("observation kind")]
Icd10cm: TypeAlias = Annotated[Codes, NameOf("ICD-10-CM code")]
Snomed: TypeAlias = Annotated[Codes, NameOf("SNOMED CT code")]
DrugClasses: TypeAlias = Annotated[Texts, NameOf("drug class")]
Ingredients: TypeAlias = Annotated[Texts, NameOf("ingredient")]
Ingredient: TypeAlias = Annotated[str, NameOf("ingredient")]
Flags: TypeAlias = Annotated[Texts, NameOf("flag of a product")]
DrugRoutes: TypeAlias = Annotated[Texts, NameOf("route of a drug")]
OrderRoutes: TypeAlias = Annotated[Texts, NameOf("route of an order")]
OrderedDrugs: TypeAlias = Annotated[Texts, NameOf("drug that is ordered")]
Settings: TypeAlias = Annotated[Texts, NameOf("setting")]
Purposes: TypeAlias = Annotated[Texts, NameOf("purpose")]
Indications: TypeAlias = Annotated[Texts, NameOf("indication")]
Contraindications: TypeAlias = Annotated[Texts, NameOf("contraindication")]
Jurisdictions: TypeAlias = tuple[Literal["us", "eu"], ...]
FreeWords: TypeAlias = Annotated[Texts, Words()]
BY_NAME = PlainSerializer(name_of, return_type=str, when_used="json")
NamedWords: TypeAlias = Annotated[str, BeforeValidator(pattern_of), BY_NAME, Words()]
"""a list of `cds/knowledge/words.yaml` by its name; read, it is the pattern that finds its words"""

Unit: TypeAlias = Annotated[str, NameOf("unit")]
"""UCUM"""
Positive: TypeAlias = Annotated[Decimal, Field(gt=0)]
Bound: TypeAlias = Annotated[Decimal, Field(ge=0)]
Percent: TypeAlias = Annotated[Decimal, Field(ge=0, le=100)]
Count: TypeAlias = Annotated[int, Field(ge=1)]
Span: TypeAlias = Annotated[int, Field(ge=0)]
"""of days, weeks or hours"""
Age: TypeAlias = Annotated[int, Field(ge=0, le=130)]
