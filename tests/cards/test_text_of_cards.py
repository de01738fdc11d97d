"""How a card's text is put together: its pieces, what is cut, escaped, said once and left out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from made import finding, missing

from cards.budget import within, words
from cards.evidence import in_words
from cards.lines import Line, Part, Worth, kept, line, markdown
from cards.model import Card
from cards.parts import lines_of, noted, spoken, summary_of, told
from cards.words import (
    CHART_TEXT_LIMIT,
    MOST_NAMED,
    SUMMARY_LIMIT,
    Wording,
    escape_markdown,
    inert,
    listed,
    plain_line,
    say,
    shorten,
)
from cds.assessment.model import ChartText
from cds.knowledge.model.base import Fact
from cds.units import Quantity
from tests.rows import check_each

FOUND, EVIDENCE, ADVICE, MORE, STEPS = Worth

# --- lines ----------------------------------------------------------------------------------------


def test_lines_are_a_list() -> None:
    two: tuple[Line, ...] = ((Part("a"), Part("b", MORE)), (), line("c", ADVICE))
    assert markdown(two) == "- a b\n- c"
    assert markdown(()) == ""
    assert line("c") == (Part("c", FOUND),)


@pytest.mark.parametrize(
    ("worth", "left"),
    [
        (FOUND, "- f"), (EVIDENCE, "- f e"), (ADVICE, "- f e a"), (MORE, "- f e a m"),
        (STEPS, "- f e a m\n- s"),
    ],
)  # fmt: skip
def test_what_is_worth_less_is_left_out(worth: Worth, left: str) -> None:
    first = tuple(Part(w.name[0].lower(), w) for w in (FOUND, EVIDENCE, ADVICE, MORE))
    assert markdown(kept((first, line("s", STEPS)), worth)) == left
    assert all(kept((first, line("s", STEPS)), worth))


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("a" * 10, 10, "a" * 10),
        ("a" * 11, 10, "a" * 9 + "…"),
        ("aaaa bbbb c", 10, "aaaa bbbb…"),
        ("aaaaaa bbbb", 10, "aaaaaa…"),
        ("aaa bbbbbbbb", 10, "aaa bbbbb…"),  # a word that begins in the first half is cut
        ("aaaaa, bbbbb", 10, "aaaaa…"),
        ("aaaaa; bbbbb", 10, "aaaaa…"),
        ("aaaaa: bbbbb", 10, "aaaaa…"),
    ],
)
def test_shortened(text: str, limit: int, short: str) -> None:
    assert shorten(text, limit) == short


def test_the_limits() -> None:
    assert (SUMMARY_LIMIT, CHART_TEXT_LIMIT) == (139, 120)
    for count, length in ((138, 138), (139, 139), (140, 139)):
        assert len(shorten("x" * count)) == length
    for count, length in ((119, 119), (120, 120), (121, 120)):
        assert len(plain_line("x" * count)) == length
        assert len(escape_markdown("x" * count)) == length


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n b\t\u200bc ", "a b c"), ("\x00a", "a"), ("a\u202eb", "ab"),
        ("`a*b_c[d]e#f|g~h\\", "\\`a\\*b\\_c\\[d\\]e\\#f\\|g\\~h\\\\"),
        ("<b>&", "&lt; b&gt;&amp;"), ("$a$ :b: c: d", "\\$a\\$ \\:b: c: d"), ("- a", "\\- a"),
        ("http://x www.y a@b", "http:/ /x ww w.y a@ b"), ("&lt; a_b.com", "&amp; lt; a\\_b. com"),
    ],
)  # fmt: skip
def test_chart_text_is_inert(text: str, shown: str) -> None:
    assert escape_markdown(text) == shown


def test_a_list_of_names_ends_where_nobody_reads_on() -> None:
    assert MOST_NAMED == 100
    for count, end in (
        (1, "0"),
        (99, "98"),
        (100, "99"),
        (101, "and 1 more"),
        (500, "and 400 more"),
    ):
        named = listed(map(str, range(count)), "; ").split("; ")
        assert named[-1] == end
        assert named[:-1] == [str(n) for n in range(min(count, MOST_NAMED + 1) - 1)]
    found = [f"aneurysm {n}" for n in range(500)]
    words = say("contradicted-drugs", {"said": [ChartText(name) for name in found]})
    assert words.whole.endswith("aneurysm 99; and 400 more")
    (parts,) = told([finding("shock", found=tuple(found))])
    assert "; and 399 more. With" in " ".join(part.text for part in parts)


WORDINGS: list[tuple[str, dict[str, object], Wording]] = [
    (
        "shock", {"found": [ChartText("low_pressure")]},
        Wording(
            "Risk of circulatory failure: low_pressure",
            "Risk of circulatory failure: low_pressure",
            (Part("With exhausted catecholamines ketamine can depress the heart instead of driving"
                  " it.", ADVICE),),
        ),
    ),
    (
        "lithium", {"found": [ChartText("lithium")]},
        Wording("No interaction found: lithium", "No interaction found: lithium",
                (Part("Keep it unchanged.", ADVICE),), good=True),
    ),
    (
        "psychotic-features", {"condition": ChartText("a_b"), "since": "2020", "doubt": None},
        Wording(
            "Psychotic depression on record: not a routine candidate, psychiatric consultation"
            " first",
            "Psychotic depression on record: not a routine candidate, psychiatric consultation"
            " first",
            (Part("a\\_b (2020).", FOUND),),
            background="The pivotal trials left psychosis out; where it was allowed,"
            " electroconvulsive therapy did better (single or mixed randomised trials).",
        ),
    ),
    (
        "order-salt", {"bound": Quantity(Decimal("0.50"), "mg/kg"), "factor": Decimal("1.1500")},
        Wording(
            "Strength stated as the hydrochloride, near the limit of 0.5 mg/kg: salt or base?",
            "Strength stated as the hydrochloride, near the limit of 0.5 mg/kg: salt or base?",
            (Part("1.15 mg of the hydrochloride hold 1 mg of ketamine base. Doses and limits are of"
                  " base.", ADVICE),),
        ),
    ),
]  # fmt: skip


def test_wordings() -> None:
    def check(row: tuple[str, dict[str, object], Wording]) -> None:
        assert say(row[0], row[1]) == row[2]

    check_each(WORDINGS, check, name=lambda row: row[0])


def test_one_wording_for_another() -> None:
    params = {"worded_as": "shock", "found": ["x"], "unknown": 1}
    assert say("airway", params) == say("shock", {"found": ["x"]})


def test_a_long_summary_is_cut_and_stands_whole_beside_it() -> None:
    names = [ChartText(f"drug {n} of the record") for n in range(8)]
    words = say("contradicted-drugs", {"said": [ChartText("x " * 50), *names]})
    assert words.summary == f"Code and name of a medication disagree: {'x ' * 48}x…"
    assert words.whole.endswith("drug 6 of the record; drug 7 of the record")


def test_everything_beside_the_summary() -> None:
    whole = Wording("s", "s", (Part("a"), Part("b", MORE)), background="c")
    assert whole.detail == "a\nb\nc"
    assert Wording("s", "s", ()).detail == ""


# --- findings together ----------------------------------------------------------------------------

SHOCK, AIRWAY = finding("shock", found=("low",)), finding("airway", found=("asthma",))
LONG = finding("shock", found=("x" * 119,))


def test_a_summary_counts_the_others() -> None:
    assert summary_of([SHOCK]) == "Risk of circulatory failure: low"
    assert summary_of([SHOCK, AIRWAY]) == "Risk of circulatory failure: low (+1 more)"
    assert summary_of([SHOCK, SHOCK]) == "Risk of circulatory failure: low"
    longer = summary_of([LONG, AIRWAY, finding("porphyria")])
    assert (len(longer), longer[-11:]) == (139, "x… (+2 more)"[-11:])


def test_each_finding_is_a_line_and_the_first_is_not_named_again() -> None:
    why = "With exhausted catecholamines ketamine can depress the heart instead of driving it."
    advice = "Laryngospasm is more likely; wait until it is over."
    wait = f"**Postpone an elective session: asthma** {advice}"
    assert markdown(told([SHOCK, AIRWAY])) == f"- {why}\n- {wait}"
    named = "**Risk of circulatory failure: low**"
    assert markdown(told([SHOCK, AIRWAY], headed=True)) == f"- {named} {why}\n- {wait}"
    assert [part.worth for part in told([SHOCK, AIRWAY])[1]] == [FOUND, ADVICE]


@pytest.mark.parametrize(
    ("found", "also"),
    [
        (("low", "cold"), "Found: cold. "),
        (("low", "LOW"), ""),
        (("low", "cold", "p_le"), "Found: cold; p\\_le. "),
        (("low", "heart"), ""),  # the advice says it
    ],
)
def test_what_the_summary_does_not_name_is_named_beside_it(
    found: tuple[str, ...], also: str
) -> None:
    (parts,) = told([finding("shock", found=found)])
    text = " ".join(part.text for part in parts)
    assert text.startswith(f"{also}With exhausted")
    words = say("shock", {"found": found})
    named = " ".join(part.text for part in noted(finding("shock", found=found), words))
    assert named == f"Risk of circulatory failure: low {also}".strip()


def test_a_summary_that_was_cut_stands_whole_in_the_first_line() -> None:
    named = ", ".join(f"drug {n} of the record" for n in range(9))
    (first, *_) = told([finding("contradicted-drugs", params={"said": [named]}, found=())])[0]
    assert first == Part(f"Code and name of a medication disagree: {named}.", FOUND)
    assert told([SHOCK])[0][0].worth is ADVICE


@pytest.mark.parametrize(
    ("fields", "doubted"),
    [
        ({}, False), ({"verified": False}, True), ({"verified": False, "kind": "missing"}, False),
    ],
)  # fmt: skip
def test_what_no_source_was_read_for_says_so(fields: dict[str, object], doubted: bool) -> None:
    made = finding("shock", **{"kind": "caution", **fields})  # type: ignore[arg-type]
    ((*_, last),) = told([made])
    assert (last == Part("_(no source was read for this)_")) is doubted


def test_what_has_nothing_to_say_has_no_line_and_no_doubt() -> None:
    silent = finding("breastfeeding-not-stated", verified=False)
    assert told([silent]) == ()


def test_each_finding_is_spoken_once() -> None:
    twice = [SHOCK, finding("shock", found=("low",), order="MedicationRequest/b"), AIRWAY]
    assert [f.id for f, _ in spoken(twice)] == ["shock", "airway"]
    assert [f.order for f, _ in spoken(twice)] == [None, None]


def test_a_part_of_several_lines() -> None:
    assert lines_of(Wording("s", "s", (Part("a\nb", EVIDENCE), Part("c")))) == (
        (Part("a", EVIDENCE),), (Part("b", EVIDENCE),), (Part("c"),),
    )  # fmt: skip


def test_a_long_text_of_a_finding_is_one_line() -> None:
    (parts,) = told([missing("weight", last="2026-08-01", days=113)])
    assert "\n" not in markdown([parts])


# --- the words of an answer -----------------------------------------------------------------------


def test_the_words_of_summary_and_detail_count() -> None:
    assert words([Card("stop", "a b", "critical", (line("c d"),), ())]) == 5


@pytest.mark.parametrize(
    ("worth", "least"), [(ADVICE, 5), (EVIDENCE, 5), (MORE, 10), (STEPS, 10), (FOUND, 0)]
)
def test_where_general_text_goes(worth: Worth, least: int) -> None:
    """5 words with the text, 3 without: good to know goes where an answer fills half the limit."""
    card = Card("safety", "a", "info", (line("b"), line("c", worth)), ())
    for limit in (least - 1, least, least + 1):
        left = 3 if worth is not FOUND and limit < least else 5
        assert words(within([card], limit)) == left


# --- grades of evidence ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "basis", "words"),
    [
        (None, ("psy:a",), ""),
        ("A", ("psy:a",), "randomised trials (A)"),
        ("B", ("psy:a", "pain:b"), "single or mixed randomised trials (B)"),
        ("B", ("pain:b",), "guideline grade B, of A to D"),
        ("B, low", ("pain:b",), "guideline grade B, low certainty"),
        ("B, low certainty", ("psy:b",), "guideline grade B, low certainty"),
        ("B, moderate", (), "guideline grade B, moderate"),
        ("Z", (), "Z"),
    ],
)
def test_a_grade_in_words(grade: str | None, basis: tuple[str, ...], words: str) -> None:
    assert in_words(Fact(id="x", grade=grade, basis=basis, status="seen")) == words


def test_inert_text_is_not_shortened() -> None:
    assert inert("x" * 500) == "x" * 500
