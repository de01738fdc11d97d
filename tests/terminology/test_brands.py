"""Brands that RxNorm does not hold: each is read, as what its line says, and none twice."""

from __future__ import annotations

from collections import Counter

from cds.terminology.codes.tables import DrugTable, read_table
from cds.terminology.lookup import Terminology
from cds.terminology.text.drug_brands import Brand, read_brands
from cds.terminology.text.drug_name_table import words_of
from tests.rows import check_each

BRANDS = tuple(read_brands())


def test_a_brand_is_read_as_its_ingredients(terminology: Terminology) -> None:
    def check(row: tuple[str, Brand]) -> None:
        name, line = row
        match = terminology.drug({"text": name})
        assert match is not None
        assert match.names == set(line.ingredients)
        assert match.route == (line.route or match.route)
        assert set(line.flags.split()) <= match.flags
        assert not terminology.is_other_drug([name])

    check_each([(name, line) for line in BRANDS for name in line.names], check)


def test_a_brand_stands_once_and_in_order() -> None:
    every = [name for line in BRANDS for name in line.names]
    assert [name for name, times in Counter(every).items() if times > 1] == []
    assert [line.names for line in BRANDS if list(line.names) != sorted(line.names)] == []


def test_the_tables_do_not_hold_a_brand_already() -> None:
    held = {words_of(brand) for brand in read_table(DrugTable, "rxnorm").brands}
    assert [n for line in BRANDS for n in line.names if words_of(n) in held] == []


def test_one_line_for_each_kind_of_product() -> None:
    kinds = Counter((b.ingredients, b.route, b.flags, b.classes, b.strengths) for b in BRANDS)
    assert [kind for kind, times in kinds.items() if times > 1] == []


def test_each_strength_has_a_number_for_each_ingredient() -> None:
    for line in BRANDS:
        for strength in line.strengths:
            assert len(strength.split("/")) == len(line.ingredients), line.names
