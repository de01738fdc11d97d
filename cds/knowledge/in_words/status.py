"""How far a fact or a row was read, in words."""

from __future__ import annotations

from collections.abc import Mapping

STATUS: Mapping[str, str] = {
    "seen": "read in its source",
    "recalled": "recalled, and not found in a source",
    "proposal": "a proposal of this project",
}
