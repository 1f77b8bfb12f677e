"""The command `explain`: what the definition at a line does, in one line."""

from __future__ import annotations

from pathlib import Path

import typer

from cli import documents, options, plain, session, streams
from cli.errors import ExitCode
from cli.progress import ProgressDisplay

EPILOG = """\
Examples:
  codesearch explain src/http/client.py:88
  codesearch explain HttpClient.send
  codesearch explain upload.go:12 --json | jq -r .summary

Needs a model with a decoder: codesearch models.
Exit code: 0 explained, 1 the model could not say, 2 error."""


def explain(
    context: typer.Context,
    where: options.Where,
    paths: options.Paths = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    no_refresh: options.NoRefresh = False,
    model: options.Model = session.DEFAULT_MODEL,
    library: options.LibraryFolder = None,
) -> None:
    """Say in one line what the definition at FILE:LINE does, or the one of a name below PATH.

    The model reads the code alone. Where it could not say, signature and documentation are shown instead.
    """
    with session.open_engine(context, library, model) as engine, ProgressDisplay(enabled=not quiet) as progress:
        explained = engine.explain(where, tuple(paths or ()), refresh=not no_refresh, progress=progress)
    place = plain.place_text(explained.definition, Path.cwd())
    if as_json:
        streams.write(documents.dumps(documents.explanation_document(explained)))
    elif explained.summary:
        streams.write(f"{place}: {explained.summary}")
    else:
        streams.write("\n".join([place, *plain.stated_lines(explained.definition)]))
    if not explained.summary:
        streams.note(f"the model {explained.model} could not say what this does")
        raise typer.Exit(ExitCode.NOTHING_FOUND)
