"""The command `index`: read folders beforehand, so that the first search need not.

The work is the engine's; this says how far it is and what came of it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import documents, index_lines, options, session, streams
from cli.progress import ProgressDisplay
from cli.progress_log import ProgressLog

if TYPE_CHECKING:
    from codesearch import IndexReport

EPILOG = """\
Examples:
  codesearch index
  codesearch index ~/code/server ~/code/client
  codesearch index --lexical-only      (no model; search by words at once)
  codesearch index --summaries         (for code that nobody documented)

Ctrl-C keeps what is done; run again to go on."""

LexicalOnly = Annotated[
    bool,
    typer.Option(
        "--lexical-only", metavar=options.FLAG, help="Read the code but embed nothing.", rich_help_panel=options.INDEX
    ),
]

Summaries = Annotated[
    bool | None,
    typer.Option(
        "--summaries/--no-summaries",
        metavar=options.FLAG,
        help="Let the model's decoder write a line for each function without documentation, to be found by its words.",
        show_default="as before",
        rich_help_panel=options.INDEX,
    ),
]


def index(
    context: typer.Context,
    paths: options.Paths = None,
    lexical_only: LexicalOnly = False,
    summaries: Summaries = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    model: options.Model = session.DEFAULT_MODEL,
    library: options.LibraryFolder = None,
) -> None:
    """Index folders, or bring their index up to date.

    Only files that changed are read, and only passages that are new are embedded. Summaries are written whenever a
    function changes, until --no-summaries takes them out.
    """
    reports: list[tuple[Path, IndexReport]] = []
    with session.open_engine(context, library, model) as engine:
        if not lexical_only:
            session.announce_model_change(engine, paths or (), model)
        for path in paths or (Path.cwd(),):
            with ProgressDisplay(enabled=not quiet) as bars:
                progress = bars if quiet or sys.stderr.isatty() else ProgressLog()
                report = engine.index(path, progress=progress, lexical_only=lexical_only, summaries=summaries)
            reports.append((path, report))
            if not quiet:
                tell(path, report)
    if as_json:
        streams.write(documents.dumps(documents.index_document(reports)))


def tell(path: Path, report: IndexReport) -> None:
    """Say in one line what was done, and name the files that could not be read."""
    streams.note(index_lines.index_line(path, report))
    for line in index_lines.failure_lines(report.failures):
        streams.note(line)
