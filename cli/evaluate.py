"""The command `eval`: how well the search does on a set of queries whose answers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import documents, options, session, streams
from cli.progress import ProgressDisplay

EPILOG = """\
FOLDER holds queries.jsonl {id, query}, corpus.jsonl {id, language, code} and
qrels.jsonl {query_id, doc_id, relevance}; each may be gzipped.

Examples:
  codesearch eval judged/python
  codesearch eval judged/python --modes lexical,hybrid --json"""

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the set.", show_default=False)]
Modes = Annotated[
    list[str] | None,
    typer.Option("--modes", metavar="MODE", help="Which modes: lexical,dense,hybrid.", show_default="all"),
]
Limit = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="Only the first N queries.", show_default=False)
]
CodeField = Annotated[str, typer.Option("--code-field", metavar="NAME", help="The corpus field that is searched.")]


def evaluate(
    context: typer.Context,
    folder: Folder,
    modes: Modes = None,
    limit: Limit = None,
    code_field: CodeField = "code",
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
    quiet: options.Quiet = False,
    model: options.Model = session.DEFAULT_MODEL,
) -> None:
    """Measure the search on a judged set: MRR, nDCG and recall."""
    from codesearch import Mode

    chosen = options.parse_modes(modes or ()) or tuple(Mode)
    with session.open_engine(context, None, model) as engine, ProgressDisplay(enabled=not quiet) as progress:
        report = engine.evaluate(folder, chosen, progress=progress, limit=limit, code_field=code_field)
    if as_json:
        streams.write(documents.dumps(documents.evaluation_document(report)))
        return
    from cli import reports

    console = streams.console_for(color)
    for line in reports.evaluation_lines(report):
        console.print(line, soft_wrap=True)
