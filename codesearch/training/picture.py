"""The curves of a run as a picture, with matplotlib: losses, how well it searches, and what it was taught with.

Importing this module loads matplotlib, and fails where it is not installed. The numbers are `curves`'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codesearch.training.curves import Curve, RunCurves

# Okabe and Ito's colours, which people with any kind of sight can tell apart; yellow is too pale for a thin line.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6A3D9A", "#555555")
_INK, _QUIET, _GRID = "#222222", "#666666", "#E6E6E6"
_RAW = 0.22  # the opacity of what is not smoothed
_SIZE = (11.0, 7.2)  # inches, at 130 dots each: 1,430 x 936
_DOTS = 130
_STAGE_SHADE = "#F5F5F2"
_HEADROOM = 1.12  # of the losses' axis: above what is left after the first steps, which would flatten all the rest
_SETTLED = 0.02  # of a curve's points, the first: how the start from random weights falls is not worth the space


def draw(curves: RunCurves, file: Path) -> None:
    """Write the picture of `curves` to `file`, a PNG; an unfinished write leaves the former picture."""
    figure = Figure(figsize=_SIZE, dpi=_DOTS, layout="constrained", facecolor="white")
    grid = figure.add_gridspec(2, 2, height_ratios=(1.35, 1.0))
    losses = figure.add_subplot(grid[0, :])
    search = figure.add_subplot(grid[1, 0], sharex=losses)
    teaching = figure.add_subplot(grid[1, 1], sharex=losses)
    _draw_losses(losses, curves)
    _draw_search(search, curves)
    _draw_teaching(teaching, curves)
    for panel in (losses, search, teaching):
        _dress(panel, curves)
    _name_stages(losses, curves)
    partial = file.with_suffix(".partial")
    figure.savefig(partial, format="png")
    partial.replace(file)


def _draw_losses(panel: Any, curves: RunCurves) -> None:  # noqa: ANN401 - an untyped class of matplotlib
    _lines(panel, curves.losses)
    panel.set_title("Loss", loc="left", pad=20)
    highest = max((_settled_peak(curve) for curve in curves.losses.values()), default=1.0)
    panel.set_ylim(0, highest * _HEADROOM)
    _legend(panel)


def _draw_search(panel: Any, curves: RunCurves) -> None:  # noqa: ANN401 - as above
    _lines(panel, curves.accuracies, first_colour=1)
    mrr = curves.mrr
    if mrr.values:
        panel.plot(mrr.steps, mrr.values, "o-", color=COLOURS[0], markersize=4, linewidth=1.8, label="held-out MRR")
        panel.annotate(
            f"{mrr.values[-1]:.3f}",
            (mrr.steps[-1], mrr.values[-1]),
            (0, 7),
            textcoords="offset points",
            ha="right",
            color=COLOURS[0],
            fontweight="bold",
        )
    panel.set_title("Search and matching", loc="left")
    panel.set_ylim(0, 1)
    _legend(panel)


def _draw_teaching(panel: Any, curves: RunCurves) -> None:  # noqa: ANN401 - as above
    panel.set_title("Speed and learning rate", loc="left")
    speed = curves.pairs_per_second
    panel.plot(speed.steps, speed.values, color=COLOURS[2], linewidth=1.6, label="pairs a second")
    panel.set_ylim(0, max(speed.values, default=1.0) * _HEADROOM)
    if curves.learning_rates:
        right = panel.twinx()
        for number, (name, curve) in enumerate(curves.learning_rates.items()):
            style = ("-", "--")[number % 2]
            right.plot(curve.steps, curve.values, style, color=_QUIET, linewidth=1.1, label=f"rate of the {name}")
        highest = max(max(curve.values, default=0.0) for curve in curves.learning_rates.values())
        right.set_ylim(0, highest * _HEADROOM or 1.0)
        right.yaxis.set_major_formatter(EngFormatter(sep=""))
        right.tick_params(colors=_QUIET, length=0, labelsize=8)
        for side in right.spines.values():
            side.set_visible(False)
        lines = [*panel.lines, *right.lines]
        _legend(panel, handles=lines, labels=[str(line.get_label()) for line in lines])
    else:
        _legend(panel)


def _lines(panel: Any, named: Mapping[str, Curve], first_colour: int = 0) -> None:  # noqa: ANN401 - as above
    for number, (name, curve) in enumerate(named.items()):
        colour = COLOURS[(number + first_colour) % len(COLOURS)]
        panel.plot(curve.steps, curve.values, color=colour, linewidth=0.7, alpha=_RAW)
        panel.plot(curve.steps, curve.smoothed, color=colour, linewidth=1.8, label=name.replace("_", " "))


def _settled_peak(curve: Curve) -> float:
    """Return the highest smoothed value after the first steps."""
    start = int(len(curve.smoothed) * _SETTLED)
    return max(curve.smoothed[start:], default=1.0)


def _dress(panel: Any, curves: RunCurves) -> None:  # noqa: ANN401 - as above
    """Give a panel its grid and axes, and shade every other stage."""
    panel.set_xlim(1, max((span.last for span in curves.stages), default=2) + 1)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    panel.set_xlabel("step", color=_QUIET, fontsize=9)
    panel.title.set_fontsize(11)
    panel.title.set_fontweight("bold")
    panel.title.set_color(_INK)
    panel.grid(axis="y", color=_GRID, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(colors=_QUIET, length=0, labelsize=8)
    for side in ("top", "right", "left"):
        panel.spines[side].set_visible(False)
    panel.spines["bottom"].set_color(_GRID)
    for span in curves.stages[1::2]:
        panel.axvspan(span.first - 0.5, span.last + 0.5, color=_STAGE_SHADE, zorder=0)


def _name_stages(panel: Any, curves: RunCurves) -> None:  # noqa: ANN401 - as above
    for span in curves.stages:
        panel.annotate(
            span.name,
            ((span.first + span.last) / 2, 1.0),
            (0, 5),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            color=_QUIET,
            fontsize=9,
        )


def _legend(panel: Any, **entries: Any) -> None:  # noqa: ANN401 - as above
    handles = entries.get("handles") or panel.get_legend_handles_labels()[0]
    if handles:
        columns = min(4, len(handles))
        panel.legend(**entries, frameon=False, fontsize=8.5, labelcolor=_INK, loc="best", ncols=columns)
