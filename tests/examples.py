"""With how many examples a property is tried: `make test` the same few, `make test-deep` others."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

DEEP = 10
"""times as many, drawn at random"""


def examples(usual: int, **more: Any) -> settings:
    """The settings of a property that needs another number of examples than the profile has."""
    deep = settings.get_current_profile_name() == "deep"
    return settings(max_examples=usual * DEEP if deep else usual, **more)
