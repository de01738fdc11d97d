"""JSON in and out: exact, bounded, and silent about what it read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds.fhir_json import as_number, as_quantity
from cds.limits import LONGEST_NUMBER
from cds.wire import InvalidJson, decode, encode, utf_8
from tests.work import processor_seconds


@pytest.mark.parametrize("text", ["0.50", "1.5", "35.10", "0.000001", "1e-3", "70"])
def test_a_number_goes_out_as_it_came(text: str) -> None:
    again = decode(encode(decode(text)))
    assert Decimal(str(again)) == Decimal(text)
    if "e" not in text:
        assert encode(decode(text)).decode() == text


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "{", "", "[1,]", b"\xff", "[" * 100_000],
)
def test_what_is_not_sensible_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidJson):
        decode(text)


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "1e308", "-4e60"])
def test_an_absurd_number_is_no_value_and_the_rest_is_read(text: str) -> None:
    read = decode(f'{{"value": {text}, "unit": "mg"}}')
    assert read["unit"] == "mg"
    assert as_number(read["value"]) is None
    assert as_quantity(read) is None
    assert encode(read["value"]) == text.encode(), "it goes out as it came"


@pytest.mark.parametrize(
    "form",
    ["%s", "[%s,%s]", '{"a":%s}', '{"%s":"%s","b":%s}', '["\\\\",%s]', '["\\"",%s]', '["-%s",%s]'],
)
@pytest.mark.parametrize("digits", [20, 100, 4300, 4301, 20_000])
@pytest.mark.parametrize(
    "number", ["%s", "-%s", "%s.5", "0.%s", "1e%s", "1e-%s", "1.5E+%s", "%se2"]
)
def test_a_number_of_any_length_goes_out_as_it_came(form: str, digits: int, number: str) -> None:
    written = number % ("7" * digits)
    if "e" in number.lower() and digits == 20 and not number.startswith("1"):
        return  # of a length that is read: the same number may be written in another way
    text = form.replace("%s", written)
    assert encode(decode(text)).decode() == text


@pytest.mark.parametrize(("more", "read"), [(-1, True), (0, True), (1, False)])
def test_the_length_of_a_number(more: int, read: bool) -> None:
    text = "0." + "3" * (LONGEST_NUMBER - 2 + more)
    assert isinstance(decode(text), Decimal) is read


def test_the_time_for_a_long_number_grows_with_its_length() -> None:
    for number in (
        "7" * 4_000_000,
        "7" * 4_000_000 + ".5",
        "0." + "3" * 4_000_000,
        "1e" + "9" * 4_000_000,
    ):
        assert processor_seconds(lambda text=number: decode(f"[{text}]")) < 1.0


def test_the_error_does_not_quote_what_was_read() -> None:
    with pytest.raises(InvalidJson) as caught:
        decode('{"name": "Rowan Ash" oops}')
    assert "Rowan" not in str(caught.value)


@pytest.mark.parametrize("letter", ["a", "ä", "€", "😀"])
def test_a_text_in_utf_8_is_told_whatever_its_length(letter: str) -> None:
    for length in (0, 1, 65_535, 65_536, 65_537, 200_000):
        text = f'"{letter * length}"'.encode()
        assert utf_8(text) == text
        assert utf_8(b"\xef\xbb\xbf" + text) == text, "its mark says nothing"


@pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80"])
@pytest.mark.parametrize("before", [0, 65_534, 65_535, 65_536, 100_000])
@pytest.mark.parametrize("after", [0, 1, 100_000])
def test_a_text_that_is_not_utf_8_is_refused(broken: bytes, before: int, after: int) -> None:
    with pytest.raises(InvalidJson, match="not UTF-8"):
        utf_8(b"x" * before + broken + b"x" * after)
