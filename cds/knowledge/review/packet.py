"""The packet for a meeting: one page of HTML that prints well, without a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from itertools import groupby

from jinja2 import Environment, StrictUndefined, Template

from cds.knowledge.model.base import Source
from cds.knowledge.review.asked import Asked


def packet_html(
    asked: Sequence[Asked], sources: Mapping[str, Source], version: str, day: date
) -> str:
    """The facts by subject, each with room for a decision. `sources`: all that rows may cite."""
    subjects = [
        (subject, list(facts)) for subject, facts in groupby(asked, key=lambda each: each.subject)
    ]
    return _template().render(
        subjects=subjects, sources=sources, version=version, day=day, count=len(asked)
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = files("cds.knowledge.review") / "packet.html"
    return environment.from_string(page.read_text("utf-8"))
