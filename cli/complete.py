"""The command `complete`: how the code at a line goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import documents, options, plain, session, streams
from cli.errors import ExitCode
from cli.progress import ProgressDisplay

EPILOG = """\
Examples:
  codesearch complete src/http/client.py:88
  codesearch complete upload.go:12 --lines 5
  codesearch complete upload.go:12 internal/ --json

Needs a model with a decoder: codesearch models. The file stays as it is.
Exit code: 0 completed, 1 nothing to add, 2 error."""

_MOST_LINES = 8  # of which a small decoder still knows what it is about

Lines = Annotated[
    int, typer.Option("--lines", "-n", min=1, max=_MOST_LINES, metavar="N", help="How many lines, the rest first.")
]


def complete(
    context: typer.Context,
    where: options.Place,
    paths: options.Paths = None,
    lines: Lines = 1,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    no_refresh: options.NoRefresh = False,
    model: options.Model = session.DEFAULT_MODEL,
    library: options.LibraryFolder = None,
) -> None:
    """Write the rest of the line FILE:LINE; of a line that is complete, the next one.

    The model reads the definition up to that line, and one below PATH (the file's repository) that is like it.
    """
    with session.open_engine(context, library, model) as engine, ProgressDisplay(enabled=not quiet) as progress:
        completed = engine.complete(where, tuple(paths or ()), lines=lines, refresh=not no_refresh, progress=progress)
    if as_json:
        streams.write(documents.dumps(documents.completion_document(completed)))
    elif completed.text:
        streams.write(completed.text)
    if not completed.text:
        streams.note(f"the model {completed.model} has nothing to add to this line")
        raise typer.Exit(ExitCode.NOTHING_FOUND)
    if not quiet and not completed.complete:
        streams.note("the last line was cut: the model had no room for the rest of it")
    if not quiet and completed.sources:
        read = ", ".join(plain.place_text(source, Path.cwd()) for source in completed.sources)
        streams.note_on_terminal(f"beside {read}")
