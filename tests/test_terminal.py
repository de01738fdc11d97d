"""What commands print: words of charts, files and servers move no cursor and make no line."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import fhir_fixtures
from cds.cli import Lazy, main
from cds.commands.call import show_cards
from cds.commands.terminal import console, echo, flat, told
from cds.web.page import page
from cds.wire import encode

sys.path.insert(0, str(Path(__file__).parent / "cards"))

from gfm import invisible, tags

from tests.cards.hostile_texts import ADDRESSES, HOSTILE, HTML, LINES, MARKUP, UNSEEN

RICH = ("[bold red]evil[/]", "[link=http://evil.com]evil[/link]", "[/evil]", ":smile:", "[evil")
HYPERLINK = "\x1b]8;"


@pytest.mark.parametrize("text", [*UNSEEN, *LINES, *RICH], ids=ascii)
def test_a_line_is_a_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    echo(f"  {text}")
    console(width=2000, force_terminal=True).print(told(f"  {text}"), f"  {flat(text)}")
    first, second, *rest = capsys.readouterr().out.split("\n")
    assert rest == [""]
    assert first.startswith("  ")
    assert invisible(first + second) == []
    assert second.count(flat(text)) == 2  # brackets and all


@pytest.fixture
def hostile_chart(tmp_path: Path) -> Path:
    bundle = fhir_fixtures.load("juniper", fhir_fixtures.ANCHOR)
    texts = [*RICH, *UNSEEN, *LINES]
    subject = {"reference": "Patient/juniper"}
    for number, text in enumerate(texts):
        kinds: list[dict[str, Any]] = [
            {"resourceType": "Condition", "code": {"text": f"{text} aortic aneurysm"}},
            {"resourceType": "MedicationStatement", "status": "active",
             "medicationCodeableConcept": {"text": f"oxycodone {text}"},
             "dosage": [{"text": text, "route": {"text": text}}]},
            {"resourceType": "Observation", "status": "final", "effectiveDateTime": text,
             "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
             "valueQuantity": {"value": 70, "unit": text}},
        ]  # fmt: skip
        for kind in kinds:
            bundle["entry"].append({"resource": kind | {"id": f"x{number}", "subject": subject}})
    path = tmp_path / "chart.json"
    path.write_bytes(encode(bundle))
    return path


def test_assess_prints_a_hostile_chart(hostile_chart: Path) -> None:
    order = fhir_fixtures.orders() / "juniper.json"
    day = ["--as-of", fhir_fixtures.ANCHOR.isoformat()]
    arguments = ["assess", str(hostile_chart), "--order", str(order), *day]
    printed = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert "aortic aneurysm" in printed.output
    assert "[bold red]evil[/]" in " ".join(printed.output.split())
    assert invisible(printed.output) == []
    as_data = CliRunner().invoke(main, [*arguments, "--json"], catch_exceptions=False)
    report = json.loads(as_data.output) | {"cards": []}
    assert report["unread"]
    assert invisible(json.dumps(report, ensure_ascii=False)) == []


def test_terminology_check_prints_hostile_codes(tmp_path: Path) -> None:
    entries = [
        {"resourceType": "Patient", "id": "p"},
        *(
            {"resourceType": "Condition", "id": f"c{n}", "subject": {"reference": "Patient/p"},
             "code": {"coding": [{"system": text, "code": f"evil{text}"}]}}
            for n, text in enumerate(UNSEEN)
        ),
    ]  # fmt: skip
    path = tmp_path / "chart.json"
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in entries]}
    path.write_text(json.dumps(bundle))
    printed = CliRunner().invoke(main, ["terminology", "check", str(path)], catch_exceptions=False)
    assert "Condition" in printed.output
    assert invisible(printed.output) == []


@pytest.mark.parametrize("text", [*UNSEEN, *RICH, *ADDRESSES[:3]], ids=ascii)
def test_a_card_of_another_service(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    suggestion = {"label": text, "actions": []}
    card = {
        "summary": text,
        "indicator": "info",
        "detail": f"- {text}",
        "suggestions": [suggestion],
    }
    show_cards([card, card | {"detail": "[evil](http://evil.com)"}])
    out = capsys.readouterr().out
    assert HYPERLINK not in out
    assert invisible(re.sub(r"\x1b\[[0-9;]*m", "", out)) == []


def test_an_error_that_quotes_drives_nothing() -> None:
    @click.group(cls=Lazy)
    def group() -> None:
        raise click.ClickException("line 1: \x1b[2J\u202eevil\nline 2: ok")

    shown = CliRunner().invoke(group, ["knowledge"])
    assert shown.exit_code == 1
    assert shown.output == "Error: line 1: [2Jevil\nline 2: ok\n"


def test_the_page_shows_neither_html_nor_links() -> None:
    from flask import Flask

    app = Flask("demo")
    app.register_blueprint(page)
    for text in (*ADDRESSES, *HTML, *HOSTILE[:5], *MARKUP[:4], "[evil](http://evil.com)", "<b>x"):
        answer = app.test_client().post("/demo/markdown", data=f"- {text}".encode())
        assert not tags(answer.text) & {"a", "img", "script", "b", "svg"}, text
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
