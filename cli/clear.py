"""The command `clear`: forget what is indexed. The code itself is never touched."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, session, streams
from cli.errors import ExitCode

if TYPE_CHECKING:
    from codesearch import CodeSearch

EPILOG = """\
Examples:
  codesearch clear
  codesearch clear ~/code/old-server --yes
  codesearch clear --all

Exit code: 0 removed, 1 nothing was indexed, 2 error."""

ClearPath = Annotated[Path | None, typer.Argument(metavar="PATH", help="A folder.", show_default="the current folder")]
Everything = Annotated[bool, typer.Option("--all", metavar=options.FLAG, help="Every repository.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", metavar=options.FLAG, help="Do not ask.")]


def clear(
    context: typer.Context,
    path: ClearPath = None,
    everything: Everything = False,
    yes: Yes = False,
    library: options.LibraryFolder = None,
) -> None:
    """Remove the index of a repository, or of all. The code is not touched."""
    if everything and path is not None:
        raise typer.BadParameter("take either PATH or --all.")
    place = None if everything else path or Path.cwd()
    with session.open_engine(context, library) as engine:
        if not yes and not agreed(engine, place):
            raise typer.Exit(ExitCode.NOTHING_FOUND)
        removed = engine.clear(place)
    for root in removed:
        streams.note(f"removed the index of {root}")
    if not removed:
        streams.note("nothing was indexed there" if place else "nothing was indexed")
        raise typer.Exit(ExitCode.NOTHING_FOUND)


def agreed(engine: CodeSearch, place: Path | None) -> bool:
    """Ask the person whether the indexes may go; True where there is none. Raises Exit where nobody can answer."""
    roots = [status.root for status in engine.status(place)]
    if not roots:
        return True
    if not sys.stdin.isatty():
        streams.error("nobody is here to be asked; to remove the index anyway: codesearch clear --yes")
        raise typer.Exit(ExitCode.ERROR)
    for root in roots:
        streams.note(f"  {root}")
    return typer.confirm("Remove the index of the above? The code is not touched.", err=True)
