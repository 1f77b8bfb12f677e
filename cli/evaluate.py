"""The command `eval search`: how well the search does on a set of queries whose answers are known.

Questions to real repositories are `evaluate_repositories`; what is done with runs that were kept, `evaluate_runs`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli import documents, options, session, streams
from cli.progress import ProgressDisplay
from codesearch import evaluation

EPILOG = """\
FOLDER holds queries.jsonl {id, query}, corpus.jsonl {id, language, code} and
qrels.jsonl {query_id, doc_id, relevance}; for the mode matching, which
measures the model's matching head, pairs.jsonl {query, code, label}, a label
being 1 (this code answers this query) or 0. Each may be gzipped.

Or it holds a published test set: CodeSearchNet (test.jsonl, codebase.jsonl),
AdvTest (test.jsonl alone) or CoSQA (cosqa-retrieval-test-500.json and
code_idx_map.txt). There the modes dense and dense+replace rank as CodeT5+'s
evaluation does, by the model alone, over all of the codebase: a paper's MRR
of 39.6 is 0.396 here.

A mode of search may end in +rerank: the matching head reads its best
candidates; or in +replace: they are ordered by the head's logit and the
cosine alone. The mode lexical alone needs no model.

Examples:
  codesearch eval judged/python
  codesearch eval judged/python --modes lexical,hybrid --json
  codesearch eval judged/python --modes hybrid,hybrid+rerank --model mine
  codesearch eval judged/python --code-field bare --summaries --model mine
  codesearch eval judged/python --modes matching --model some/checkpoint
  codesearch eval CSN/ruby --modes dense --model tuned/checkpoint --keep runs"""

MATCHING = "matching"  # measures pairs of query and code; the other modes are those of a search

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the set.", show_default=False)]
Modes = Annotated[
    list[str] | None,
    typer.Option(
        "--modes",
        metavar="MODE",
        help="Which of lexical,dense,hybrid,matching.",
        show_default=",".join(options.MODE_NAMES),
    ),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, metavar="N", help="Only the first N queries or pairs.", show_default=False),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        metavar="FOLDER",
        help="Keep the run there, in a file named by date, for eval history and eval compare.",
        show_default=False,
        rich_help_panel=options.OUTPUT,
    ),
]
Summaries = Annotated[
    bool,
    typer.Option(
        "--summaries",
        metavar=options.FLAG,
        help="Search code without documentation with what the model's decoder writes of it, as index --summaries does.",
    ),
]
CodeField = Annotated[str, typer.Option("--code-field", metavar="NAME", help="The field that has the code.")]


def evaluate(
    context: typer.Context,
    folder: Folder,
    modes: Modes = None,
    limit: Limit = None,
    code_field: CodeField = "code",
    summaries: Summaries = False,
    rerank_k: options.RerankK = options.DEFAULT_RERANK_K,
    keep: Keep = None,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
    quiet: options.Quiet = False,
    model: options.Model = session.DEFAULT_MODEL,
) -> None:
    """Measure the search on a judged set: MRR, nDCG and recall; or the matching head on judged pairs."""
    names = options.split_commas(modes or ()) or options.MODE_NAMES
    searched = options.parse_modes(
        (name for name in names if name != MATCHING), (*options.MODE_NAMES, MATCHING), rerank_k
    )
    if keep is not None and not searched:
        raise typer.BadParameter("only runs of a search are kept.", param_hint="--keep")
    report, matching = None, None
    with session.open_engine(context, None, model) as engine, ProgressDisplay(enabled=not quiet) as progress:
        if MATCHING in names:
            matching = engine.evaluate_matching(folder, progress=progress, limit=limit, code_field=code_field)
        if searched:
            report = engine.evaluate(
                folder, searched, progress=progress, limit=limit, code_field=code_field, summaries=summaries
            )
    document = documents.evaluation_document(report, matching)
    keep_document(document, keep, quiet=quiet)
    if as_json:
        streams.write(documents.dumps(document))
        return
    from cli import reports

    streams.write_lines((*reports.evaluation_lines(report), *reports.matching_lines(matching)), color)


def keep_document(document: documents.Document, folder: Path | None, *, quiet: bool) -> None:
    """Keep a run in a folder, if one is named, and say where."""
    if folder is None:
        return
    path = evaluation.keep_run(folder, document, datetime.now(UTC))
    if not quiet:
        streams.note(f"kept: {path}")
