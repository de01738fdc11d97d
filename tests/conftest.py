"""Fixtures that every part of the suite shares."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from cds.faults import Faults
from cds.knowledge.load import Knowledge, load_knowledge
from cds.terminology.lookup import Terminology, load_terminology

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("deep", deadline=None, max_examples=600, print_blob=True)
settings.register_profile(
    "unshrunk", settings.get_profile("repeatable"), phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("repeatable")

gc.set_threshold(10_000, 20, 100)
"""The tables of the terminology stay: to look through them for garbage often is in vain."""


_ATTEMPT = Faults.attempt


@pytest.fixture(scope="session", autouse=True)
def faults_are_raised() -> Iterator[None]:
    """What breaks in a test fails it, and is not left out of the answer as it is in the service."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Faults, "attempt", lambda self, kind, what, make, otherwise: make())
        yield


@pytest.fixture
def faults_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the service: what breaks costs its own line."""
    monkeypatch.setattr(Faults, "attempt", _ATTEMPT)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The research folder beside a development checkout: charts and code sets of other projects."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "fhir-data").is_dir():
        pytest.skip("the research folder ../shared is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="session")
def terminology() -> Terminology:
    return load_terminology()
