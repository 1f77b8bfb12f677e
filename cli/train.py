"""The command `train run` and what belongs to it: train, draw a run's curves, mix two checkpoints.

The work is that of `codesearch.training`; this says how far it is and what came of it. What training needs first,
a corpus and a starting checkpoint, is in `training_data`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import documents, options, streams
from cli.counting import number_of
from cli.errors import ExitCode
from cli.training_progress import StopRequest, TrainingDisplay, duration
from codesearch import training

RUN_EPILOG = """\
SETTINGS is a TOML file, or the name of one that comes with codesearch:
  fine-tune      your own repositories, from any checkpoint; minutes
  efficient      an encoder that can embed learns code, then gets a decoder
  efficient-gpu  the same with large batches, in minutes on a large GPU
  decoder        a decoder learns to match, write and sum up code; two hours
  from-scratch   a small CodeT5+ with random weights; needs a GPU

Examples:
  codesearch train run fine-tune --corpus ours --init bundled --output tuned
  codesearch train run efficient --corpus corpus --init start --output run

Ctrl-C saves the run where it is; the same command goes on with it.
What was learned is in OUTPUT/checkpoint, how it went in OUTPUT/curves.png."""

AVERAGE_EPILOG = """\
Examples:
  codesearch train average bundled tuned/checkpoint --output mixed
  codesearch train average bundled tuned/checkpoint --share 0.3 --output mixed

What the first model knew is kept better than by training alone."""

CURVES_EPILOG = """\
Example:
  codesearch train curves run

While the run goes on, too: it shows what is logged so far."""

SettingsName = Annotated[
    str, typer.Argument(metavar="SETTINGS", help="A file of settings, or the name of a route.", show_default=False)
]
Corpus = Annotated[Path, typer.Option("--corpus", metavar="FOLDER", help="What to learn from.", show_default=False)]
Start = Annotated[
    str,
    typer.Option(
        "--init",
        metavar="MODEL",
        help="Where to start: a model's name or a folder with a checkpoint.",
        show_default=False,
    ),
]
RunFolder = Annotated[
    Path, typer.Option("--output", metavar="FOLDER", help="Where the run is kept.", show_default=False)
]
Device = Annotated[str, typer.Option("--device", metavar="NAME", help="auto, cpu or cuda.")]
Minutes = Annotated[
    float | None,
    typer.Option(
        "--minutes",
        min=0,
        metavar="N",
        help="Save the run and stop after so long; run again to go on.",
        show_default=False,
    ),
]
First = Annotated[str, typer.Argument(metavar="A", help="The model that is kept in everything but weights.")]
Second = Annotated[str, typer.Argument(metavar="B", help="The model towards which weights move.")]
Share = Annotated[float, typer.Option("--share", min=0, max=1, metavar="S", help="How far: 0 is A, 1 is B.")]
Target = Annotated[
    Path, typer.Option("--output", metavar="FOLDER", help="Where the checkpoint goes.", show_default=False)
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False)]


def run(
    settings: SettingsName,
    corpus: Corpus,
    init: Start,
    output: RunFolder,
    device: Device = "auto",
    minutes: Minutes = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Train a model, or go on with a run that is there."""
    with StopRequest(minutes) as stop, TrainingDisplay(enabled=not quiet) as display:
        report = training.train(settings, corpus, init, output, device=device, report=display, stop=stop)
    if as_json:
        streams.write(documents.dumps(documents.training_document(report)))
    if not quiet:
        streams.note(summary(report, output))
        _name_missing_picture(report.curves)
    if stop.interrupted:
        raise typer.Exit(ExitCode.STOPPED)


def average(first: First, second: Second, output: Target, share: Share = 0.5) -> None:
    """Mix two checkpoints, one of which was trained from the other."""
    training.average_checkpoints(first, second, share, output)
    streams.note(f"{output}: {first} with {share:.0%} of {second}")


def curves(run: Run, as_json: options.AsJson = False) -> None:
    """Draw the curves of a run: curves.json and curves.png beside its log."""
    drawn = training.draw_curves(run)
    if as_json:
        streams.write(drawn.numbers.read_text(encoding="utf-8").rstrip())
        return
    streams.write(str(drawn.numbers))
    if drawn.picture is not None:
        streams.write(str(drawn.picture))
    _name_missing_picture(drawn)


def summary(report: training.TrainingReport, output: Path) -> str:
    """Return in one line what came of a run, and how to go on with one that has not ended."""
    quality = "" if report.mrr is None else f", MRR {report.mrr:.3f}"
    steps = f"{report.steps:,} of {number_of(report.of_steps, 'step')}"
    done = f"{steps}{quality}, {duration(report.seconds)} on {report.device}"
    if report.finished:
        return (
            f"{report.checkpoint}  {done}; to see what it is worth: codesearch eval FOLDER --model {report.checkpoint}"
        )
    return f"{output}  {done}; saved; to go on, run the same command again"


def _name_missing_picture(drawn: training.Curves) -> None:
    if drawn.picture is None:
        streams.note("there is no picture without matplotlib; to get it: pip install 'codesearch-codet5p[train]'")
