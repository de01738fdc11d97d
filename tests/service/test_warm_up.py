"""The first answer, which no patient waits for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cards import words
from cds.commands.serve import prepare
from cds.hooks.request import HookRequest, HookResponse
from cds.runtime import open_service
from cds.service import Service
from cds.warm_up import warm_up
from tests.hooks import hooktools
from tests.replaced import replace

pytestmark = pytest.mark.usefixtures("faults_are_kept")


def test_it_asks_each_hook_and_takes_the_way_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, HookResponse] = {}
    real = Service.respond

    def respond(self: Service, request: HookRequest) -> HookResponse:
        asked[request.hook] = real(self, request)
        return asked[request.hook]

    monkeypatch.setattr(Service, "respond", respond)
    warm_up(open_service(hooktools.Settings(auth="off")))
    assert set(asked) == {"order-select", "order-sign", "patient-view"}
    card = asked["order-select"].cards[0]
    assert card["indicator"] == "critical"
    assert "Aneurysm" in str(card["summary"])


def test_no_answer_waits_for_a_wording_to_be_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    warm_up(open_service(hooktools.Settings(auth="off")))
    monkeypatch.setattr(words, "_fill", lambda *_: pytest.fail("compiled when it was needed"))
    for ident in words._texts():
        words._prepared(ident)


def test_what_breaks_there_does_not_stop_the_start() -> None:
    def broken(*_: object) -> Any:
        raise KeyError("x")

    warm_up(replace(open_service(hooktools.Settings(auth="off")), connect=broken))


def test_it_is_made_before_the_workers_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    made: list[Service] = []
    monkeypatch.setattr("cds.warm_up.warm_up", made.append)
    prepare(hooktools.Settings(auth="off", database_url=f"sqlite:///{tmp_path}/x.sqlite"))
    assert len(made) == 1


_MORE = """
import sys
from cds.commands.serve import application, prepare
from cds.settings import Settings

settings = prepare(Settings(auth="off", database_url="sqlite:///x.sqlite"))
before = set(sys.modules)
application(settings)
print("more:", *sorted(set(sys.modules) - before))
"""


def test_a_worker_finds_all_code_loaded(tmp_path: Path) -> None:
    """What it loaded itself it would not share with the others."""
    root = str(Path(__file__).parents[2])
    ended = subprocess.run(
        [sys.executable, "-c", _MORE], env={"PYTHONPATH": root}, cwd=tmp_path,
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert ended.stdout.splitlines()[-1] == "more:"
