"""`ketamine-cds knowledge export`: our facts as a folder, for a committee to change."""

from __future__ import annotations

from pathlib import Path

import click

from cds.commands.settings import Refused
from cds.knowledge.load import subjects
from cds.knowledge.places import BUNDLED, bundled_files


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write the facts and the evidence behind them to a new FOLDER, as they are installed.

    Change them there. `knowledge check --knowledge FOLDER` names what is wrong, `knowledge diff
    bundled FOLDER` what is changed, and `demo --knowledge FOLDER` shows the cards that come of it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is there already: name a new folder, so that nothing is lost")
    files = bundled_files(subjects(), evidence=True)
    texts = dict(files.evidence)
    for of_subject in files.data.values():
        texts |= of_subject
    try:
        for name, text in texts.items():
            path = folder / Path(name).relative_to(BUNDLED)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
    except OSError as error:
        raise Refused(f"{folder}: {error.strerror}: name a folder that can be written") from None
    click.echo(f"{len(texts)} files in {folder}. Change what you need, then:")
    click.echo(f"  ketamine-cds knowledge check --knowledge {folder}")
    click.echo(f"  ketamine-cds knowledge diff bundled {folder}")
    click.echo(f"  ketamine-cds demo --knowledge {folder}")
