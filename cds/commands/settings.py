"""The settings of a command, or why it can't run with them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from cds.knowledge.review.ledger import Ledger
from cds.knowledge.review.ledger_file import LedgerError, signed_here
from cds.settings import Settings, SettingsError, load_settings
from cds.settings_faults import CONFIG_VARIABLE

CONFIG = click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML settings file; variables named KETAMINE_CDS_* win over it.",
)


KNOWLEDGE = click.option(
    "--knowledge",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with your own copy of the facts, as `knowledge export` writes it.",
)


class Refused(click.ClickException):
    """What the command was called with can't be used, and it did nothing."""

    exit_code = 2


def settings_of(config: Path | None = None, **overrides: Any) -> Settings:
    """Settings from the variables and the file, and with them the file of the signatures.

    `overrides` win; None overrides nothing. All mistakes of one are told at once. Raises Refused.
    """
    settings = settings_alone(config, **overrides)
    reviews_of(settings)
    return settings


def settings_alone(config: Path | None = None, **overrides: Any) -> Settings:
    """The same for a command that makes the file of the signatures. Raises Refused."""
    if config is not None:
        os.environ[CONFIG_VARIABLE] = str(config)
    try:
        return load_settings(**{name: v for name, v in overrides.items() if v is not None})
    except SettingsError as error:
        raise Refused(str(error)) from None


def reviews_of(settings: Settings) -> Ledger:
    """What the site's reviewers signed. Raises Refused."""
    path = settings.reviews
    if path is not None and not path.exists():
        how = "`ketamine-cds knowledge review record` makes it of the first signed sheet"
        raise Refused(f"reviews: names a file that is not there: {path}; {how}")
    try:
        return signed_here(path)
    except LedgerError as error:
        raise Refused(f"reviews: {error}") from None
