"""Findings in words, put together for one card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cards.lines import Line, Part
from cards.words import (
    MOST_NAMED,
    SUMMARY_LIMIT,
    Wording,
    escape_markdown,
    inert,
    listed,
    one_line,
    plain_line,
    say,
    shorten,
)
from cds.assessment.model import Finding


def summary_of(findings: Sequence[Finding]) -> str:
    """The most urgent finding, and how many stand behind it."""
    return _summary(spoken(findings))


def told(findings: Iterable[Finding], *, headed: bool = False) -> tuple[Line, ...]:
    """A line a finding. The first is the summary of its card, and is not named again, unless all
    are to be `headed`."""
    said = spoken(findings)
    lines = []
    for number, (finding, words) in enumerate(said):
        if headed or number:
            found = [Part(f"**{inert(words.whole)}**"), *_also_found(finding, words, words.whole)]
        else:
            found = [*_beside(_summary(said), finding, words)]
        rest = [Part(one_line(part.text), part.worth) for part in words.parts]
        sure = finding.verified or finding.kind == "missing"  # to ask needs no source
        doubt = [] if sure or not rest else [Part("_(no source was read for this)_")]
        lines.append((*found, *rest, *doubt))
    return tuple(parts for parts in lines if parts)


def noted(finding: Finding, words: Wording) -> Line:
    """What is good to know: named, and not explained."""
    return (Part(inert(words.whole)), *_also_found(finding, words, words.whole))


def lines_of(words: Wording) -> tuple[Line, ...]:
    """The lines of a card that is about one thing and has a summary of its own."""
    return tuple(
        (Part(text, part.worth),) for part in words.parts for text in part.text.split("\n")
    )


def spoken(findings: Iterable[Finding]) -> list[tuple[Finding, Wording]]:
    """Findings with their words, each once, though it may hold for two drafts of a session."""
    once: dict[tuple[str, str], tuple[Finding, Wording]] = {}
    for finding in findings:
        words = say(finding.id, finding.params)
        once.setdefault((finding.id, words.whole), (finding, words))
    return list(once.values())


def _summary(said: Sequence[tuple[Finding, Wording]]) -> str:
    (_, first), *others = said
    if not others:
        return first.summary
    tail = f" (+{len(others)} more)"
    return shorten(first.whole, SUMMARY_LIMIT - len(tail)) + tail


def _beside(summary: str, finding: Finding, words: Wording) -> Iterator[Part]:
    """What the summary of the card does not say of its first finding."""
    named = list(_also_found(finding, words, summary))
    if not named and words.whole not in summary:
        yield Part(f"{inert(words.whole)}.")
    yield from named


def _also_found(finding: Finding, words: Wording, said: str) -> Iterator[Part]:
    """The facts behind a finding that neither `said` nor its other words name."""
    found = finding.params.get("found", ())
    shown = "\n".join((said, *(part.text for part in words.parts))).lower()
    more = [
        item
        for item in (found if isinstance(found, tuple | list) else ())
        if plain_line(item).lower() not in shown and escape_markdown(item).lower() not in shown
    ]
    if more:
        most = finding.params.get("named_at_most")
        most = most if isinstance(most, int) else MOST_NAMED
        yield Part(f"Found: {listed(map(escape_markdown, more), '; ', most)}.")
