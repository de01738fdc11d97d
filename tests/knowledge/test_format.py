"""The one form of the knowledge files: what it makes of what people write, and loses nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cds.cli import main
from cds.commands.code_names import names_of_codes
from cds.knowledge.model.base import Fact, Source
from cds.knowledge.model.contraindications import Contraindication
from cds.knowledge.model.parameters import Parameter
from cds.knowledge.written import Unreadable, files, formatted
from cds.knowledge.written.files import files_in, in_form
from cds.knowledge.written.scalars import WIDTH

SHIPPED = Path(__file__).parents[2] / "cds" / "knowledge"
HEAD = "subject: x\nfacts:\n\n"


def form(entry: str, model: type[Fact] | type[Source] = Contraindication) -> str:
    """An entry in its form, without the head of its file."""
    made = formatted(HEAD + entry, model, names_of_codes())
    assert made.startswith(HEAD)
    return made.removeprefix(HEAD)


FORMS = {
    "a single value of a list": ("- id: a\n  sources: DESIGN\n", "- id: a\n  sources: [DESIGN]\n"),
    "quotes that are not needed": (
        "- id: 'a'\n  note: \"0.5\"\n  status: 'seen'\n",
        "- id: a\n  note: 0.5\n  status: seen\n",
    ),
    "quotes that are": ('- id: a\n  note: "one: two"\n', "- id: a\n  note: 'one: two'\n"),
    "an apostrophe in quotes": (
        "- id: a\n  note: 'one: the label''s'\n",
        '- id: a\n  note: "one: the label\'s"\n',
    ),
    "a mapping in braces": (
        "- {id: a, status: seen, rules: []}\n",
        "- id: a\n  status: seen\n  rules: []\n",
    ),
    "an alias": (
        "- id: a\n  basis: &rows [psy:A, psy:B]\n- id: b\n  basis: *rows\n",
        "- id: a\n  basis: [psy:A, psy:B]\n\n- id: b\n  basis: [psy:A, psy:B]\n",
    ),
    "a list over lines": (
        "- id: a\n  sources:\n  - A\n  - B\n",
        "- id: a\n  sources: [A, B]\n",
    ),
    "a comment behind": (
        "- id: a\n  note: x  # why\n  status: seen\n",
        "- id: a\n  # why\n  note: x\n  status: seen\n",
    ),
    "comments of an entry, with a gap": (
        "- id: a\n# one\n\n# two\n- id: b\n# last\n",
        "- id: a\n\n# one\n\n# two\n- id: b\n# last\n",
    ),
    "codes without names": (
        "- id: a\n  rules:\n  - when: {condition: {icd10cm: [I71, I72], snomed: '233985008'}}\n",
        "- id: a\n  rules:\n  - when:\n      condition:\n        icd10cm:\n"
        "          I71: Aortic aneurysm and dissection\n          I72: Other aneurysm\n"
        "        snomed:\n          233985008: Abdominal aortic aneurysm\n",
    ),
    "a name that is written is kept": (
        "- id: a\n  rules:\n  - when: {condition: {icd10cm: {I71: wrong, I72: ~}}}\n",
        "- id: a\n  rules:\n  - when:\n      condition:\n        icd10cm:\n"
        "          I71: wrong\n          I72: Other aneurysm\n",
    ),
    "a code that no table names": (
        "- id: a\n  rules:\n  - when: {condition: {icd10cm: I7Z}}\n",
        "- id: a\n  rules:\n  - when:\n      condition:\n        icd10cm:\n          I7Z: ~\n",
    ),
    "a comment among codes": (
        "- id: a\n  rules:\n  - when:\n      condition:\n        icd10cm:\n"
        "        # both\n        - I72\n",
        "- id: a\n  rules:\n  - when:\n      condition:\n        icd10cm:\n"
        "          # both\n          I72: Other aneurysm\n",
    ),
    "a record of single values": (
        "- id: a\n  rules:\n  - when:\n      result:\n        thresholds:\n          kind: x\n"
        "          value: '5'\n          unit: mm[Hg]\n",
        "- id: a\n  rules:\n  - when:\n      result:\n        thresholds:\n"
        "        - {kind: x, value: 5, unit: 'mm[Hg]'}\n",
    ),
    "several fields of a predicate": (
        "- id: a\n  rules:\n"
        "  - when: {all: [{condition: {sets: x, status: any}}, {person: {sex: male}}]}\n",
        "- id: a\n  rules:\n  - when:\n      all:\n      - condition:\n          sets: [x]\n"
        "          status: any\n      - person: {sex: male}\n",
    ),
    "a text with lines of its own": (
        '- id: a\n  note: "one\\ntwo"\n',
        '- id: a\n  note: "one\\ntwo"\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_how_people_write_comes_into_one_form(name: str) -> None:
    written, wanted = FORMS[name]
    assert form(written) == wanted
    assert form(wanted) == wanted


def test_a_text_is_folded_where_it_is_too_long_for_its_line() -> None:
    room = WIDTH - len("  meaning: ")
    fits, too_long = "x " * (room // 2) + "x", "x " * (room // 2) + "xx"
    assert len(fits) == room
    assert len(too_long) == room + 1
    assert f"  meaning: {fits}\n" in form(f"- id: a\n  meaning: {fits}\n", Parameter)
    folded = form(f"- id: a\n  meaning: {too_long}\n", Parameter)
    assert folded == f"- id: a\n  meaning: >-\n    {too_long}\n"


def test_a_list_is_one_item_a_line_where_it_is_too_long_for_its_line() -> None:
    room = WIDTH - len("  sources: [A, ]")
    fits, too_long = "B" * room, "B" * (room + 1)
    assert form(f"- id: a\n  sources: [A, {fits}]\n") == f"- id: a\n  sources: [A, {fits}]\n"
    assert form(f"- id: a\n  sources: [A, {too_long}]\n") == (
        f"- id: a\n  sources:\n  - A\n  - {too_long}\n"
    )


@pytest.mark.parametrize("none", ["", " []", " ''"])
def test_a_file_without_entries_is_open_for_the_first(none: str) -> None:
    assert formatted(f"subject: x\nfacts:{none}\n", Contraindication, {}) == "subject: x\nfacts:\n"


def test_the_line_of_the_schema_comes_first() -> None:
    made = formatted("# head\nsubject: x\nfacts:\n", Contraindication, {}, "../schema/x.json")
    line = "# yaml-language-server: $schema=../schema/x.json\n"
    assert made == f"{line}# head\nsubject: x\nfacts:\n"
    assert formatted(made, Contraindication, {}, "../schema/x.json") == made
    assert formatted(made, Contraindication, {}) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [("- a\n", "a mapping with `subject` and `facts` is wanted"), ("a: [\n", "2: did not find")],
)
def test_what_is_no_file_of_the_knowledge_is_refused(text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(said)):
        formatted(text, Contraindication, {})


# --- the shipped files ------------------------------------------------------------------------


def shipped() -> Iterator[tuple[Path, str, str]]:
    """File, what it says, and in its form, which says the same: `in_form` refuses it else."""
    for file in files_in(SHIPPED):
        yield file, *in_form(file, SHIPPED, names_of_codes())


def test_the_shipped_files_are_in_the_form() -> None:
    assert [
        f"{file}: run `ketamine-cds knowledge format`"
        for file, text, made in shipped()
        if text != made
    ] == []


def test_the_form_of_a_form_is_itself(tmp_path: Path) -> None:
    for file, _, made in shipped():
        copy = tmp_path / file.name
        copy.write_text(made)
        assert in_form(copy, SHIPPED, names_of_codes())[1].split("\n")[1:] == made.split("\n")[1:]


def test_a_form_that_would_say_something_else_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "parameters.yaml"
    file.write_text(
        "subject: parameters\nfacts:\n"
        "- {id: example, value: 5, unit: d, meaning: x, status: proposal}\n"
    )
    assert in_form(file, tmp_path, {})[1]
    monkeypatch.setattr(files, "formatted", lambda text, *_: text.replace("5", "6"))
    with pytest.raises(Unreadable, match="its form would say something else"):
        in_form(file, tmp_path, {})


def test_no_comment_is_lost() -> None:
    for file, text, made in shipped():
        assert comments(text) == comments(made), file


def comments(text: str) -> Counter[str]:
    """By their words, wherever they stand, without the line for editors."""
    found = re.findall(r"(?m)(?:^|\s)(#(?!\d|\s*yaml-language-server).*)$", text)
    return Counter(comment.strip() for comment in found)


def test_nobody_scrolls_or_quotes_a_number_or_follows_an_anchor() -> None:
    for file, _, made in shipped():
        for line in made.splitlines():
            assert len(line) <= WIDTH or " " not in line.strip(), f"{file}: {line}"
            assert not re.search(r"""['"]\d+(?:\.\d+)?['"]""", line), f"{file}: {line}"
        tokens = yaml.scan(made, Loader=yaml.CBaseLoader)
        assert not any(isinstance(token, yaml.AnchorToken | yaml.AliasToken) for token in tokens)


