"""SMART scopes, versions 1 and 2."""

from __future__ import annotations

import pytest

from cds.fhir.server.scopes import Access, Scopes

ALL, PART, NONE = Access.ALL, Access.PART, Access.NONE


@pytest.mark.parametrize(
    ("scope", "kind", "searching", "reading"),
    [
        (None, "Condition", ALL, ALL),
        ("", "Condition", ALL, ALL),
        ("patient/*.read", "Condition", ALL, ALL),
        ("patient/*.*", "Condition", ALL, ALL),
        ("user/Observation.read", "Observation", ALL, ALL),
        ("user/Observation.read", "Condition", NONE, NONE),
        ("patient/Condition.write", "Condition", NONE, NONE),
        ("patient/Condition.rs", "Condition", ALL, ALL),
        ("patient/Condition.r", "Condition", NONE, ALL),
        ("patient/Condition.s", "Condition", ALL, NONE),
        ("patient/Condition.cud", "Condition", NONE, NONE),
        ("system/*.cruds", "Condition", ALL, ALL),
        ("patient/Observation.rs?category=laboratory", "Observation", PART, PART),
        ("patient/Observation.rs?category=x patient/Observation.rs", "Observation", ALL, ALL),
        ("launch openid profile offline_access", "Condition", NONE, NONE),
        ("patient/condition.read", "Condition", NONE, NONE),
        ("Patient/Condition.read patient/Condition.readwrite", "Condition", NONE, NONE),
    ],
)
def test_what_a_scope_covers(scope, kind, searching, reading):
    scopes = Scopes(scope)
    assert (scopes.searching(kind), scopes.reading(kind)) == (searching, reading)
