"""The commands `train corpus` and `train start`: what training learns from, and the checkpoint that it starts from.

The work is that of `codesearch.training`; this says how far it is and what came of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import documents, options, streams
from cli.counting import number_of
from cli.highlighting import printable
from cli.progress import ProgressDisplay
from codesearch import training

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS_EPILOG = """\
SOURCES is a list of packages and repositories, each with its exact version
and its licence; without it and without --own, the list that comes with
codesearch. Nothing that is fetched is run.

Examples:
  codesearch train corpus --own ~/code/server --output ours
  codesearch train corpus --exclude-overlap judged --output corpus"""

START_EPILOG = """\
ROUTE is efficient (a model that can embed, with a new decoder behind it) or
from-scratch (a small CodeT5+ with random weights). Either learns a tokenizer
from the corpus.

Examples:
  codesearch train start efficient --corpus corpus --output start
  codesearch train start from-scratch --corpus corpus --output start"""

ROUTES = ("efficient", "from-scratch")

Sources = Annotated[
    Path | None, typer.Argument(metavar="SOURCES", help="A list of sources (TOML).", show_default=False)
]
OutputFolder = Annotated[
    Path, typer.Option("--output", metavar="FOLDER", help="Where the corpus goes.", show_default=False)
]
Downloads = Annotated[
    Path | None,
    typer.Option("--downloads", metavar="FOLDER", help="Where archives are kept.", show_default="OUTPUT/downloads"),
]
Overlap = Annotated[
    Path | None,
    typer.Option(
        "--exclude-overlap",
        metavar="FOLDER",
        help="Judged sets: learn nothing that is in them.",
        show_default=False,
    ),
]
Mirrors = Annotated[
    Path | None,
    typer.Option("--mirrors", metavar="FOLDER", help="Bare git repositories, owner+name.", show_default=False),
]
Questions = Annotated[
    Path | None,
    typer.Option(
        "--questions",
        metavar="FILE",
        help="Questions for functions: digest and questions, between tabs.",
        show_default="those that come along",
    ),
]
Own = Annotated[
    list[Path] | None,
    typer.Option(
        "--own", metavar="FOLDER", exists=True, file_okay=False, help="A repository of your own.", show_default=False
    ),
]
Route = Annotated[str, typer.Argument(metavar="ROUTE", help="efficient or from-scratch.", show_default=False)]
Corpus = Annotated[
    Path, typer.Option("--corpus", metavar="FOLDER", help="What the tokenizer learns from.", show_default=False)
]
Init = Annotated[
    str | None,
    typer.Option("--init", metavar="MODEL", help="The model whose encoder is kept.", show_default="bundled"),
]
Target = Annotated[
    Path, typer.Option("--output", metavar="FOLDER", help="Where the checkpoint goes.", show_default=False)
]
Vocabulary = Annotated[int, typer.Option("--vocabulary", min=500, metavar="N", help="Tokens of the new tokenizer.")]


def corpus(
    output: OutputFolder,
    sources: Sources = None,
    own: Own = None,
    downloads: Downloads = None,
    exclude_overlap: Overlap = None,
    mirrors: Mirrors = None,
    questions: Questions = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Build a corpus of functions, with what their authors wrote about them."""
    listed = () if own and sources is None else training.read_sources(sources)
    with ProgressDisplay(enabled=not quiet) as progress:
        report = training.build_corpus(
            [*listed, *map(training.own_repository, own or ())],
            downloads=downloads or output / "downloads",
            output=output,
            exclude_overlap=exclude_overlap,
            mirrors=mirrors,
            questions=training.read_questions(questions),
            progress=progress,
        )
    if as_json:
        streams.write(documents.dumps(report.manifest()))
    if not quiet:
        for line in corpus_lines(report):
            streams.note(line)


def start(
    route: Route,
    corpus: Corpus,
    output: Target,
    init: Init = None,
    vocabulary: Vocabulary = 16_384,
    quiet: options.Quiet = False,
) -> None:
    """Make the checkpoint that a run starts from, with a tokenizer of the corpus's own."""
    if route not in ROUTES:
        raise typer.BadParameter(f"{route!r} is none of {', '.join(ROUTES)}.", param_hint="ROUTE")
    kind = training.StartingPoint(route)
    if kind is training.StartingPoint.FROM_SCRATCH and init is not None:
        raise typer.BadParameter("from-scratch keeps nothing: leave it out.", param_hint="--init")
    if not quiet:
        streams.note_on_terminal("learning a tokenizer from the corpus")
    made = training.make_starting_point(kind, corpus, output, encoder=init or "bundled", vocabulary=vocabulary)
    if not quiet:
        rows = made.decoder.vocabulary_size if made.decoder else 0
        streams.note(
            f"{output}  {number_of(rows, 'token')}; to train it: codesearch train run {route} --init {output} ..."
        )


def corpus_lines(report: training.CorpusReport) -> Iterator[str]:
    """Yield what a corpus holds, and each source that is not in it with the reason."""
    from cli.reports import counted

    plain = "\u00a0", " "
    for label, counts in (
        ("pairs", report.pairs),
        ("code alone", report.unimodal),
        ("held out", report.held_out_pairs),
    ):
        yield f"{label:<12}{counted(counts).replace(*plain)}"
    for key, reason in report.unavailable.items():
        yield f"left out: {printable(key)}: {printable(reason)}"
