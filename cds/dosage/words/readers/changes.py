"""Increases and decreases.

Facts: `change_to` and `change_after` (what follows is the next step), `change_by`, `tapering`,
`titrate`, `stop`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import COURSE, DAYS, MASSES, Said, skip
from cds.dosage.words.readers.advice import advice
from cds.dosage.words.readers.change_steps import by_steps, in_steps, plain_dose
from cds.dosage.words.readers.dates import until
from cds.dosage.words.readers.former import former
from cds.dosage.words.readers.lengths import after, stretch
from cds.dosage.words.readers.office import past_date
from cds.dosage.words.scan import Item

_LONG_AGO = ("increased", "decreased", "reduced", "raised", "lowered")
_STOPPED = ("stopped", "discontinued", "ceased", "dced", "dcd")
_CHANGED = ("change", "changed", "changing", "switch", "adjust", "alter", "amend")


def change(items: Sequence[Item], at: int) -> Said | None:
    """`increase to` (what follows is the next step), or `increase by … every … to …`."""
    sign = -1 if items[at].kind in ("decrease", "down") else 1
    dated = skip(items, at + 1, "on")
    if items[at].key in _LONG_AGO and (end := past_date(items, dated)) > dated:
        now = skip(items, end, "-", ",", ":", ".")
        return now + 1 if items[now].kind == "now" else end, "ignored", "date"
    alone = items[at + 1].kind in ("end", ".", ",", ";", ")")
    if items[at].key == "gp" and alone and any(item.kind == "num" for item in items[:at]):
        return at + 1, "advice", True  # "1.25 mg od, GP to uptitrate"
    if items[at].kind in ("up", "down") and items[at + 1].kind != "by":
        return None
    place = skip(
        items,
        at + 1,
        "dose",
        "the",
        "up",
        "gradually",
        "slowly",
        "plain_word",
        "it",
        "then",
        "verb",
        "your",
        "polite",
        "product",
        "salt",
        "medication",
        "day_total",
    )
    condition = skip(items, place, ",")
    after = skip(items, condition + 1, ",")
    allowed = items[condition].kind in ("tolerated", "prn") and items[after].kind in ("to", "max")
    place = after if allowed else place
    if items[place].key == "to" and items[place].kind == "max" and plain_dose(items, place + 1):
        return place + 1, "change_if" if allowed else "change_to", sign  # "increased to max 150 mg"
    if items[at].key == "↑" and plain_dose(items, place) and not allowed:
        return place, "ignored", "former"  # "↑ 100 mg od (was 50)"
    if items[place].kind == "to" and items[place + 1].kind == "max" and (
        plain_dose(items, place + 2)
    ):  # fmt: skip
        place += 1  # "to no more than 50 mg"
    if items[place].kind in ("to", "until") or (items[place - 1].kind == "to" and place > at + 1):
        said = former(items, place) if plain_dose(items, place + 1) else None
        if said and items[said[0] - 1].kind != ":" and items[said[0]].kind == ":":
            return said[0] + 1, "tapering", None  # "titrate to 100 mg bd: 25 mg bd week 1 …"
        may = items[at - 1].kind == "may" or (at > 1 and items[at - 2].kind in ("may", "can"))
        bounded = any(item.kind == "tolerated" for item in items[place : place + 8])
        if "titrat" in items[at].key and bounded and not may:
            return place + 1, "change_if", sign  # "titrate up to 3 tablets as tolerated"
        if "titrat" in items[at].key and not (may or allowed or _timed(items, place)):
            return None  # in steps that are not told
        past = items[at].key in _LONG_AGO and not allowed and items[at - 1].kind != "may"
        kind = "change_if" if allowed else "changed_to" if past else "change_to"
        return place + 1, kind, sign
    if items[place].kind == "from" and (said := former(items, place)):
        changed = items[said[0]].kind == "to"
        return (said[0] + 1, "change_to", sign) if changed else said
    steps = by_steps(items, place, sign) or in_steps(items, place, sign)
    if steps is not None and items[steps[0]].kind == ":":
        return steps[0] + 1, "tapering", None  # "reduce by 5 mL every 2 weeks: 40 mL od …"
    if steps is not None:
        return steps
    if intro := _announced(items, place):
        return intro, "tapering", None
    if items[at].key == "taper" and place == at + 1 and plain_dose(items, place):
        return place, "tapering", None  # "taper 1 mg TDS 3/7 → 1 mg BD 3/7"
    delay = stretch(items, place + 1) if items[place].kind in ("after", "in") else None
    if delay is None or items[delay[0]].kind != "to" or delay[1].low != delay[1].high:
        return None
    if delay[2] not in COURSE:
        return None
    return delay[0] + 1, "change_after", delay[1].low * DAYS[delay[2]]


def _timed(items: Sequence[Item], at: int) -> bool:
    """Whether it tells when: `titrate to 5 mg after 2 weeks` is one step."""
    near = range(at, min(at + 8, len(items) - 2))
    return any(items[n].kind == "after" and stretch(items, n + 1) for n in near)


def go_to(items: Sequence[Item], at: int) -> Said | None:
    """`can go to 2 if not controlled`; else advice: `go to hospital`."""
    led = at > 0 and items[at - 1].kind in ("may", "can", "then", "and")
    dosed = plain_dose(items, at + 1)
    return (at + 1, "change_to", 1) if led and dosed else advice(items, at)


def add_steps(items: Sequence[Item], at: int) -> Said | None:
    """`add 1 tablet every week up to 4 daily`: in steps, with an end."""
    by = plain_dose(items, at + 1) if items[at].key in ("add", "adding") else None
    said = by_steps(items, at, 1, by=by) if by is not None else None
    told = said is not None and said[1] == "change_by" and said[2].target is not None
    return said if told else None


def drop(items: Sequence[Item], at: int) -> Said | None:
    """`drop by 5 mg every 3 days`, `drop to 1 daily`: a change and no form of the product."""
    if items[at].key != "drop" or items[at + 1].kind not in ("by", "to", "down"):
        return None
    if items[at + 1].kind == "to":
        return (at + 2, "change_to", -1) if plain_dose(items, at + 2) else None
    return by_steps(items, at + 1, -1)


def dated(items: Sequence[Item], at: int) -> Said | None:
    """`Dose increased 12/03/24 to 1 bd`: the new dose follows."""
    place = skip(items, at + 1, "on", "by")
    end = past_date(items, place)
    before = plain_dose(items, end)
    if before is not None and items[before[0]].kind in ("to", "then"):
        end = before[0]  # "dose reduced 5 mg -> 2.5 mg od"
        return (end + 1, "ignored", "former") if plain_dose(items, end + 1) else None
    if items[end].kind != "to" or plain_dose(items, end + 1) is None:
        return None
    return end + 1, "ignored", "former"


def to_new_dose(items: Sequence[Item], at: int) -> Said | None:
    """The `to` of `change his venlafaxine XL to 150 mg in the morning`."""
    named = at > 1 and items[at - 1].kind in ("product", "salt", "how")
    changed = any(item.key in _CHANGED for item in items[max(0, at - 6) : at])
    return (at + 1, "fill", None) if named and changed and plain_dose(items, at + 1) else None


def to_amount(items: Sequence[Item], at: int) -> Said | None:
    """The `to` of `after a further 5 nights to 75 mg`."""
    before = items[at - 1] if at else None
    if before is not None and before.key in _CHANGED and at > 1 and items[at - 2].kind != "polite":
        return (at + 1, "change_to", 1) if plain_dose(items, at + 1) else None
    if before is None or not (before.kind == "time" or before.key in ("nights", "mornings")):
        return None
    return (at + 1, "change_to", 1) if plain_dose(items, at + 1) else None


def stays(items: Sequence[Item], at: int) -> Said:
    """`then stay on 5 mg`, `until reviewed by the clinic`: it goes on."""
    place = skip(items, at + 1, "on", "at", "with", "this", "dose", "until_end", "taking", "verb")
    if plain_dose(items, place) is not None and place > at:
        return place, "stays", None
    if items[at + 1].kind in ("by", "at", "in", "with"):
        end = skip(items, at + 2, "the", "your", "polite", "unknown", "-", "/", "how")
        if end > at + 2:
            return end, "ignored", None
    ends = items[at + 1].kind in ("end", ".") and items[at].key in ("and", "then", "maintain")
    return at + 1, "goes_on" if ends else "ignored", None  # "day 3: 3 tabs and continue"


def stays_there(items: Sequence[Item], at: int) -> Said:
    """`… 3 mg in week 3 and stay there`: the last step goes on."""
    said = stays(items, at)
    return said if said[1] == "stays" else (said[0], "goes_on", None)


def course_name(items: Sequence[Item], at: int) -> Said | None:
    """`titration plan:`, `stop gradually:`."""
    end = _announced(items, at + 1)
    bare = items[at].key in ("taper", "titration") and plain_dose(items, at + 1)
    return (end or at + 1, "tapering", None) if end or bare else None


def _announced(items: Sequence[Item], at: int) -> int | None:
    """The end of `Taper over 4 weeks:`, `Reduce the night dose only:`."""
    found = stretch(items, at + 1) if items[at].kind == "over" else None
    place = found[0] if found else at
    place = skip(items, place, "part", "dose", "only", "as", "medication", "form", "product")
    dashed = items[place].kind == "-" and items[place + 1].kind == "time"  # "taper - day 1: …"
    return place + 1 if items[place].kind == ":" or dashed else None


def _old_order(items: Sequence[Item], at: int) -> int | None:
    """The end of `D/C Remeron 15 mg.` before a new order of the same drug."""
    place = skip(items, at + 1, "product", "salt", "how")
    led = at == 0 or items[at - 1].kind in (".", ";")
    if led and place == at + 1 and (end := _old_regimen(items, at)):
        return end
    named = place > at + 1 and led
    if not named or items[place].kind != "num" or items[place + 1].value not in MASSES:
        return None
    end = skip(items, place + 2, "unit", "how")
    follows = any(item.kind == "num" for item in items[end:])
    return end if items[end].kind in (".", ";") and follows else None


def _old_regimen(items: Sequence[Item], at: int) -> int | None:
    """The end of `DC 50 mg daily.` before `Start 50 mg BID`."""
    said = plain_dose(items, at + 1)
    end = skip(items, said[0], "adverb", "often", "part", "od", "route") if said else at
    begins = items[end + 1].key in ("start", "begin", "starting") if end else False
    told = said is not None and end > said[0] and items[end].kind in (".", ";")
    return end if told and begins and plain_dose(items, end + 2) else None


def _old_strength(items: Sequence[Item], at: int) -> int | None:
    """The end of `the 25 mg tablets.` that are stopped where another strength is started."""
    place = skip(items, at, "the", "your", "verb", "taking")
    if items[place].kind != "num" or items[place + 1].value not in MASSES:
        return None
    form = items[place + 2]
    if form.kind != "unit" or items[place + 3].kind not in (".", ";", ",", "end"):
        return None
    return place + 3


def stop(items: Sequence[Item], at: int) -> Said | None:
    """`stop`, `then stop`; with a length after it, when."""
    place = at + 1
    if items[skip(items, place, "on", ":")].kind == "date":
        past = items[at].key in _STOPPED
        if not past:
            return until(items, at)
        return past_date(items, skip(items, place, "on", ":")), "against", None
    if (end := _old_order(items, at)) is not None:
        return end, "advice", True
    if (end := _old_strength(items, place)) is not None:
        return end, "advice", True
    if items[at].key == "off" and items[skip(items, place, "on", "at", "the")].kind == "weekday":
        return place, "none", None  # "off weekends"
    if items[place].kind in ("after", "in") and (said := after(items, place)):
        return said[0], "stop", said[2]
    loose = at == 0 or items[at - 1].kind not in ("then", "and", ",")
    if (items[at].key == "off" and loose) or items[place].kind == "unknown":
        return None
    return place, "stop", None
