"""What can't be seen is not read, and no number is another one for it."""

from __future__ import annotations

import sys
import unicodedata
from fractions import Fraction

import pytest

from cds.characters import as_seen, as_shown, visible
from cds.dosage.words import read_words

KEPT_FOR_INVISIBLE = {chr(c) for c in (0x2065, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))}
"""Default_Ignorable_Code_Point of what is not assigned"""


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
        ("keta\U000e0fffmine\u2065\ufff3", "ketamine"),  # kept for more of their kind
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
        ("2\u00ad\u200b3, 2\u200b\u00ad\u00ad3, 2\u00ad x", "2-3, 2-3, 2 x"),
        ("5\u200b0 mg, 5\u00a00 mg", "50 mg, 5 0 mg"),  # as it is seen
        ("take \u202e05\u202c mg", "take \ufffd05 mg"),  # as which of both, nobody knows
        ("\u202eketamine\n5 mg", "ketamine\n5 mg"),
        ("\u202e\u202dketamine 5 mg\u202c 6", "\ufffdketamine 5 mg 6"),
        ("5\u03360 mg", "5\u03360 mg"),  # struck out
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
            assert shown in ("Cf", "Cc", "Mn", "Lo", "Cn") or character == "\U0001d159", hex(
                ord(character)
            )
            assert character not in "\t\n\r"
            if shown == "Cn":
                assert character in KEPT_FOR_INVISIBLE, hex(ord(character))
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


@pytest.mark.parametrize(
    "written",
    ["take \u202e02\u202c tablets daily", "take 2\u0336 tablets daily", "take 2\ue000 tabs daily",
     "take \ufffd2 tablets daily", "take 2\U000f0000 tabs daily", "\u202e2 tablets daily"],
    ids=ascii,
)  # fmt: skip
def test_a_number_that_is_not_seen_as_it_stands_is_not_read(written: str) -> None:
    """Turned round, struck out, or beside what has no glyph."""
    assert not read_words(as_seen(written)).complete


# --- what is shown -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\n\n b\tc\u2028d\u0085", "a b c d"),
        ("x\ue000y\U000f0001z\ufdd0\ud800", "x\ufffdy\ufffdz\ufffd\ufffd"),
        ("e\u0301\u0301\u0301\u0301 a\u0336", "\u00e9\u0301\u0301 a\u0336"),
        ("\u0338a \u20dd", "a \u20dd"),
        ("မြို့ ที่ שָׁ", "မြို့ ที่ שָׁ"),
        ("http://a.bc/d ftp://e //f", "http:/ /a. bc/d ftp:/ /e / /f"),
        ("www.a WwW.b awww.c www", "ww w.a ww w.b aww w.c ww w"),
        ("a@b.org @c 5 mg @ 8", "a@ b. org @ c 5 mg @ 8"),
        ("Dr.Li q.d. i.v. 0.5mg F33.2 1.5", "Dr. Li q.d. i.v. 0.5mg F33.2 1.5"),
        ("<b> </b> <!-- <? < 5 <5 a<b", "< b> < /b> < !-- < ? < 5 <5 a< b"),
        ("&lt; &#47; &#x2f; R&D; AT&T; a & b", "& lt; & #47; & #x2f; R&D; AT&T; a & b"),
        ("a\\.b c:\\d \\\\x \\", "a\\ .b c:\\d \\ \\x \\"),
        ("[a](b) [c][d] [e]: f [g] (h)", "[a] (b) [c] [d] [e] : f [g] (h)"),
    ],
)  # fmt: skip
def test_what_is_shown(written: str, shown: str) -> None:
    assert as_shown(written) == shown
    assert as_shown(shown) == shown


def test_of_all_that_unicode_has_only_what_is_seen_is_shown() -> None:
    many = {"Lo", "Cn", "Co"}  # of which a hundredth will do
    for code in range(sys.maxunicode + 1):
        if code > 0xFFF and code % 101 and unicodedata.category(chr(code)) in many:
            continue
        shown = visible(f"x{chr(code)}y")
        assert shown.isascii() or unicodedata.category(shown[1:2]) not in {
            "Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp",
        }, hex(code)  # fmt: skip
        assert shown.replace("\n", "").replace("\r", "").isprintable() or shown[1:2] == " "


def test_lines_stay_where_a_text_has_several() -> None:
    assert visible("a\u2028b\x1b[31m\n\u202ec") == "a\nb[31m\nc"
