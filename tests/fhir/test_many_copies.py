"""Which copies are of one thing: the same as comparing each with each, in linear time."""

from __future__ import annotations

import random

from cds.fhir.record import copies
from cds.fhir.record.copies import Found
from tests.work import calls_made

DAYS, NAMES = ("2026-01-01", "2026-01-02", "2026-01-03"), ("weight", "height", "pulse")


def observation(chance):
    named = chance.sample(NAMES, chance.choice([0, 1, 1, 2]))
    resource = {"resourceType": "Observation", "id": "a", "code": {"coding": [], "text": ""}}
    resource["code"]["coding"] = [{"display": name} for name in named]
    if chance.random() < 0.7:
        resource["effectiveDateTime"] = chance.choice(DAYS)
    if chance.random() < 0.2:
        resource["effectivePeriod"] = {"start": chance.choice(DAYS)}
    return Found(resource)


def each_with_each(found):
    """The groups that are joined by pairs which may be one."""
    groups = []
    for one in found:
        mine = [group for group in groups if any(may_be_one(one, other) for other in group)]
        groups = [group for group in groups if group not in mine]
        groups.append([*(other for group in mine for other in group), one])
    return {frozenset(map(id, group)) for group in groups}


def may_be_one(one, other):
    abouts = [copies._about(found.resource) for found in (one, other)]
    days = [copies._days(found.resource) for found in (one, other)]
    return all(not a or not b or a & b for a, b in (abouts, days))


def test_the_same_groups_as_by_comparing_all():
    chance = random.Random(4)
    for _ in range(1_500):
        found = [observation(chance) for _ in range(chance.randint(2, 7))]
        made = {frozenset(map(id, thing)) for thing in copies._things(found)}
        assert made == each_with_each(found), [one.resource for one in found]


def test_many_under_one_id_take_a_time_that_grows_with_their_number():
    def work(count):
        chance = random.Random(5)
        found = [observation(chance) for _ in range(count)]
        for number, one in enumerate(found):
            one.resource["code"]["text"] = f"thing {number}"
        return calls_made(lambda: list(copies.kept(found, [])))

    assert work(800) < 5 * work(200)
