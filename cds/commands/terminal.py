"""What a command prints: words of a chart, a file or a server are text there, and drive nothing.

A control character moves the cursor or colours a line, a line break makes a line of its own, and a
console that reads markup makes colours and links of brackets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cds.characters import visible

if TYPE_CHECKING:  # a command that prints plain lines starts without it
    from rich.console import Console
    from rich.text import Text

_LINE_BREAKS = str.maketrans("\n\r", "  ")


def flat(text: str) -> str:
    """The text as it is seen, on one line."""
    return visible(text).translate(_LINE_BREAKS)


def echo(text: str, *, err: bool = False) -> None:
    """Print a line that holds words from elsewhere."""
    click.echo(flat(text), err=err)


def told(text: str, style: str = "") -> Text:
    """Such a line for a console."""
    from rich.text import Text

    return Text(flat(text), style)


def console(**options: Any) -> Console:
    """A console to which text is text."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False, **options)
