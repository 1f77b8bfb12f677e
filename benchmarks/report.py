"""A run as a page of Markdown: python -m benchmarks.report [RESULT.json ...]; by default the newest result.

The first table holds the ratios beside peers, where both were measured in the same run; then one table for each
question.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import CODESEARCH, Figure, read_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Run

RESULTS = Path(__file__).parent / "results"
_PER_SECOND = "1/s"
_PEER_OF = {
    "first index": ("semble", "bm25s"),
    "memory": ("semble",),
    "library on disk": ("semble",),
    "functions encoded": ("sentence-transformers",),
    "whole command": ("ripgrep",),
}


def newest() -> Path:
    """Return the newest result; FileNotFoundError when there is none."""
    found = sorted(RESULTS.glob("*.json"))
    if not found:
        raise FileNotFoundError(RESULTS)
    return found[-1]


def ratios(run: Run) -> Iterator[tuple[Figure, Figure, float]]:
    """Yield (ours, a peer's, how many times better ours is) for what was measured of both at the same size."""
    measured = {(one.subject, one.name, one.size): one for one in run.figures if one.value}
    for ours in measured.values():
        if ours.subject != CODESEARCH:
            continue
        for peer in _PEER_OF.get(ours.name, ()):
            theirs = measured.get((peer, ours.name, ours.size))
            if theirs is None or not ours.value or not theirs.value:
                continue
            better = ours.value / theirs.value
            yield ours, theirs, better if ours.unit == _PER_SECOND else 1 / better


def markdown(run: Run) -> str:
    """Return the page of one run."""
    lines = [f"# Measured {run.date}", ""]
    lines.append("; ".join(f"{name} {value}" for name, value in {**run.machine, **run.settings}.items()))
    beside = list(ratios(run))
    if beside:
        lines += [
            "",
            "## Beside peers",
            "",
            "| what | size | codesearch | peer | times as good |",
            "| --- | --- | --- | --- | --- |",
        ]
    for ours, theirs, ratio in beside:
        peer = f"{theirs.subject}: {_value(theirs)}"
        lines.append(f"| {ours.name} | {_size(ours)} | {_value(ours)} | {peer} | {ratio:.3g} |")
    for question in dict.fromkeys(one.question for one in run.figures):
        lines += ["", f"## {question.capitalize()}", "", "| of | what | size | value |", "| --- | --- | --- | --- |"]
        for one in run.figures:
            if one.question == question:
                lines.append(f"| {one.subject} | {one.name} | {_size(one)} | {_value(one)} |")
    return "\n".join(lines) + "\n"


def _size(figure: Figure) -> str:
    return f"{figure.size:,} {figure.size_unit}" if figure.size else ""


def _value(figure: Figure) -> str:
    if figure.value is None:
        return f"not measured: {figure.note}"
    number = f"{figure.value:,.0f}" if abs(figure.value) >= 1_000 else f"{figure.value:.4g}"  # noqa: PLR2004
    return f"{number} {figure.unit}".strip()


def main() -> None:
    """Print the reports of the named results."""
    for path in [Path(name) for name in sys.argv[1:]] or [newest()]:
        sys.stdout.write(markdown(read_run(path)))


if __name__ == "__main__":
    main()
