"""Pictures of a run: python -m benchmarks.plots [RESULT.json]; by default the newest result. Needs matplotlib.

Writes below benchmarks/plots: how indexing time, memory and the time of a query grow, which index answers how fast at
which recall, and the ratios beside peers.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Run, read_run
from benchmarks.report import newest, ratios

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOLDER = Path(__file__).parent / "plots"
_INCHES = (7.0, 4.2)
_DOTS_PER_INCH = 130
_COLOURS = 10  # of matplotlib's default cycle

# File name -> (question, the names of the figures in it, title)
_GROWTH = {
    "index_time": ("indexing", ("first index", "nothing changed", "one file changed"), "Time to index"),
    "index_memory": ("indexing", ("memory",), "Memory while indexing"),
    "query_time": (
        "searching",
        ("warm lexical query, p50", "warm dense query, p50", "warm hybrid query, p50", "warm refreshing query, p50"),
        "Time of a warm query",
    ),
    "command_time": ("searching", ("whole command",), "Time of a whole command"),
    "command_memory": ("searching", ("memory of a command",), "Memory of a command"),
    "vector_query_time": ("vectors", ("query, p50",), "Time of a query by kind of index, one core"),
    "vector_recall": ("vectors", ("recall@100",), "Share of the 100 nearest that is found"),
}


def draw(run: Run, folder: Path = FOLDER) -> list[Path]:
    """Write the pictures of a run into a folder, which is made, and return their files."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (question, names, title) in _GROWTH.items():
        figure, axes = pyplot.subplots(figsize=_INCHES, layout="constrained")
        if _growth(axes, run, question, names):
            axes.set_title(title)
            written.append(folder / f"{name}.png")
            figure.savefig(written[-1], dpi=_DOTS_PER_INCH)
        pyplot.close(figure)
    figure, axes = pyplot.subplots(figsize=_INCHES, layout="constrained")
    if _beside(axes, run):
        written.append(folder / "beside_peers.png")
        figure.savefig(written[-1], dpi=_DOTS_PER_INCH)
    pyplot.close(figure)
    return written


def _growth(axes: Axes, run: Run, question: str, names: tuple[str, ...]) -> bool:
    """Draw one curve for each subject and name, both axes logarithmic; return whether there was anything to draw."""
    curves: dict[str, list[tuple[int, float]]] = {}
    unit = size_unit = ""
    for one in run.figures:
        if one.question == question and one.name in names and one.size and one.value is not None:
            label = one.subject if len(names) == 1 else f"{one.subject}: {one.name}"
            curves.setdefault(label, []).append((one.size, one.value))
            unit, size_unit = one.unit, one.size_unit
    for number, (label, points) in enumerate(curves.items()):
        sizes, values = zip(*sorted(points), strict=True)
        dashes = "-" if number < _COLOURS else "--"  # colours begin again
        axes.plot(sizes, values, dashes, marker="o", markersize=3, linewidth=1.2, label=label)
    if curves:
        axes.set_xscale("log")
        axes.set_yscale("log" if unit else "linear")
        axes.set_xlabel(size_unit)
        axes.set_ylabel(unit)
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend(fontsize=6)
    return bool(curves)


def _beside(axes: Axes, run: Run) -> bool:
    """Draw a bar for each ratio at the largest size of each comparison; right of 1 codesearch is the better one."""
    largest = {}
    for ours, theirs, ratio in ratios(run):
        largest[f"{ours.name} / {theirs.subject}"] = ratio
    axes.barh(
        list(largest),
        list(largest.values()),
        color=["tab:green" if one >= 1 else "tab:red" for one in largest.values()],
    )
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("times as good as the peer")
    axes.set_title("Beside peers, at the largest size")
    return bool(largest)


def main() -> None:
    """Draw the named result, or the newest."""
    for path in draw(read_run(Path(sys.argv[1]) if len(sys.argv) > 1 else newest())):
        sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])}\n")


if __name__ == "__main__":
    main()
