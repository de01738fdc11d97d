"""The JSON Schemas, by which an editor completes and checks the files of the knowledge."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from cds.commands.code_names import names_of_codes
from cds.commands.knowledge_schema import made
from cds.knowledge.written.files import files_in, in_form
from cds.knowledge.written.schema import NAMES

ROOT = Path(__file__).parents[2] / "cds" / "knowledge"
SCHEMA = ROOT / "schema"


class AsAnEditor(yaml.SafeLoader):
    """YAML as editors read it: numbers, true and false are no texts, and nothing else is."""


AsAnEditor.yaml_implicit_resolvers = {}
for kind, pattern, first in [
    ("bool", "true|false", "tf"),
    ("int", "-?[0-9]+", "-0123456789"),
    ("float", r"-?[0-9]+\.[0-9]+", "-0123456789"),
    ("null", "~?", ["~", ""]),
]:
    AsAnEditor.add_implicit_resolver(
        f"tag:yaml.org,2002:{kind}", re.compile(f"(?:{pattern})\\Z"), list(first)
    )


@cache
def validator(subject: str) -> Draft7Validator:
    schemas = {path.name: json.loads(path.read_text()) for path in SCHEMA.iterdir()}
    resources = [(name, Resource.from_contents(schema)) for name, schema in schemas.items()]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft7Validator(schemas[f"{subject}.schema.json"], registry=registry)


def mistakes(text: str) -> list[str]:
    """Where, and what the schema says."""
    data = yaml.load(text, AsAnEditor)
    found = validator(data.get("subject", "words")).iter_errors(data)
    return [f"{'.'.join(map(str, each.path))}: {each.message}" for each in found]


def test_the_schemas_are_those_of_the_models_and_names() -> None:
    on_disk = {path.name: path.read_text() for path in SCHEMA.iterdir()}
    assert on_disk.keys() == made().keys(), "run `make docs`"
    for name, text in made().items():
        assert on_disk[name] == text, f"{name}: run `make docs`"


@pytest.mark.parametrize("name", sorted(path.name for path in SCHEMA.iterdir()))
def test_a_schema_is_one(name: str) -> None:
    Draft7Validator.check_schema(json.loads((SCHEMA / name).read_text()))


@pytest.mark.parametrize("file", files_in(ROOT), ids=lambda file: file.stem)
def test_the_shipped_files_fit(file: Path) -> None:
    assert mistakes(in_form(file, ROOT, names_of_codes())[1]) == []


def test_the_lists_of_words_fit() -> None:
    text = (ROOT / "words.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=schema/words.schema.json\n")
    assert mistakes(text) == []
    (told,) = mistakes("shock:\n  words: [shock]\n  examples: [shock]\n")
    assert told == "shock: 'not' is a required property"


RIGHT = """\
subject: contraindications
facts:
- id: example
  sources: [DESIGN]
  status: proposal
  rules:
  - basis: [psy:C1]
    level: absolute
    severity: critical
    when:
      all:
      - condition:
          sets: [dementia]
          icd10cm:
            I71: Aortic aneurysm and dissection
            I72: ~
          within_days: 30
      - person: {age_below: 65}
"""
WRONG = [
    ("status: proposal", "status: verified", "facts.0.status: 'verified' is not one of"),
    ("level: absolute", "level: abslute", "facts.0.rules.0.level: 'abslute' is not one of"),
    ("[DESIGN]", "[DESING]", "facts.0.sources.0: 'DESING' is not one of"),
    ("[DESIGN]", "DESIGN", "facts.0.sources: 'DESIGN' is not of type 'array'"),
    ("[dementia]", "[dementja]", "all.0.condition.sets.0: 'dementja' is not one of"),
    ("within_days", "within_day", "Additional properties are not allowed ('within_day' was"),
    ("within_days: 30", "within_days: -1", "within_days: -1 is less than the minimum of 0"),
    ("within_days: 30", "within_days: 30 d", "within_days: '30 d' is not of type 'integer'"),
    ("condition:", "conditon:", "Additional properties are not allowed ('conditon' was"),
    ("  status: proposal\n", "", "facts.0: 'status' is a required property"),
    ("subject: contraindications\n", "subject: contraindications\nfact: []\n", "('fact' was"),
]


def test_what_is_right_fits() -> None:
    assert mistakes(RIGHT) == []


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG)
def test_an_editor_says_what_is_wrong(right: str, wrong: str, said: str) -> None:
    assert right in RIGHT
    (told,) = mistakes(RIGHT.replace(right, wrong, 1))
    assert said in told


def test_a_field_is_described_as_its_model_does() -> None:
    fact = json.loads((SCHEMA / "contraindications.schema.json").read_text())["definitions"]
    assert fact["Contraindication"]["properties"]["unverified"]["description"] == (
        "the part of a seen fact that was recalled or proposed"
    )
    assert fact["ConditionTest"]["description"].startswith("A diagnosis, by terminology sets")


def test_names_are_offered() -> None:
    names = json.loads((SCHEMA / NAMES).read_text())["definitions"]
    assert "dementia" in names["condition-set"]["enum"]
    assert "DESIGN" in names["source"]["enum"]
    assert "shock" in names["list-of-words"]["enum"]
    assert "ketamine" in names["ingredient"]["anyOf"][0]["enum"]
