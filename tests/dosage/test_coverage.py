"""The share of a site's instructions that is read, and what of the others may be shown."""

from __future__ import annotations

import pytest

from cds.dosage.coverage import instruction_coverage


def order(text: str, patient: str = "p1") -> tuple[str, str]:
    return patient, text


def shapes(*texts: str) -> list[str]:
    return [shape for shape, _ in instruction_coverage([order(text) for text in texts]).unread]


def test_texts_are_counted_by_outcome() -> None:
    found = instruction_coverage([
        order("1 tablet daily"), order("2 tablets bid"), order("as directed"),
        order("1 tablet xyzzy"),
    ])  # fmt: skip
    assert found.outcomes == {"read in full": 2, "tells nothing": 1, "not read in full": 1}
    assert found.share == pytest.approx(2 / 3)


def test_no_text_has_no_share() -> None:
    assert instruction_coverage([]).share is None


@pytest.mark.parametrize(
    ("text", "shape"),
    [("1 tablet Smith daily", "# tablet ▢ daily"),
     ("1 tablet for Mary Smith when 9 xyzzy", "# tablet (reason) when # ▢"),
     ("1 tablet daily xyzzy. Call Dr. Smith 555-123-4567", "# tablet daily ▢ . (advice)"),
     ("1 tablet daily as directed by Dr. Smith xyzzy 3", "# tablet daily as directed by dr . ▢ #"),
     ("1 tablet prn Mary xyzzy 9", "# tablet as needed (reason) #"),
     ("1 tablet xyzzy, starting Tue 6/11/2024", "# tablet ▢ , (date)"),
     ("1 tablet xyzzy June 3, 2024", "# tablet ▢ (date) # , #"),
     ("Jane Doe DOB 1/2/1960 1 tablet daily", "▢ (date) # tablet daily")],
)  # fmt: skip
def test_what_could_identify_somebody_never_leaves(text: str, shape: str) -> None:
    assert shapes(text) == [shape]


@pytest.mark.parametrize("name", ["Smith", "Janković", "O'Neill", "MRN", "john@example.org"])
@pytest.mark.parametrize(
    "text",
    ["1 tablet daily {}", "{} 1 tablet daily", "1 tablet for {} xyzzy then 9",
     "1 tab daily until reviewed by {} xyzzy", "take as directed by {} 1 xyzzy",
     "1 tab xyzzy prescriber: {}", "1 tab xyzzy (was {})", "notify {} 1 tab xyzzy",
     "1 tab xyzzy to help {}", "stop {} 1 tab xyzzy"],
)  # fmt: skip
def test_a_name_never_leaves_wherever_it_stands(text: str, name: str) -> None:
    for shape in shapes(text.format(name)):
        assert name.lower() not in shape.lower()


@pytest.mark.parametrize("phone", ["555-123-4567", "(555) 123 4567", "07700 900123"])
def test_a_telephone_number_never_leaves(phone: str) -> None:
    (shape,) = shapes(f"1 tablet daily xyzzy {phone}")
    assert not any(map(str.isdigit, shape))


@pytest.mark.parametrize(
    ("patients", "shown"), [(2, "# tablet ▢"), (3, "# tablet xyzzy"), (4, "# tablet xyzzy")]
)
def test_an_unknown_word_is_shown_from_three_patients_on(patients: int, shown: str) -> None:
    found = instruction_coverage([order("1 tablet Xyzzy", f"p{n}") for n in range(patients)])
    assert found.unread == ((shown, patients),)


def test_many_orders_of_one_patient_are_one_patient() -> None:
    found = instruction_coverage([order("1 tablet Xyzzy") for _ in range(9)])
    assert found.unread == (("# tablet ▢", 9),)


def test_the_most_frequent_stands_first() -> None:
    assert shapes("1 tab xyzzy", "2 caps xyzzy", "3 caps xyzzy") == ["# caps ▢", "# tab ▢"]