# --- the command ------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["knowledge", "format", *arguments])
    return result.exit_code, result.output


def test_the_command_says_which_file_is_not_in_the_form_and_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "limits.yaml"
    file.write_text("subject: limits\nfacts:\n\n- id: 'a'\n")
    told = f"Error: {file}:4: is not in its form: `knowledge format` writes it\n"
    assert run("--check", str(tmp_path)) == (2, told)
    assert run(str(tmp_path)) == (0, "1 file written\n")
    assert file.read_text() == "subject: limits\nfacts:\n\n- id: a\n"
    assert run("--check", str(tmp_path)) == (0, "all files are in their form\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"subject: limits\nfacts: [\n", ", line 3: did not find expected node content"),
        (b"subject: limts\nfacts: []\n", ":1: `subject` has to be one of antidepressant_trials, "),
        (b"subject: \xff", ": is no text: save it as UTF-8"),
    ],
)
def test_what_can_t_be_read_is_left_as_it_is(tmp_path: Path, text: bytes, said: str) -> None:
    file = tmp_path / "limits.yaml"
    file.write_bytes(text)
    code, output = run(str(tmp_path))
    assert code == 2
    assert output.startswith(f"Error: {file}{said}")
    assert file.read_bytes() == text


def test_lines_that_another_system_ends_are_brought_into_the_form(tmp_path: Path) -> None:
    file = tmp_path / "limits.yaml"
    file.write_bytes(b"subject: limits\r\nfacts:\r\n\r\n# why\r\n- id: a\r\n")
    assert run("--check", str(tmp_path))[0] == 2
    assert run(str(tmp_path))[0] == 0
    assert file.read_bytes() == b"subject: limits\nfacts:\n\n# why\n- id: a\n"


def test_a_folder_without_files_is_no_success(tmp_path: Path) -> None:
    """Somebody named the wrong one."""
    code, output = run("--check", str(tmp_path))
    assert (code, "has no YAML file" in output) == (2, True)
