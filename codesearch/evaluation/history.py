"""A metric of kept runs over time, as a picture: a line for each set and mode, a point for each run.

Importing this loads no matplotlib, which comes with the extra `train`; drawing does.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from codesearch.errors import DrawingUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from codesearch.evaluation.runs import Run

    Line = list[tuple[datetime, float]]

# Okabe and Ito's colours, which people with any kind of sight can tell apart; yellow is too pale for a thin line.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555")
_QUIET, _GRID = "#666666", "#E6E6E6"
_SIZE, _DOTS = (9.0, 4.8), 130  # inches, dots an inch


def lines_of(runs: Sequence[Run], metric: str) -> dict[str, Line]:
    """Return the values of a metric over time, by set and mode ("shop hybrid"); runs without it are left out."""
    lines: dict[str, Line] = defaultdict(list)
    for run in runs:
        for mode, figures in run.modes.items():
            if run.moment is not None and metric in figures:
                lines[f"{run.set} {mode}"].append((run.moment, figures[metric]))
    return dict(lines)


def draw_history(runs: Sequence[Run], metric: str, file: Path) -> None:
    """Write the picture to `file`, a PNG; an unfinished write leaves the former one. Raises DrawingUnavailable."""
    try:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
        from matplotlib.figure import Figure
    except ImportError as error:
        raise DrawingUnavailable from error
    figure = Figure(figsize=_SIZE, dpi=_DOTS, layout="constrained", facecolor="white")
    panel: Any = figure.add_subplot()
    for number, (name, line) in enumerate(lines_of(runs, metric).items()):
        moments, values = zip(*line, strict=True)
        colour = _COLOURS[number % len(_COLOURS)]
        panel.plot(moments, values, "o-", color=colour, markersize=4, linewidth=1.6, label=name)
        panel.annotate(f"{values[-1]:.3f}", (moments[-1], values[-1]), (4, 4), textcoords="offset points", color=colour)
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    panel.set_title(metric, loc="left", fontsize=11, fontweight="bold")
    panel.grid(axis="y", color=_GRID, linewidth=0.8)
    panel.margins(x=0.08, y=0.15)
    panel.tick_params(colors=_QUIET, length=0, labelsize=8)
    for side in ("top", "right", "left"):
        panel.spines[side].set_visible(False)
    if panel.lines:
        panel.legend(frameon=False, fontsize=8, loc="best")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    figure.savefig(partial, format="png")
    partial.replace(file)
