"""The commands `eval compare` and `eval history`: what runs of the search that were kept say of each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import documents, options, streams
from codesearch import evaluation

COMPARE_EPILOG = """\
A and B are runs of eval search or eval repositories: what --keep has kept, or
what --json has printed. Queries that both have are paired. The interval
(95 %) and the p-value (two-sided, by randomisation) are of the difference, B
less A.

Examples:
  codesearch eval compare runs/before.json runs/after.json
  codesearch eval compare run.json run.json --mode lexical --with hybrid
  codesearch eval compare runs/before.json runs/after.json --changed 20"""

HISTORY_EPILOG = """\
FOLDER is what --keep of eval search and eval repositories was given.

Examples:
  codesearch eval history runs
  codesearch eval history runs --set shop --metric ndcg@10 --plot runs.png"""

First = Annotated[Path, typer.Argument(metavar="A.json", help="The run before.", show_default=False)]
Second = Annotated[Path, typer.Argument(metavar="B.json", help="The run after.", show_default=False)]
FirstMode = Annotated[
    str | None, typer.Option("--mode", metavar="MODE", help="Only this mode.", show_default="all that both have")
]
SecondMode = Annotated[
    str | None, typer.Option("--with", metavar="MODE", help="The mode of B.", show_default="the same")
]
Changed = Annotated[
    int, typer.Option("--changed", min=0, metavar="N", help="How many queries to name, better and worse.")
]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of kept runs.", show_default=False)]
SetName = Annotated[
    str | None, typer.Option("--set", metavar="NAME", help="Only runs of this set.", show_default=False)
]
Metric = Annotated[
    str | None,
    typer.Option("--metric", metavar="NAME", help="Only this figure: ndcg@10, mrr@10, ...", show_default=False),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        metavar="FILE.png",
        help="Draw the figure over time (needs matplotlib).",
        show_default=False,
        rich_help_panel=options.OUTPUT,
    ),
]


def compare(
    first: First,
    second: Second,
    mode: FirstMode = None,
    with_mode: SecondMode = None,
    changed: Changed = 5,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
) -> None:
    """Compare two runs query by query: differences, their intervals and p-values, and what changed most."""
    runs = evaluation.read_run(first), evaluation.read_run(second)
    comparison = evaluation.compare_runs(*runs, mode=mode, with_mode=with_mode, most_changed=changed)
    if as_json:
        streams.write(documents.dumps(documents.comparison_document(comparison)))
        return
    from cli import run_reports

    streams.write_lines(run_reports.comparison_lines(comparison), color)


def history(
    folder: Folder,
    set_name: SetName = None,
    metric: Metric = None,
    plot: Plot = None,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
) -> None:
    """Show the runs that were kept, the oldest first, and draw a figure over time."""
    runs = [run for run in evaluation.kept_runs(folder) if set_name in (None, run.set)]
    metrics = list(dict.fromkeys(name for run in runs for figures in run.modes.values() for name in figures))
    if metric is not None and metric not in metrics:
        raise typer.BadParameter(f"{metric!r} is none of {', '.join(metrics) or 'no figures'}.", param_hint="--metric")
    if not runs:
        raise typer.BadParameter(f"no run of the set {set_name!r} was kept.", param_hint="--set")
    if plot is not None:
        drawn = metric or next((name for name in evaluation.FAVOURITE_METRICS if name in metrics), metrics[0])
        evaluation.draw_history(runs, drawn, plot)
        streams.note(f"drawn: {plot} ({drawn})")
    if as_json:
        streams.write(documents.dumps(documents.history_document(runs)))
        return
    from cli import run_reports

    streams.write_lines(run_reports.history_lines(runs, [metric] if metric else metrics), color)
