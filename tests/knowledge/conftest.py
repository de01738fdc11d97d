"""Our facts as a folder, and a copy of it to edit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from folders import copied, exported, without_days


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Never edited."""
    return exported(tmp_path_factory.mktemp("facts") / "ours")


@pytest.fixture
def theirs(ours: Path, tmp_path: Path) -> Path:
    """To be edited."""
    return copied(ours, tmp_path / "theirs")


@pytest.fixture
def dayless(theirs: Path) -> Path:
    """To be edited, and without a day of its own."""
    without_days(theirs)
    return theirs


@pytest.fixture
def another(ours: Path, tmp_path: Path) -> Callable[[], Path]:
    """Further ones: a place is read once in a process."""
    made = iter(range(1000))
    return lambda: copied(ours, tmp_path / f"another-{next(made)}")
