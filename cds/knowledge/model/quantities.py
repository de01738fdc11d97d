"""Numbers that are written with their unit: `above: 2 mg/kg/h`.

The field names the unit that the code compares in. A number without a unit, or with one that
measures something else, is refused when the knowledge is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from cds.units import convert, plain


@dataclass(frozen=True, slots=True)
class In:
    """The unit of a field; `of_one`: the value is a share of one, and is written in percent."""

    unit: str
    of_one: bool = False

    def read(self, value: object) -> object:
        """The number in the field's unit. Raises ValueError."""
        if isinstance(value, Decimal):
            return value
        number, _, unit = str(value).partition(" ")
        try:
            amount = Decimal(number)
        except InvalidOperation:
            raise ValueError(f"`{value}` is no number") from None
        if not unit:
            raise ValueError(f"`{value}` has no unit: write `{value} {self.unit}`")
        found = convert(amount, unit, self.unit)
        return found / 100 if self.of_one else found

    def written(self, value: Decimal) -> str:
        """As it stands in the knowledge."""
        return f"{plain(value * 100 if self.of_one else value)} {self.unit}"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            self.read,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(
                self.written, when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """For editors: a number and its unit."""
        return {"type": "string", "pattern": r"^[0-9.]+ \S+$", "examples": [f"1 {self.unit}"]}


Mg: TypeAlias = Annotated[Decimal, In("mg")]
MgPerKg: TypeAlias = Annotated[Decimal, In("mg/kg")]
MgPerKgPerHour: TypeAlias = Annotated[Decimal, In("mg/kg/h")]
MgPerMinute: TypeAlias = Annotated[Decimal, In("mg/min")]
MgPerWeek: TypeAlias = Annotated[Decimal, In("mg/wk")]
Ml: TypeAlias = Annotated[Decimal, In("mL")]
Minutes: TypeAlias = Annotated[Decimal, In("min")]
Hours: TypeAlias = Annotated[Decimal, In("h")]
Days: TypeAlias = Annotated[Decimal, In("d")]
Weeks: TypeAlias = Annotated[Decimal, In("wk")]
Kg: TypeAlias = Annotated[Decimal, In("kg")]
Inches: TypeAlias = Annotated[Decimal, In("[in_i]")]
KgPerM2: TypeAlias = Annotated[Decimal, In("kg/m2")]
Share: TypeAlias = Annotated[Decimal, In("%", of_one=True)]
