"""`ketamine-cds`: one command, its subcommands loaded only when they are called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from cds import __version__
from cds.characters import visible
from cds.lasting import lasting

COMMANDS = {
    "assess": ("cds.commands.assess", "assess"),
    "call": ("cds.commands.call", "call"),
    "demo": ("cds.commands.demo", "demo"),
    "dosage": ("cds.commands.dosage", "dosage"),
    "feedback": ("cds.commands.feedback", "feedback"),
    "knowledge": ("cds.commands.knowledge", "knowledge"),
    "serve": ("cds.commands.serve", "serve"),
    "terminology": ("cds.commands.terminology", "terminology"),
}


class Lazy(click.Group):
    """A group that imports a subcommand when it is asked for: start-up stays short.

    An error may quote a file or a server: what can't be seen of it drives no terminal.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            vars(error)["message"] = visible(error.message)
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        with lasting():
            command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ketamine-cds")
def main() -> None:
    """CDS Hooks service for ketamine treatment. It advises a licensed clinician, never decides."""
