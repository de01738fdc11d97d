"""Whether a unit is one that the code knows, in the spelling of UCUM."""

from __future__ import annotations

import re
from collections.abc import Collection

from cds.knowledge.guesses import unknown
from cds.units import UnitError, parse_unit, ucum

_BESIDE = ("a", "/mo", "Cel", "xULN", "xLLN")
"""years, times a month, degrees Celsius, so often an end of the normal range: nothing converts
them"""
_THINGS = (
    "{score}", "{session}", "{patch}", "{tablet}", "{capsule}", "{lozenge}", "{spray}", "{device}",
    "{vial}", "{1.73_m2}",
)  # fmt: skip
"""what is counted"""
_USUAL = (
    "mg", "mg/kg", "mg/kg/h", "mg/h", "mg/min", "mg/d", "ug", "ug/d", "ug/h", "g", "kg", "kg/m2",
    "cm", "m2", "mL", "min", "h", "d", "wk", "a", "%", "1", "/min", "mm[Hg]", "mg/dL", "g/dL",
    "mmol/L", "umol/L", "U/L", "10*3/uL", "ms", "Cel", "xULN", "xLLN", "{score}", "{session}",
)  # fmt: skip
"""those that are offered for one that is none"""
_THING = re.compile(r"\{[^{}]*\}")


def unit_fault(unit: str, among: Collection[str] = ()) -> str | None:
    if unit in _BESIDE:
        return None
    things = [thing for thing in _THING.findall(unit) if thing not in _THINGS]
    if things:
        return unknown("thing that is counted", things[0], dict.fromkeys(_THINGS))
    try:
        parse_unit(unit)
    except UnitError:
        return unknown("unit", unit, dict.fromkeys(_USUAL), where="")
    return None if ucum(unit) == unit else f"`{unit}` is written `{ucum(unit)}` here"
