"""The command `clear`: forget what is indexed. The code itself is never touched."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, session, streams
from cli.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codesearch import CodeSearch

EPILOG = """\
Examples:
  codesearch clear
  codesearch clear ~/code/old-server --yes
  codesearch clear --gone
  codesearch clear --all

Exit code: 0 removed, 1 nothing to remove, 2 error."""

ClearPath = Annotated[Path | None, typer.Argument(metavar="PATH", help="A folder.", show_default="the current folder")]
Everything = Annotated[bool, typer.Option("--all", metavar=options.FLAG, help="Every repository.")]
Gone = Annotated[
    bool, typer.Option("--gone", metavar=options.FLAG, help="Every repository whose folder is no longer there.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", metavar=options.FLAG, help="Do not ask.")]


def clear(
    context: typer.Context,
    path: ClearPath = None,
    everything: Everything = False,
    gone: Gone = False,
    yes: Yes = False,
    library: options.LibraryFolder = None,
) -> None:
    """Remove the index of a repository, of those whose folder is gone, or of all. The code is not touched."""
    if (path is not None) + everything + gone > 1:
        raise typer.BadParameter("take one of PATH, --gone and --all.")
    removed = False
    with session.open_engine(context, library) as engine:
        places = gone_roots(engine) if gone else (None if everything else path or Path.cwd(),)
        if not yes and not agreed(engine, places):
            raise typer.Exit(ExitCode.NOTHING_FOUND)
        for place in places:
            for root in engine.clear(place):
                streams.note(f"removed the index of {root}")
                removed = True
    if not removed:
        streams.note("no folder of an index is gone" if gone else "nothing was indexed")
        raise typer.Exit(ExitCode.NOTHING_FOUND)


def gone_roots(engine: CodeSearch) -> tuple[Path, ...]:
    """Return the indexed folders that are no longer there."""
    return tuple(status.root for status in engine.status() if status.gone)


def agreed(engine: CodeSearch, places: Sequence[Path | None]) -> bool:
    """Ask the person whether the indexes may go; True where there is none. Raises Exit where nobody can answer."""
    roots = [status.root for place in places for status in engine.status(place)]
    if not roots:
        return True
    if not sys.stdin.isatty():
        streams.error("nobody is here to be asked; to remove the index anyway, add --yes")
        raise typer.Exit(ExitCode.ERROR)
    for root in roots:
        streams.note(f"  {root}")
    return typer.confirm("Remove the index of the above? The code is not touched.", err=True)
