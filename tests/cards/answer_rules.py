"""What holds for every answer that goes out, whatever the chart. Each rule tells what breaks it."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from cards.budget import words
from cards.lines import Worth
from cards.model import Card
from cards.notes import PROCESS
from cards.said_by import said
from cards.words import _texts, say
from cds.api import Answer
from cds.assessment.candidacy import SAID_BY_CANDIDACY
from cds.assessment.model import SEVERITY_ORDER, Finding
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import load_terminology

LIMIT = 250
PATH = re.compile(
    r"\w\[\d+\]|\b[a-z]+[A-Z]\w*\.\w|"
    r"\b(?:dosageInstruction|doseAndRate|doseQuantity|rateQuantity|rateRatio|valueQuantity|"
    r"medicationRequests?|medicationStatements?|additionalInstruction|reasonCode)\b"
)
NUMBER = re.compile(r"(?<![\w.-])(\d+\.\d+)(?![\w.-]*\d)")
ORNAMENT = re.compile(
    r"\b\d+\.\d*0(?!\d|\.\d)|\d[eE][+-]?\d|Decimal\(|\bNone\b(?! of )|(?<![\w-])nan\b"
)
SCALE_READING = re.compile(r"x \d+\.0 kg")
"""arithmetic shows the place of the scale that a converted weight was rounded to"""
OTHER_PHRASES = re.compile(
    r"could not be (?:read|seen)|not available|can't be used|not understood(?!:)|not used:"
)
PLURAL = re.compile(r"(?<![\d.])\b1 (?:more )?(?!is\b|was\b|\w+ss\b)[a-z]+s\b")
CLUMSY = re.compile(r"(?<!\.)\.\.(?!\.)| ,|\( |;\.|:\.|,\.|;;")
GRADE = re.compile(r"\bgrade [A-DRN]\b(?! ?,? (?:of A to D|low|moderate|very low))")


def plain(text: str) -> str:
    """Markdown as it is read."""
    return html.unescape(re.sub(r"\\(.)", r"\1", text)).replace("**", "")


def text_of(cards: Iterable[Card]) -> str:
    return plain("\n".join(f"{card.summary}\n{card.detail}" for card in cards))


@lru_cache(maxsize=1)
def internal_ids() -> frozenset[str]:
    """Ids that are no words of a clinician: with a hyphen or an underline, or of a source."""
    knowledge = load_knowledge()
    ids = {fact.id for _, fact in knowledge.facts()} | set(_texts())
    ids |= set(load_terminology().set_names("observation"))
    ids |= set(load_terminology().set_names("condition"))
    odd = {ident for ident in ids if re.search(r"[-_]", ident)} - {"chronic-pain", "self-harm"}
    return frozenset(odd | {s for s in knowledge.sources if re.search(r"[-_\d]|^[A-Z]{4,}$", s)})


def too_long(cards: tuple[Card, ...]) -> Iterator[str]:
    """More words than the limit, though some of them are general."""
    general = any(
        part.worth is not Worth.FOUND for card in cards for parts in card.lines for part in parts
    )
    if words(cards) > LIMIT and general:
        yield f"{words(cards)} words"


def misplaced(cards: tuple[Card, ...]) -> Iterator[str]:
    """A card before a more severe one; a danger after what is none."""
    ranks = [(SEVERITY_ORDER[card.indicator], not card.danger) for card in cards]
    if ranks != sorted(ranks):
        yield f"in this order: {ranks}"


def unreadable(cards: tuple[Card, ...]) -> Iterator[str]:
    """What only its author understands, and figures that nobody measured."""
    text = text_of(cards)
    yield from {*re.findall(r"[\w-]+", text)} & internal_ids()
    yield from re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b", text)
    for pattern in (PATH, PLURAL, OTHER_PHRASES, GRADE, CLUMSY):
        yield from (found[0] for found in pattern.finditer(text))
    yield from (n for n in NUMBER.findall(text) if len(n.replace(".", "").lstrip("0")) > 4)
    yield from _ornaments(SCALE_READING.sub("", text))


def _ornaments(text: str) -> Iterator[str]:
    for found in ORNAMENT.finditer(text):
        yield text[max(0, found.start() - 30) : found.end() + 10]


def said_twice(cards: tuple[Card, ...]) -> Iterator[str]:
    """A sentence of four words or more that stands on two cards, or twice on one."""
    count: Counter[str] = Counter()
    for card in cards:
        for sentence in re.split(r"(?<=\.)\s|\n", plain(f"{card.summary}\n{card.detail}")):
            count[sentence.strip(" -_*.")] += len(sentence.split()) > 3
    yield from (sentence for sentence, times in count.items() if times > 1)


def unsaid(answer: Answer) -> Iterator[str]:
    """What was found against the treatment, or is missing, and is not named in the answer."""
    text = text_of(answer.cards)
    findings = answer.assessment.findings
    for finding in findings:
        if finding.id in {*PROCESS, *SAID_BY_CANDIDACY} or said(finding, findings):
            continue
        if finding.kind == "order_error" and finding.severity == "info":
            continue  # a suggested dose answers it
        if finding.kind == "missing" and finding.workup:
            name = load_knowledge().monitoring[finding.workup].name
            yield from [] if name in text else [name]
        else:
            yield from _unnamed(finding, text)


def _unnamed(finding: Finding, text: str) -> Iterator[str]:
    spoken = say(finding.id, finding.params)
    if spoken.good:
        return
    start = spoken.whole.removesuffix("…")[:60]
    if start not in text:
        yield start
    found = finding.params.get("found", ())
    for item in found if isinstance(found, tuple | list) else ():
        if str(item)[:60].lower() not in text.lower():
            yield str(item)
