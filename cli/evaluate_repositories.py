"""The command `eval repositories`: how well the search answers questions to real repositories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import documents, options, session, streams
from cli.evaluate import Keep, keep_document
from cli.progress import ProgressDisplay
from codesearch import RerankedMode

EPILOG = """\
FOLDER holds repos.json [{name, language, benchmark_root, revision}] and for
each repository NAME.jsonl {query, relevant, secondary, category}, which may
be gzipped. DIR/NAME is its checkout; of that benchmark_root is searched, or
all. A checkout that is not there is left out.

Relevant is a file, src/a.py, which counts at the rank of its first result; or
one definition, src/a.py:12 (the one with this line) or src/a.py::Queue.retry,
and then every result has a rank of its own. Figures are means over the
repositories of the means over their questions, with 95 % intervals. The
model is the default one unless --model names another.

Examples:
  codesearch eval repositories questions --checkouts DIR --modes lexical
  codesearch eval repositories questions --checkouts DIR --only nvm --json
  codesearch eval repositories questions --checkouts DIR --keep runs"""

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of questions.", show_default=False)]
Checkouts = Annotated[
    Path, typer.Option("--checkouts", metavar="DIR", help="Where the repositories are.", show_default=False)
]
Modes = Annotated[
    list[str] | None,
    typer.Option(
        "--modes",
        metavar="MODE",
        help="Which of lexical,dense,hybrid; each may end in +rerank.",
        show_default=",".join(options.MODE_NAMES),
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help="Only these repositories: nvm,express.", show_default=False),
]
Cutoff = Annotated[
    int, typer.Option("--top-k", "-k", min=1, max=100, metavar="N", help="How many places the figures count.")
]


def repositories(
    context: typer.Context,
    folder: Folder,
    checkouts: Checkouts,
    modes: Modes = None,
    only: Only = None,
    cutoff: Cutoff = options.DEFAULT_TOP_K,
    rerank_k: options.RerankK = options.DEFAULT_RERANK_K,
    keep: Keep = None,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
    quiet: options.Quiet = False,
    model: options.Model = session.DEFAULT_MODEL,
) -> None:
    """Measure the search by questions to real repositories: NDCG, MRR, recall, and how long it takes."""
    chosen = options.parse_modes(options.split_commas(modes or ()) or options.MODE_NAMES, rerank_k=rerank_k)
    if any(isinstance(mode, RerankedMode) and mode.replacing for mode in chosen):
        raise typer.BadParameter("a search has no +replace; measure it on a judged set.", param_hint="--modes")
    with session.open_engine(context, None, model) as engine, ProgressDisplay(enabled=not quiet) as progress:
        report = engine.evaluate_repositories(
            folder, checkouts, chosen, only=tuple(options.split_commas(only or ())), cutoff=cutoff, progress=progress
        )
    document = documents.repositories_document(report)
    keep_document(document, keep, quiet=quiet)
    from cli import run_reports

    for note in () if quiet else run_reports.notes_on(report):
        streams.note(note)
    if as_json:
        streams.write(documents.dumps(document))
        return
    streams.write_lines(run_reports.repositories_lines(report), color)
