"""The curves of a run as a picture, with matplotlib: losses, how well it searches, and what it was taught with.

Importing this module loads matplotlib, and fails where it is not installed. The numbers are `curves`'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from codesearch.training.curves import Curve, RunCurves, StageSpan

# Okabe and Ito's colours, which people with any kind of sight can tell apart; yellow is too pale for a thin line.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6A3D9A", "#555555")
_INK, _QUIET, _GRID = "#222222", "#666666", "#E6E6E6"
_RAW = 0.25  # the opacity of what is not smoothed
_SIZE = (11.0, 7.2)  # inches, at 130 dots each: 1,430 x 936
_DOTS = 130
_STAGE_SHADE = "#F6F6F3"
_HEADROOM = 1.14  # above the curves, for the names of stages
_SETTLED = 0.02  # of a curve's points, the first: how the start from random weights falls is not worth the space


def draw(curves: RunCurves, file: Path) -> None:
    """Write the picture of `curves` to `file`, a PNG; an unfinished write leaves the former picture."""
    partial = file.with_suffix(".partial")
    figure_of(curves).savefig(partial, format="png")
    partial.replace(file)


def figure_of(curves: RunCurves) -> Figure:
    """Return the picture: losses, how well it searches where that was measured, and what it was taught with."""
    layout = ConstrainedLayoutEngine(hspace=0.06, wspace=0.04)
    figure = Figure(figsize=_SIZE, dpi=_DOTS, layout=layout, facecolor="white")
    grid = figure.add_gridspec(2, 2, height_ratios=(1.35, 1.0))
    searched = bool(curves.mrr.values or curves.accuracies)
    below = [(grid[1, 0], _draw_search), (grid[1, 1], _draw_teaching)] if searched else [(grid[1, :], _draw_teaching)]
    for place, fill in [(grid[0, :], _draw_losses), *below]:
        panel = figure.add_subplot(place)
        _dress(panel, curves)
        fill(panel, curves)
    _name_stages(figure.axes[0], curves)
    return figure


def _draw_losses(panel: Any, curves: RunCurves) -> None:  # noqa: ANN401 - an untyped class of matplotlib
    _lines(panel, curves.losses, curves.stages)
    highest = max((_settled_peak(curve) for curve in curves.losses.values()), default=1.0)
    panel.set_ylim(0, highest * _HEADROOM or 1.0)
    _title(panel, "Loss")


def _draw_search(panel: Any, curves: RunCurves) -> None:  # noqa: ANN401 - as above
    _lines(panel, curves.accuracies, curves.stages, first_colour=1)
    mrr = curves.mrr
    if mrr.values:
        panel.plot(mrr.steps, mrr.values, "o-", color=COLOURS[0], markersize=3.5, linewidth=1.8, label="held-out MRR")
        panel.annotate(
            f"{mrr.values[-1]:.3f}",
            (mrr.steps[-1], mrr.values[-1]),
            (0, 6),
            textcoords="offset points",
            ha="right",
            color=COLOURS[0],
            fontweight="bold",
        )
    panel.set_ylim(0, 1.04)
    _title(panel, "Search")


def _draw_teaching(panel: Any, curves: RunCurves) -> None:  # noqa: ANN401 - as above
    speed = curves.pairs_per_second
    for steps, values in _by_stage(speed.steps, speed.values, curves.stages):
        panel.plot(steps, values, color=COLOURS[2], linewidth=1.6, label=_first_of(panel, "pairs/s"))
    panel.set_ylim(0, max(speed.values, default=1.0) * _HEADROOM or 1.0)
    lines = list(panel.lines)
    if curves.learning_rates:
        right = panel.twinx()
        for number, (name, curve) in enumerate(curves.learning_rates.items()):
            style = ("-", "--")[number % 2]
            for steps, values in _by_stage(curve.steps, curve.values, curves.stages):
                label = _first_of(right, f"{name}'s rate")
                right.plot(steps, values, style, color=_QUIET, linewidth=1.1, label=label)
        highest = max(max(curve.values, default=0.0) for curve in curves.learning_rates.values())
        right.set_ylim(0, highest * _HEADROOM or 1.0)
        right.yaxis.set_major_formatter(
            FuncFormatter(lambda rate, _: f"{rate:.0e}".replace("e-0", "e-") if rate else "0")
        )
        right.tick_params(colors=_QUIET, length=0, labelsize=8)
        for side in right.spines.values():
            side.set_visible(False)
        lines += right.lines
    _title(panel, "Speed and learning", lines)


def _lines(
    panel: Any,  # noqa: ANN401 - as above
    named: Mapping[str, Curve],
    stages: Sequence[StageSpan],
    first_colour: int = 0,
) -> None:
    for number, (name, curve) in enumerate(named.items()):
        colour = COLOURS[(number + first_colour) % len(COLOURS)]
        for steps, values in _by_stage(curve.steps, curve.values, stages):
            panel.plot(steps, values, color=colour, linewidth=0.7, alpha=_RAW, zorder=2)
        for steps, values in _by_stage(curve.steps, curve.smoothed, stages):
            label = _first_of(panel, name.replace("_", " "))
            panel.plot(steps, values, color=colour, linewidth=1.8, label=label, zorder=3)


def _first_of(panel: Any, label: str) -> str:  # noqa: ANN401 - as above
    """Return the label for the first line that has it; the legend leaves out what begins with an underscore."""
    return f"_{label}" if any(line.get_label() == label for line in panel.lines) else label


def _by_stage(
    steps: Sequence[int], values: Sequence[float], stages: Sequence[StageSpan]
) -> Iterator[tuple[list[int], list[float]]]:
    """Yield the part of a curve that is in each stage: between stages it jumps, and a line would be no measurement."""
    for span in stages:
        inside = [(step, value) for step, value in zip(steps, values, strict=True) if span.first <= step <= span.last]
        if inside:
            yield [step for step, _ in inside], [value for _, value in inside]


def _settled_peak(curve: Curve) -> float:
    """Return the highest smoothed value after the first steps."""
    start = int(len(curve.smoothed) * _SETTLED)
    return max(curve.smoothed[start:], default=1.0)


def _dress(panel: Any, curves: RunCurves) -> None:  # noqa: ANN401 - as above
    """Give a panel its grid and axes, and shade every other stage."""
    last = max((span.last for span in curves.stages), default=2)
    panel.set_xlim(1, last + max(1, last * 0.01))
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda step, _: f"{step:,.0f}"))
    panel.set_xlabel("step", color=_QUIET, fontsize=9)
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
            (0, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="top",
            color=_QUIET,
            fontsize=9,
        )


def _title(panel: Any, text: str, lines: Sequence[Any] | None = None) -> None:  # noqa: ANN401 - as above
    """Name a panel, and in the same row what its lines are."""
    panel.set_title(text, loc="left", fontsize=11, fontweight="bold", color=_INK)
    shown = [line for line in lines or panel.lines if not str(line.get_label()).startswith("_")]
    if shown:
        panel.legend(
            shown,
            [str(line.get_label()) for line in shown],
            loc="lower right",
            bbox_to_anchor=(1.0, 1.0),
            borderaxespad=0.2,
            ncols=len(shown),
            frameon=False,
            fontsize=8,
            labelcolor=_INK,
            handlelength=1.4,
            columnspacing=1.2,
        )
