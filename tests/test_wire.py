"""JSON in and out: exact, bounded, and silent about what it read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds.wire import InvalidJson, decode, encode


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
    assert decode(f'{{"value": {text}, "unit": "mg"}}') == {"value": None, "unit": "mg"}


def test_the_error_does_not_quote_what_was_read() -> None:
    with pytest.raises(InvalidJson) as caught:
        decode('{"name": "Rowan Ash" oops}')
    assert "Rowan" not in str(caught.value)
