"""What is certain in a text, whatever else it says: for draft orders."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.dosage.words import found_in, read, read_words, stated_in
from cds.dosage.words import order_steps as two_steps


@pytest.mark.parametrize(
    ("text", "doses", "rates"),
    [
        ("35 mg IV over 40 minutes", ["35 mg"], []),
        ("0.5 mg/kg IV", ["0.5 mg/kg"], []),
        ("ketamine 20 mg/min", [], ["20 mg/min"]),
        ("5 mcg/kg/min", [], ["5 ug/kg/min"]),
        ("0.5 mg.kg-1", ["0.5 mg/kg"], []),
        ("0.5 mg kg^-1", ["0.5 mg/kg"], []),
        ("0.15 mg.kg-1.h-1", [], ["0.15 mg/kg/h"]),
        ("10 µg·kg⁻¹·min⁻¹", [], ["10 ug/kg/min"]),
        ("2 mg h-1", [], ["2 mg/h"]),
        ("5 mg day-1", ["5 mg"], []),
        ("0.3 mg per kg per hour", [], ["0.3 mg/kg/h"]),
        ("100 mg/24 hours SC", [], ["100 mg/24h"]),
        ("10 mL", ["10 mL"], []),
        ("1,000 mg", ["1000 mg"], []),
        ("2 sprays", ["2 {spray}"], []),
        ("give 0.5mg/kg (35mg)", ["0.5 mg/kg", "35 mg"], []),
        (".5 mg/kg", ["0.5 mg/kg"], []),
        ("35 mg from a 500 mg/10 mL vial", ["35 mg"], []),
        ("1 vial", ["1 {vial}"], []),
        ("room 12, bed 4", [], []),
        ("0 mg", [], []),
        ("0,5 mg/kg IV", ["0.5 mg/kg"], []),
        ("35,1 mg IV", ["35.1 mg"], []),
        ("½ mg/kg", ["0.5 mg/kg"], []),
        ("1½ mg/kg", ["1.5 mg/kg"], []),
        ("1 1/2 mg/kg", ["1.5 mg/kg"], []),
        ("1/2 mg/kg", ["0.5 mg/kg"], []),
        ("35mg", ["35 mg"], []),
        ("35 mgs", ["35 mg"], []),
        ("35 mg/40 min", ["35 mg"], []),
        ("0.5mg/kg/40min", ["0.5 mg/kg"], []),
        ("35 mg, max 70 mg", ["35 mg"], []),
        ("up to 60 mg", ["60 mg"], []),
        ("0.1 mg/kg/hr, titrate by 0.05 mg/kg/hr q8h", [], ["0.1 mg/kg/h"]),
        ("35 mg (0.5 mg/kg x 70.2 kg)", ["35 mg", "0.5 mg/kg"], []),
        ("", [], []),
    ],
)
def test_amounts(text: str, doses: list[str], rates: list[str]) -> None:
    written = stated_in(text)
    assert [str(q) for q in written.doses] == doses
    assert [str(q) for q in written.rates] == rates


@pytest.mark.parametrize(
    ("text", "strength"),
    [("50 mg/mL", "50 mg/mL"), ("500 mg/10 mL", "50 mg/mL"), ("1 g / 20 mL", "50 mg/mL"),
     ("10 mg/mL or 50 mg/mL", None), ("35 mg in 100 mL", None)],
)  # fmt: skip
def test_strength(text: str, strength: str | None) -> None:
    found = stated_in(text).concentration
    assert (None if found is None else str(found)) == strength


@pytest.mark.parametrize(
    ("text", "per_week"),
    [("twice weekly", 2), ("2x/week", 2), ("3 times per week", 3), ("three times a week", 3),
     ("weekly", 1), ("once a week", 1), ("every 2 weeks", "0.5"), ("q3days", None),
     ("every other day", "3.5"), ("daily", 7), ("BID", 14), ("every 8 hours", 21),
     ("monthly", None), ("35 mg", None)],
)  # fmt: skip
def test_frequency(text: str, per_week: object) -> None:
    per_day = stated_in(text).per_day
    if per_week is not None:
        assert per_day is not None
        assert per_day * 7 == Decimal(str(per_week))
    elif text == "35 mg":
        assert per_day is None


@pytest.mark.parametrize(
    ("text", "weeks", "sessions"),
    [("for 3 weeks", 3, None), ("x 2 weeks", 2, None), ("for 2-3 weeks", 3, None),
     ("for 14 days", 2, None), ("x 6 infusions", None, 6), ("six sessions", None, 6),
     ("series of 6 treatments", None, 6), ("x6", None, 6), ("for 4 hours", None, None)],
)  # fmt: skip
def test_length_of_the_course(text: str, weeks: int | None, sessions: int | None) -> None:
    written = stated_in(text)
    assert written.weeks == weeks
    assert written.sessions == sessions


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("over 40 minutes", 40), ("over 40-60 min", 40), ("over 4 hours", 240), ("over 60 sec", 1),
     ("over 1.5 h", 90), ("for 3 weeks", None), ("over about 40 min", 40)],
)  # fmt: skip
def test_time_of_one_session(text: str, minutes: int | None) -> None:
    assert stated_in(text).duration_min == minutes


@pytest.mark.parametrize(
    ("text", "routes"),
    [("35 mg IV", ["intravenous"]), ("i.v.", ["intravenous"]), ("35 mg IM", ["intramuscular"]),
     ("SC infusion", ["subcutaneous"]), ("by mouth", ["oral"]), ("SL troche", ["sublingual"]),
     ("56 mg IN", ["intranasal"]), ("35 mg in 100 mL", []),
     ("IV or IM", ["intravenous", "intramuscular"]),
     ("oxygen by nasal cannula", []), ("in each nostril", ["intranasal"])],
)  # fmt: skip
def test_routes(text: str, routes: list[str]) -> None:
    assert list(stated_in(text).routes) == routes


@given(st.text(max_size=60))
def test_any_text_is_read_or_left_alone(text: str) -> None:
    written = stated_in(text)
    assert all(q.value > 0 for q in (*written.doses, *written.rates))


@pytest.mark.parametrize(
    "text",
    ["1.000 mg", "1.000,5 mg", "05 mg/kg", "3/8 mg", "1e3 mg", "0.5 mg/lb", "0.5 mg / m2",
     "\u221235 mg", "70-35 mg", "3 mg/kg/fortnight"],
)  # fmt: skip
def test_what_can_be_read_two_ways_or_not_at_all_is_a_problem_and_no_number(text: str) -> None:
    written = stated_in(f"{text} IV over 40 min")
    assert written.doses == ()
    assert written.rates == ()
    assert written.unread


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("over 40min", 40), ("over 1 hour 30 minutes", 90), ("over 1h and 15 min", 75),
     ("over forty-five minutes", 45), ("over half an hour", 30), ("over an hour", 60),
     ("over 40 m", 40), ("over 40'", 40), ("over 40-60 minutes", 40), ("over 0 min", None)],
)  # fmt: skip
def test_times_in_other_spellings(text: str, minutes: int | None) -> None:
    assert stated_in(f"35 mg IV {text}").duration_min == minutes


@pytest.mark.parametrize(
    ("text", "per_week", "sessions", "weeks"),
    [("TIW x 2 wks", 3, None, 2), ("BIW x 3 wk", 2, None, 3), ("x6", None, 6, None),
     ("q2d", Fraction(7, 2), None, None), ("QOD", Fraction(7, 2), None, None),
     ("Mon/Wed/Fri for 2 weeks", 3, None, 2), ("M/W/F", 3, None, None),
     ("wkly x 4", 1, 4, None), ("for 3 weekly infusions", 1, None, None),
     ("twice a week for three weeks", 2, None, 3), ("may repeat x1", None, None, None),
     ("twice weekly for 3 weeks, then weekly x 4", 2, None, 3),
     ("0.5 mg/kg x 70.2 kg", None, None, None)],
)  # fmt: skip
def test_courses(
    text: str, per_week: Fraction | int | None, sessions: int | None, weeks: int | None
) -> None:
    written = stated_in(f"35 mg IV over 40 min {text}")
    assert (None if written.per_day is None else written.per_day * 7) == per_week
    assert (written.sessions, written.weeks) == (sessions, weeks)
    assert written.single is None


def test_a_bolus_and_then_an_infusion_are_two_steps() -> None:
    text = "0.3 mg/kg IV bolus, then 0.2 mg/kg/h"
    assert two_steps(text) == ("0.3 mg/kg IV bolus", "0.2 mg/kg/h")
    assert two_steps("20 mg then 40 mg IV over 40 min") == ("20 mg then 40 mg IV over 40 min",)


@pytest.mark.parametrize(
    ("text", "doses", "minutes"),
    [("100 mg SL: do not swallow for 10 minutes then spit", ["100 mg"], None),
     ("100 mg troche SL, hold in mouth 10 min", ["100 mg"], None),
     ("40 mg IV, flush 10 mL NS over 2 min after infusion; infusion time 40 min", ["40 mg"], 40),
     ("40 mg IV over 40 min, flush with 10 mL NS", ["40 mg"], 40),
     ("40 mg IV over 40 min followed by 10 mL flush", ["40 mg"], 40),
     ("40 mg IV over 40 min followed by 10 mL NS flush over 5 min", ["40 mg"], 40),
     ("40 mg IV over 40 min. Monitor BP every 10 min and observe for 2 hours", ["40 mg"], 40),
     ("40 mg IV over 40 min, vitals q15min", ["40 mg"], 40),
     ("40 mg IV over 40 min. NPO 8 hours before", ["40 mg"], 40),
     ("40 mg IV over 40 min; discontinue if SBP > 180 for 10 min", ["40 mg"], 40),
     ("Rinse with 30 mL water. 100 mg SL", ["100 mg"], None),
     ("50 mg PO with 100 mL water", ["50 mg"], None),
     ("50 mg PO for 30 minutes", ["50 mg"], None),
     ("50 mg IV for 30 minutes", ["50 mg"], 30),
     ("20 mL/hr for 4 hours", [], 240),
     ("40-minute infusion of 35 mg", ["35 mg"], 40)],
)  # fmt: skip
def test_words_that_are_no_dosing_give_no_dosing_values(
    text: str, doses: list[str], minutes: int | None
) -> None:
    stated = stated_in(text)
    assert [str(q) for q in stated.doses] == doses
    assert stated.duration_min == minutes
    assert (stated.per_day, stated.volume, stated.diluent) == (None, None, None)


@pytest.mark.parametrize(
    "text",
    ["Monitor BP. Give 500 mg IV push", "Monitor BP every 10 min, give 500 mg IV push",
     "Do not drive. 500 mg IV push", "vitals q15min then 500 mg IV push",
     "Check ID and give 500 mg IV push", "flush line, then 500 mg IV push"],
)  # fmt: skip
def test_advice_never_hides_a_dose(text: str) -> None:
    stated = stated_in(text)
    assert [str(q) for q in stated.doses] == ["500 mg"]
    assert stated.method == "push"
    assert stated.per_day is None


@pytest.mark.parametrize(
    ("text", "volume", "diluent"),
    [("ketamine 500 mg in sodium chloride 0.9 % 250 mL", "250 mL", "sodium chloride 0.9 %"),
     ("ketamine 250 mg in D5W 250 mL IVPB", "250 mL", "D5W"),
     ("35 mg in 100 mL of normal saline", "100 mL", "normal saline"),
     ("35 mg diluted in 100 mL", "100 mL", "diluent"), ("35 mg, diluted", None, "diluent"),
     ("35 mg (0.7 mL)", None, None)],
)  # fmt: skip
def test_what_a_dose_is_made_up_to(text: str, volume: str | None, diluent: str | None) -> None:
    stated = stated_in(text)
    assert (None if stated.volume is None else str(stated.volume)) == volume
    assert stated.diluent == diluent


@pytest.mark.parametrize(
    ("text", "maximum"),
    [("0.5 mg/kg IV (max 50 mg)", "50 mg"), ("0.5 mg/kg, maximum dose: 50 mg", "50 mg"),
     ("0.5 mg/kg, not to exceed 50 mg", "50 mg"), ("0.5 mg/kg up to 50 mg", "50 mg"),
     ("0.5 mg/kg, max 100 mg/day", None), ("0.5 mg/kg, max daily dose 100 mg", None),
     ("0.5 mg/kg, max 3 times a day", None), ("0.5 mg/kg", None)],
)  # fmt: skip
def test_a_maximum_beside_the_dose_is_no_dose(text: str, maximum: str | None) -> None:
    stated = stated_in(text)
    assert [str(q) for q in stated.doses] == ["0.5 mg/kg"]
    assert (None if stated.maximum is None else str(stated.maximum)) == maximum


@pytest.mark.parametrize("text", ["run 35 mg over 24 hours", "24-hour infusion of 35 mg"])
def test_a_run_of_a_day_is_no_frequency(text: str) -> None:
    stated = stated_in(text)
    assert (stated.duration_min, stated.per_day, stated.continuous) == (1440, None, True)


@pytest.mark.parametrize("hours", ["23.5", "24", "25"])
def test_continuous_from_a_day_on(hours: str) -> None:
    stated = stated_in(f"35 mg over {hours} hours")
    assert stated.continuous == (True if Decimal(hours) >= 24 else None)


@pytest.mark.parametrize(
    ("text", "method"),
    [("ketamine 500 mg IV push x1", "push"), ("give 35 mg IVP", "push"), ("35 mg IVPB", "infusion"),
     ("ketamine infusion - do not bolus", "infusion"), ("40 mg IV, not for IV push", None),
     ("Ketamine gtt 3 mg/kg/min", "infusion"), ("35 mg bolus, then infusion", "bolus")],
)  # fmt: skip
def test_methods(text: str, method: str | None) -> None:
    assert stated_in(text).method == method


def test_a_name_or_a_note_that_holds_the_dose() -> None:
    assert [str(q) for q in stated_in("Ketamine gtt 3 mg/kg/min").rates] == ["3 mg/kg/min"]
    assert [str(q) for q in stated_in("GIVE 5 MG/KG IV").doses] == ["5 mg/kg"]
    named = stated_in("ketamine 500 mg IV push x1")
    assert (named.single, named.sessions, named.routes) == (True, 1, ("intravenous",))
    assert stated_in("Theo-24 300 mg capsule").doses == stated_in("300 mg").doses


@pytest.mark.parametrize(
    ("text", "sprays"),
    [("1 spray each nostril", "2 {spray}"), ("1 spray in each nostril bid", "2 {spray}"),
     ("2 sprays into each nostril", "4 {spray}"), ("2 sprays in one nostril", "2 {spray}")],
)  # fmt: skip
def test_sprays_into_each_nostril_are_twice_as_many(text: str, sprays: str) -> None:
    stated = stated_in(text)
    assert [str(q) for q in stated.doses] == [sprays]
    assert stated.routes == ("intranasal",)


@pytest.mark.parametrize(
    ("text", "doses", "high", "per_day"),
    [("50 mg po bid", ["50 mg"], None, 2), ("half a tablet daily", ["0.5 {tablet}"], None, 1),
     ("1-2 tablets every 4-6 hours", ["1 {tablet}"], "2 {tablet}", 6),
     ("35 mg every morning", ["35 mg"], None, 1), ("35 mg in the morning", ["35 mg"], None, None),
     ("35 mg qam and qhs", ["35 mg"], None, 2), ("35 mg biweekly", ["35 mg"], None, "1/14"),
     ("2 x 28 mg, 2 per week", ["56 mg"], None, "2/7"), ("35 mg daily bid", ["35 mg"], None, 1),
     ("one troche at bedtime", ["1 {lozenge}"], None, 1), ("35 mg with meals", ["35 mg"], None, 3)],
)  # fmt: skip
def test_the_words_of_a_history_are_known_here_too(
    text: str, doses: list[str], high: str | None, per_day: object
) -> None:
    stated = stated_in(text)
    assert [str(q) for q in stated.doses] == doses
    assert (None if stated.high is None else str(stated.high)) == high
    assert stated.per_day == (None if per_day is None else Fraction(str(per_day)))


def test_a_text_is_gone_through_once_for_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an instruction, for what is certain in it, for its steps and for its pieces."""
    text = "37 mg IV over 41 minutes, twice weekly for 3 weeks, as nobody has written it before"
    done: list[str] = []

    def counted(name: str) -> None:
        real = getattr(read, name)
        monkeypatch.setattr(read, name, lambda *given: done.append(name) or real(*given))

    counted("tokens")
    counted("with_remarks")
    for ask in (read_words, stated_in, two_steps, found_in, read_words, stated_in):
        ask(text)
    assert sorted(done) == ["tokens", "with_remarks"]
