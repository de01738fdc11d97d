"""A site's own folder of facts: used only if nothing in it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cds.commands.settings import Refused
from cds.settings import Settings

if TYPE_CHECKING:
    from cds.knowledge.check import Slip


def check_own_knowledge(settings: Settings) -> None:
    """Stop on a folder of the settings that has mistakes, all of which are named. Raises Refused.

    Ours is checked by the tests; to look through it takes ten times as long as to load it.
    """
    if settings.knowledge is not None:
        refuse(place_faults(settings.knowledge), f"knowledge, {settings.knowledge}: ")


def place_faults(place: Path) -> list[Slip]:
    """Every mistake of a folder or a wheel, and what the program would not find in it."""
    from cds.commands.knowledge_check import all_faults
    from cds.knowledge.check.lacking import lacking
    from cds.knowledge.load import load_knowledge, subjects
    from cds.knowledge.places import files_at

    files = files_at(place, subjects())
    misplaced = [Slip(file, 0, why) for file, why in files.misplaced]
    faults = sorted([*misplaced, *all_faults(files.data, evidence=files.evidence)])
    return faults or lacking(load_knowledge(place), load_knowledge())


def refuse(faults: Sequence[Slip], where: str = "") -> None:
    """Raises Refused with every mistake in a line, if there is one."""
    if faults:
        counted = "1 mistake" if len(faults) == 1 else f"{len(faults)} mistakes"
        raise Refused("\n".join([f"{where}{counted}", *map(str, faults)]))
