"""Reviewed lists that are kept as YAML files beside the code that reads them."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml


def read_reviewed(package: str, path: str) -> dict[str, Any]:
    """The file of the package (`text/certainty.yaml`). Every scalar is text: `no` stays a word."""
    text = (files(package) / path).read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=yaml.CBaseLoader))  # noqa: S506 -- builds strings only
