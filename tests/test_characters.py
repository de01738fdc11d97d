"""What can't be seen is not read, and no number is another one for it."""

from __future__ import annotations

import sys
import unicodedata
from fractions import Fraction

import pytest

from cds.characters import as_seen
from cds.dosage.words import read_words


@pytest.fixture(scope="module")
def changed() -> dict[str, str]:
    """Each character of Unicode that is read as something else, and as what."""
    every = (chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000)
    return {c: read for c in every if (read := as_seen(c)) != c}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("keta\u200bmine", "ketamine"),  # zero-width space, and its kin
        ("keta\u200cmi\u200dne", "ketamine"),
        ("\ufeffketamine", "ketamine"),
        ("keta\u2060mine\u200e", "ketamine"),
        ("\u202eketamine\u202c \u2066IV\u2069", "ketamine IV"),
        ("keta\u00admine", "ketamine"),
        ("keta\x00mine\x07", "ketamine"),
        ("keta\ufe0fmine\U000e0101", "ketamine"),
        ("keta\u034fmine\u3164", "ketamine"),
        ("\U000e006bketamine", "ketamine"),  # a tag
        ("ｋｅｔａｍｉｎｅ　５０ｍｇ／ｍＬ", "ketamine 50mg/mL"),
        ("ＩＶ（４０ min）", "IV(40 min)"),
        ("𝐤𝐞𝐭𝐚𝐦𝐢𝐧𝐞 𝟓𝟎 𝚖𝚐", "ketamine 50 mg"),
        ("ﬂuoxetine, inﬂammation, ﬁne", "fluoxetine, inflammation, fine"),
        ("50㎎ in 5㎖, 3㎍, 70㎏", "50mg in 5ml, 3μg, 70kg"),
        ("no-break\u00a0space,\u2009thin\u3000wide\u2800blank", "no-break space, thin wide blank"),
        ("a line\u2028another\u0085third", "a line\nanother\nthird"),
        ("Me\u0301nie\u0300re", "Ménière"),
        # numbers and signs stay
        ("1½ tab", "1½ tab"),
        ("10⁶ cells, m², ¹", "10⁶ cells, m², ¹"),
        ("Ⅱ ① ㏠ ㎥ ¹⁄₂ ⅓", "Ⅱ ① ㏠ ㎥ ¹⁄₂ ⅓"),
        ("1º 2ª 5 µg Ω ℃ … ™ ®", "1º 2ª 5 µg Ω ℃ … ™ ®"),
        ("2\u00ad3 tablets, 2 \u00ad 3", "2-3 tablets, 2 - 3"),
        ("1–2, 1—2, −5, ×3", "1–2, 1—2, −5, ×3"),
        ("кетамин ٣", "кетамин ٣"),
        ("line\r\nline\n", "line\r\nline\n"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_read(written: str, read: str) -> None:
    assert as_seen(written) == read
    assert as_seen(read) == read


def test_no_character_changes_its_number(changed: dict[str, str]) -> None:
    """Of all that Unicode has: a numeric character stays, or becomes the digit of its value."""
    assert len(changed) > 1000
    for character, read in changed.items():
        here, there = unicodedata.numeric(character, None), [c for c in read if c.isnumeric()]
        assert (here is None and not there) or (
            [here] == [unicodedata.numeric(c) for c in there] and len(read) == 1
        ), hex(ord(character))


def test_what_can_be_seen_stays(changed: dict[str, str]) -> None:
    """Nothing is removed but format and control characters, fillers and selectors."""
    for character, read in changed.items():
        if not read:
            shown = unicodedata.category(character)
            assert shown in ("Cf", "Cc", "Mn", "Lo"), hex(ord(character))
            assert character not in "\t\n\r"
            if shown == "Lo":
                assert "FILLER" in unicodedata.name(character)


FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
INSTRUCTIONS = [
    ("take 1½ tabs daily", Fraction(3, 2)),
    ("take ½ tablet twice daily", Fraction(1)),
    ("take 1 1/2 tablets daily", Fraction(3, 2)),
    ("take 10 tablets daily", Fraction(10)),
    ("2 tablets 3 times a day", Fraction(6)),
    ("1-2 tablets daily", Fraction(1)),
    ("2.5 tablets once daily", Fraction(5, 2)),
]


@pytest.mark.parametrize(("text", "a_day"), INSTRUCTIONS)
@pytest.mark.parametrize(
    "respelled",
    [
        lambda text: text,
        lambda text: text.translate(FULL_WIDTH),
        "\u200b".join,
        lambda text: "\ufeff" + text + "\u200e",
        lambda text: text.replace("a", "a\u00ad").replace(" ", "\u00a0"),
    ],
)
def test_instructions_give_the_same_number(text: str, a_day: Fraction, respelled: object) -> None:
    assert callable(respelled)
    words = read_words(as_seen(respelled(text)))
    assert words.complete
    (take,) = words.steps[0].takes
    assert take.amount is not None
    assert take.amount.span.low * take.per_day.low == a_day


@pytest.mark.parametrize("text", ["10⁶ units daily", "take 1⁵ tablets daily", "② tabs daily"])
def test_a_power_is_no_amount(text: str) -> None:
    assert read_words(as_seen(text)) == read_words(text)
    assert not read_words(as_seen(text)).complete
