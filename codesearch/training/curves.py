"""The curves of a run, from its log: `curves.json` for programs, `curves.png` for people.

The picture needs matplotlib, which comes with the extra `train`; the numbers need nothing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from codesearch.training.errors import RunMissing
from codesearch.training.objectives.joint import CONTRASTIVE, DISTILLATION
from codesearch.training.run_log import LOG_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

CURVES_FILE = "curves.json"
PICTURE_FILE = "curves.png"

# A batch's loss says little: half of what a smoothed value is made of lies within so many steps, or within this share
# of a shorter stage.
SMOOTHING_STEPS = 50
_SMOOTHING_SHARE = 0.04
_DECIMALS = 5
_ACCURACY = "accuracy"  # how the names of shares end; all other names are losses
_DECODER = "decoder"
_TEACH_NO_DECODER = frozenset({_ACCURACY, CONTRASTIVE, DISTILLATION})  # what compares vectors logs these alone


@dataclass(frozen=True, slots=True)
class Curve:
    """One number along a run: at which steps it was taken, as it was, and smoothed."""

    steps: list[int]
    values: list[float]
    smoothed: list[float]


@dataclass(frozen=True, slots=True)
class StageSpan:
    """A stage and the steps of the whole run that it goes from and to, both included."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class RunCurves:
    """Everything that a run logged; `mrr` has a value for each evaluation, the others one for each line.

    A learning rate is that of a part that learns: the decoder's has no value where no loss is the decoder's.
    """

    stages: list[StageSpan]
    losses: dict[str, Curve]
    accuracies: dict[str, Curve]
    mrr: Curve
    pairs_per_second: Curve
    learning_rates: dict[str, Curve]


@dataclass(frozen=True, slots=True)
class Curves:
    """The files that were written; `picture` is None where matplotlib is not installed."""

    numbers: Path
    picture: Path | None


def draw_curves(run: Path) -> Curves:
    """Write the curves of the run in the folder `run` beside its log.

    Raises RunMissing where nothing is logged.
    """
    curves = read_curves(run)
    numbers, picture = run / CURVES_FILE, run / PICTURE_FILE
    numbers.write_text(json.dumps(asdict(curves)) + "\n", encoding="utf-8")
    try:
        from codesearch.training.picture import draw
    except ImportError:
        return Curves(numbers, None)
    draw(curves, picture)
    return Curves(numbers, picture)


def read_curves(run: Path) -> RunCurves:
    """Return what the run in the folder `run` logged; of a step that was done twice, the second time.

    Raises RunMissing where nothing is logged.
    """
    lines = _lines(run)
    if not lines:
        raise RunMissing(run)
    spans = _spans(lines)
    return RunCurves(
        stages=spans,
        losses=_curves(lines, spans, "losses", lambda name: not name.endswith(_ACCURACY)),
        accuracies=_curves(lines, spans, "losses", lambda name: name.endswith(_ACCURACY)),
        mrr=_raw(_changes((line["total_step"], line["mrr"]) for line in lines)),
        pairs_per_second=_raw((line["total_step"], line["pairs_per_second"]) for line in lines),
        learning_rates={name: curve for name, curve in _learning_rates(lines) if curve.values},
    )


def smoothed(steps: Sequence[int], values: Sequence[float], half: float = SMOOTHING_STEPS) -> list[float]:
    """Return the mean of each value and all before it, a value's weight halving with every `half` steps of age."""
    total = weight = 0.0
    found, before = [], None
    for step, value in zip(steps, values, strict=True):
        kept = 0.5 ** ((step - (step if before is None else before)) / half)
        total, weight, before = total * kept + value, weight * kept + 1.0, step
        found.append(total / weight)
    return found


def _lines(run: Path) -> list[dict[str, Any]]:
    """Return the lines of the log by step; a last line that was cut off is left out."""
    found: dict[int, dict[str, Any]] = {}
    try:
        text = (run / LOG_FILE).read_text(encoding="utf-8")
    except OSError as error:
        raise RunMissing(run) from error
    for row in text.splitlines():
        try:
            line = json.loads(row)
            found[line["total_step"]] = line
        except (ValueError, KeyError, TypeError):
            continue
    return [found[step] for step in sorted(found)]


def _names(lines: Sequence[dict[str, Any]], field: str) -> list[str]:
    return list({name: None for line in lines for name in line.get(field, {})})


def _learning_rates(lines: Sequence[dict[str, Any]]) -> Iterable[tuple[str, Curve]]:
    for name in _names(lines, "learning_rates"):
        learning = [line for line in lines if name != _DECODER or not _TEACH_NO_DECODER.issuperset(line["losses"])]
        yield name, _raw((line["total_step"], line.get("learning_rates", {}).get(name)) for line in learning)


def _curves(
    lines: Sequence[dict[str, Any]], spans: Sequence[StageSpan], field: str, wanted: Callable[[str], bool]
) -> dict[str, Curve]:
    """Return the curves of the names that are wanted, each stage smoothed on its own: batches are of other sizes."""
    found = {}
    for name in filter(wanted, _names(lines, field)):
        steps: list[int] = []
        values: list[float] = []
        means: list[float] = []
        for span in spans:
            inside = [line for line in lines if span.first <= line["total_step"] <= span.last and name in line[field]]
            steps += [line["total_step"] for line in inside]
            values += [line[field][name] for line in inside]
            half = min(SMOOTHING_STEPS, max(1.0, _SMOOTHING_SHARE * (span.last - span.first)))
            means += smoothed(steps[len(means) :], values[len(means) :], half)
        found[name] = Curve(steps, [round(one, _DECIMALS) for one in values], [round(one, _DECIMALS) for one in means])
    return found


def _raw(points: Iterable[tuple[int, float | None]]) -> Curve:
    taken = [(step, value) for step, value in points if value is not None]
    values = [value for _, value in taken]
    return Curve([step for step, _ in taken], values, values)


def _changes(points: Iterable[tuple[int, float | None]]) -> Iterable[tuple[int, float | None]]:
    """Yield the points at which the value is another than before: an evaluation's figure is logged until the next."""
    before = None
    for step, value in points:
        if value != before:
            yield step, value
        before = value


def _spans(lines: Sequence[dict[str, Any]]) -> list[StageSpan]:
    spans: list[StageSpan] = []
    for line in lines:
        step, name = line["total_step"], line["stage"]
        if spans and spans[-1].name == name:
            spans[-1] = StageSpan(name, spans[-1].first, step)
        else:
            spans.append(StageSpan(name, step - line["step"] + 1, step))
    return spans
