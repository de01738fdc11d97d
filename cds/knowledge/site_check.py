"""Whether a site protocol says what the knowledge can keep: names, pairs of settings, limits.

A mistyped name would switch off nothing and say so to nobody. Every mistake is told, at the setting
that it stands in, and with what was probably meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cds.knowledge.guesses import unknown
from cds.knowledge.limits_check import limit_faults, route_names
from cds.knowledge.load import Knowledge
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.regimens import Regimen
from cds.knowledge.site import CARDS, SiteProtocol

_ROUTES_IN_SHORT = {
    "iv": "intravenous", "im": "intramuscular", "sc": "subcutaneous", "sq": "subcutaneous",
    "subq": "subcutaneous", "in": "intranasal", "nasal": "intranasal", "io": "intraosseous",
    "po": "oral", "sl": "sublingual",
}  # fmt: skip
_CARDS_IN_SHORT = {
    "dosing": "dose", "doses": "dose", "workup": "safety", "work-up": "safety",
    "eligibility": "candidacy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake of a site protocol."""

    path: tuple[str | int, ...]
    """the setting, from the site protocol down: `("limits", 0, "stop_above")`"""
    text: str


def site_faults(site: SiteProtocol, knowledge: Knowledge) -> tuple[Fault, ...]:
    """Everything in it that is unknown, contradictory or past a hard limit."""
    found = (
        *_names(site, knowledge),
        *_triggers(site, knowledge),
        *_regimens(site, knowledge),
        *_nothing_left(site, knowledge),
        *(Fault(("limits", *path), text) for path, text in limit_faults(site.limits, knowledge)),
    )
    return tuple(dict.fromkeys(found))


def _names(site: SiteProtocol, knowledge: Knowledge) -> Iterator[Fault]:
    indications, cards = _indication_names(knowledge), dict.fromkeys(CARDS) | _CARDS_IN_SHORT
    routes = dict.fromkeys(route_names(knowledge)) | _ROUTES_IN_SHORT
    listed = (
        ("indications_off", "indication", site.indications_off, indications),
        ("trigger_indications", "indication", site.trigger_indications, indications),
        ("default_regimen", "indication", site.default_regimen, indications),
        ("routes_off", "route", site.routes_off, routes),
        ("cards_off", "card", [card for card in site.cards_off if card != "stop"], cards),
    )
    for name, kind, given, known in listed:
        for ident in given:
            if known.get(ident, ident) is not None:
                yield Fault((name,), unknown(kind, ident, known))
    if "stop" in site.cards_off:
        why = "it says what must not be given"
        yield Fault(("cards_off",), f"the `stop` card can't be switched off: {why}")


def _indication_names(knowledge: Knowledge) -> dict[str, str | None]:
    """Ids, and what else they are called; an id is known itself."""
    also = {entry.short.lower(): entry.id for entry in knowledge.indications.values()}
    return {**dict.fromkeys(knowledge.indications), **{k: v for k, v in also.items() if k != v}}


def _triggers(site: SiteProtocol, knowledge: Knowledge) -> Iterator[Fault]:
    """Of those that the site wrote itself: the default gives way to what is switched off."""
    if "trigger_indications" not in site.model_fields_set:
        return
    path = ("trigger_indications",)
    able = {entry.id for entry in knowledge.indications.values() if _has_triggers(entry)}
    for ident in site.trigger_indications:
        if ident in site.indications_off:
            yield Fault(path, f"`{ident}` is also in indications_off")
        elif ident in knowledge.indications and ident not in able:
            others = f"those that have some: {', '.join(sorted(able))}"
            yield Fault(path, f"no order is a trigger for `{ident}`; {others}")
    if site.trigger_indications and "candidacy" in site.cards_off:
        yield Fault(path, "they draw the `candidacy` card, and that is in cards_off")


def _has_triggers(entry: Indication) -> bool:
    return bool(entry.trigger_classes or entry.trigger_procedures)


def _regimens(site: SiteProtocol, knowledge: Knowledge) -> Iterator[Fault]:
    for ident, chosen in site.default_regimen.items():
        path = ("default_regimen", ident)
        if ident in site.indications_off:
            yield Fault(path, f"`{ident}` is also in indications_off")
        regimen = knowledge.regimens.get(chosen)
        if regimen is None:
            yield Fault(path, unknown("regimen", chosen, dict.fromkeys(knowledge.regimens)))
            continue
        indication = knowledge.indications.get(ident)
        if indication is not None and not set(indication.basis) & set(regimen.indications):
            own = [r.id for r in _offered(knowledge) if set(indication.basis) & set(r.indications)]
            instead = f"; those that are: {', '.join(own)}" if own else ""
            yield Fault(path, f"the regimen `{chosen}` is not for `{ident}`{instead}")
        for why in _never_given(regimen, site):
            yield Fault(path, f"the regimen `{chosen}` {why}")


def _never_given(regimen: Regimen, site: SiteProtocol) -> Iterator[str]:
    """Why the site would never see it."""
    if regimen.suggests != "dose" or not regimen.dose_verified:
        yield f"makes no dose: {regimen.why_none or 'its dose was not read in its source'}"
    if regimen.jurisdiction not in (None, site.jurisdiction):
        yield f"is of the jurisdiction `{regimen.jurisdiction}`, not `{site.jurisdiction}`"
    if set(regimen.routes) <= set(site.routes_off):
        yield f"is given by a route in routes_off ({', '.join(regimen.routes)})"


def _offered(knowledge: Knowledge) -> list[Regimen]:
    return [r for r in knowledge.regimens.values() if r.suggests == "dose" and r.dose_verified]


def _nothing_left(site: SiteProtocol, knowledge: Knowledge) -> Iterator[Fault]:
    """Switches that leave no dose at all are a mistake, unless the dose card is off as well."""
    if "dose" in site.cards_off or not (site.routes_off or site.indications_off):
        return
    off = set(site.indications_off)
    rows = {row for i in knowledge.indications.values() if i.id not in off for row in i.basis}
    left = [
        regimen
        for regimen in _offered(knowledge)
        if set(regimen.indications) & rows
        and not set(regimen.routes) <= set(site.routes_off)
        and regimen.jurisdiction in (None, site.jurisdiction)
    ]
    if not left:
        name = "routes_off" if site.routes_off else "indications_off"
        text = "no regimen with a dose is left; if that is meant, put `dose` into cards_off as well"
        yield Fault((name,), text)
