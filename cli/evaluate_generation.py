"""The commands `eval generation` and `eval problems`: how good is what a model's decoder writes.

Measuring the search, which is what `eval` does unless told otherwise, is in `evaluate`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import documents, options, session, streams
from cli.progress import ProgressDisplay
from codesearch import evaluation

GROUP_EPILOG = """\
Examples:
  codesearch eval judged/python        (short for: eval search)
  codesearch eval repositories questions --checkouts checkouts --keep runs
  codesearch eval compare runs/before.json runs/after.json
  codesearch eval history runs --plot runs.png
  codesearch eval generation corpus
  codesearch eval problems HumanEval.jsonl.gz

A folder of such a name is meant with a slash: codesearch eval ./generation"""

EPILOG = """\
CORPUS is a folder made by codesearch train corpus. Functions that it holds
out are written from their documentation: by retrieval alone (the code of the
function that was found), by the decoder alone, and by the decoder with what
was found; what is found is of the part that is learned from, and never nearly
the function itself. They are also summarised, and one line of each is
completed.

Figures are 0 to 100: exact match, BLEU-4, CodeBLEU and edit similarity of
code, smoothed BLEU-4 of summaries.

Examples:
  codesearch eval generation corpus --model some/checkpoint
  codesearch eval generation corpus --tasks code --beam 5 --lang go,c --json
  codesearch eval generation corpus --limit 20 --written answers.jsonl"""

PROBLEMS_EPILOG = """\
FILE holds problems in the published format of HumanEval or MBPP, one a line
(it may end in .gz). What the model writes is run, with little memory and
time, no network and no files but a temporary folder: good against mistakes,
no wall against malice.

Examples:
  codesearch eval problems HumanEval.jsonl.gz
  codesearch eval problems mbpp.jsonl --samples 10 --temperature 0.8 --json"""

TASK_NAMES = ("code", "summary", "completion")
_DEFAULT = evaluation.WritingSettings()
_DEFAULT_PROBLEMS = evaluation.ProblemSettings()

Corpus = Annotated[Path, typer.Argument(metavar="CORPUS", help="The folder of a corpus.", show_default=False)]
Tasks = Annotated[
    list[str] | None,
    typer.Option(
        "--tasks", metavar="NAME", help="Which of code,summary,completion.", show_default=",".join(TASK_NAMES)
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, metavar="N", help="How many functions, drawn by --seed.")]
RetrievalLimit = Annotated[
    int, typer.Option("--retrieval-limit", min=0, metavar="N", help="How many can be retrieved; 0: all there are.")
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="What is drawn.")]
Beams = Annotated[int, typer.Option("--beam", min=1, metavar="N", help="Texts that are followed at a time.")]
MaxTokens = Annotated[int, typer.Option("--max-tokens", min=1, metavar="N", help="The longest code that is written.")]
WrittenFile = Annotated[
    Path | None,
    typer.Option(
        "--written", metavar="FILE", help="Keep every answer, a JSON object a line.", show_default=False,
        rich_help_panel=options.OUTPUT,
    ),
]  # fmt: skip

ProblemFile = Annotated[Path, typer.Argument(metavar="FILE", help="The problems.", show_default=False)]
ProblemLimit = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="Only the first N problems.", show_default=False)
]
Samples = Annotated[int, typer.Option("--samples", min=1, metavar="N", help="How often each is tried.")]
Temperature = Annotated[
    float, typer.Option("--temperature", min=0.01, metavar="T", help="Of several samples; one is the likeliest.")
]
TopP = Annotated[float, typer.Option("--top-p", min=0.01, max=1.0, metavar="P", help="Of several samples.")]
Seconds = Annotated[float, typer.Option("--seconds", min=0.1, metavar="S", help="What a program may take.")]


def generation(
    context: typer.Context,
    corpus: Corpus,
    tasks: Tasks = None,
    limit: Limit = _DEFAULT.limit,
    retrieval_limit: RetrievalLimit = _DEFAULT.retrieval_limit or 0,
    languages: options.Languages = None,
    seed: Seed = _DEFAULT.seed,
    beams: Beams = _DEFAULT.beams,
    max_tokens: MaxTokens = _DEFAULT.max_tokens,
    written: WrittenFile = None,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
    quiet: options.Quiet = False,
    model: options.Model = session.DEFAULT_MODEL,
) -> None:
    """Measure code, summaries and lines that the decoder writes for held-out functions."""
    settings = evaluation.WritingSettings(
        tasks=_parse_tasks(tasks),
        limit=limit,
        retrieval_limit=retrieval_limit or None,
        languages=options.parse_languages(languages or ()),
        seed=seed,
        beams=beams,
        max_tokens=max_tokens,
    )
    with session.open_engine(context, None, model) as engine, ProgressDisplay(enabled=not quiet) as progress:
        report = engine.evaluate_generation(corpus, settings, progress=progress, written=written)
    if as_json:
        streams.write(documents.dumps(documents.generation_document(report)))
        return
    from cli import reports

    streams.write_lines(reports.generation_lines(report), color)


def problems(
    context: typer.Context,
    file: ProblemFile,
    limit: ProblemLimit = None,
    samples: Samples = _DEFAULT_PROBLEMS.samples,
    temperature: Temperature = _DEFAULT_PROBLEMS.temperature,
    top_p: TopP = _DEFAULT_PROBLEMS.top_p,
    seed: Seed = _DEFAULT_PROBLEMS.seed,
    max_tokens: MaxTokens = _DEFAULT_PROBLEMS.max_tokens,
    seconds: Seconds = _DEFAULT_PROBLEMS.seconds,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
    quiet: options.Quiet = False,
    model: options.Model = session.DEFAULT_MODEL,
) -> None:
    """Run what the decoder writes for programming problems against their tests: pass@k."""
    settings = evaluation.ProblemSettings(
        samples=samples,
        temperature=temperature,
        top_p=top_p,
        seed=seed,
        limit=limit,
        max_tokens=max_tokens,
        seconds=seconds,
    )
    with session.open_engine(context, None, model) as engine, ProgressDisplay(enabled=not quiet) as progress:
        report = engine.evaluate_problems(file, settings, progress=progress)
    if as_json:
        streams.write(documents.dumps(documents.problems_document(report)))
        return
    from cli import reports

    streams.write_lines(reports.problems_lines(report), color)


def _parse_tasks(values: list[str] | None) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(options.split_commas(values or ()))) or TASK_NAMES
    for name in names:
        if name not in TASK_NAMES:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(TASK_NAMES)}.", param_hint="--tasks")
    return names
