"""What `status`, `models` and `eval` say to people: labelled lines and small tables, on a terminal or not.

Pure functions from values to rich texts; without colour they are plain text. Matches are the business of `views`.
"""

from __future__ import annotations

import re
import shlex
import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from cli.counting import number_of
from cli.highlighting import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from codesearch import (
        EvaluationReport,
        MatchingReport,
        ModelStatus,
        RepositoryStatus,
        VerificationReport,
        evaluation,
    )

TITLE_STYLE = "bold"
LABEL_STYLE = "dim"
GOOD_STYLE = "green"
BAD_STYLE = "bold red"

_LABEL_COLUMNS = 15  # "  definitions  "
_FIGURE_COLUMNS = 9  # "recall@10"
_INTERVAL_COLUMNS = 11  # "1.000-1.000"
_FEWEST_COLUMNS = 20  # a narrower terminal gets long lines instead of a column of syllables
_NO_BREAK = "\u00a0"
_DETAIL = re.compile(r"\s*[(:].*", re.DOTALL)


def status_lines(status: RepositoryStatus, width: int | None) -> Iterator[Text]:
    """Yield what the library holds of one repository; texts are wrapped to `width` unless it is None."""
    yield Text(printable(str(status.root)), style=TITLE_STYLE)
    if status.gone:
        command = f"codesearch clear {shlex.quote(str(status.root))}"
        yield from _field("folder", f"no longer there; to forget its index: {command}", None)
    if status.being_indexed:
        yield from _field("now", "another codesearch is indexing it", width)
    yield from _field("indexed", _indexed(status), width)
    model = f"{model_name(status.model)}: " if status.model else ""
    yield from _field("embedded", f"{model}{embedded_share(status.embedded_passages, status.passages)}", width)
    yield from _field("files", counted(status.files), width)
    yield from _field("definitions", counted(status.definitions), width)
    if status.summarised or status.unsummarised:
        yield from _field("summaries", _summaries(status), width)
    if status.skipped:
        yield from _field("skipped", counted(_by_kind_of_reason(status.skipped)), width)


def model_lines(models: Sequence[ModelStatus], width: int | None) -> Iterator[Text]:
    """Yield each model: its name, whether it is there, its dimension, what it is, and where."""
    for model in models:
        title = Text.assemble((model.name, TITLE_STYLE))
        title.append("  present" if model.present else "  absent", GOOD_STYLE if model.present else LABEL_STYLE)
        if model.default:
            title.append("  default", LABEL_STYLE)
        yield title
        yield from _field("what", model.description, width)
        yield from _field("dimension", str(model.dimension), width)
        yield from _field("where" if model.present else "belongs in", model.location, None)


def verification_lines(report: VerificationReport) -> Iterator[Text]:
    """Yield each check of a model's verification: its outcome, its name and the figures."""
    for check in report.checks:
        outcome = ("ok    ", GOOD_STYLE) if check.passed else ("FAILED", BAD_STYLE)
        detail = f": {check.detail}" if check.detail else ""
        yield Text.assemble(outcome, f"  {check.name}{detail}")


def evaluation_lines(report: EvaluationReport | None) -> Iterator[Text]:
    """Yield the figures of each mode as a table, in the order of the report; nothing without a report."""
    if report is not None:
        asked = f"{number_of(report.queries, 'query')}, {number_of(report.documents, 'document')}"
        summarised = "" if report.summarised is None else f", {report.summarised:,} of them summarised"
        yield Text(f"{report.set}: {asked}{summarised}", style=TITLE_STYLE)
        yield from figures_table(report.modes, intervals=report.intervals)


def matching_lines(report: MatchingReport | None) -> Iterator[Text]:
    """Yield the figures of each score of judged pairs as a table; nothing without a report."""
    if report is not None:
        yield Text(
            f"{report.set}: {number_of(report.pairs, 'pair')}, {report.right:,} of them right", style=TITLE_STYLE
        )
        yield from figures_table(report.scores)


def generation_lines(report: evaluation.GenerationReport) -> Iterator[Text]:
    """Yield for each task a table with a row for each way to an answer."""
    counts = f"{number_of(report.functions, 'function')}, {number_of(report.retrievable, 'other', 'to retrieve')}"
    yield Text(f"{report.corpus}: {counts}", style=TITLE_STYLE)
    for task, rows in report.tasks.items():
        yield Text(task, style=TITLE_STYLE)
        yield from figures_table(rows, decimals=2)


def problems_lines(report: evaluation.ProblemsReport) -> Iterator[Text]:
    """Yield how many problems are solved, and how the programs ended."""
    tries = number_of(report.settings.samples, "program")
    yield Text(f"{report.file}: {number_of(report.problems, 'problem')}, {tries} each", style=TITLE_STYLE)
    yield from _field("programs", counted(report.verdicts), None)
    for name, value in report.pass_at.items():
        yield from _field(name, f"{value:.2f}", None)


def figures_table(
    rows: Mapping[str, Mapping[str, float]],
    decimals: int = 4,
    intervals: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
) -> Iterator[Text]:
    """Yield a line for each row below one with the names of the figures; below a row, the intervals that it has."""
    metrics = list(dict.fromkeys(metric for figures in rows.values() for metric in figures))
    widest = max((len(name) for name in rows), default=0)
    least = _INTERVAL_COLUMNS if intervals else _FIGURE_COLUMNS
    widths = {metric: max(least, len(metric)) for metric in metrics}
    yield Text("  ".join([" " * widest, *(f"{metric:>{least}}" for metric in metrics)]), style=LABEL_STYLE)
    for name, figures in rows.items():
        cells = (
            f"{figures[metric]:>{widths[metric]}.{decimals}f}" if metric in figures else " " * least
            for metric in metrics
        )
        yield Text("  ".join([f"{name:<{widest}}", *cells]))
        ends = (intervals or {}).get(name, {})
        if ends:
            cells = (f"{_range(ends[metric]) if metric in ends else '':>{widths[metric]}}" for metric in metrics)
            yield Text("  ".join([" " * widest, *cells]).rstrip(), style=LABEL_STYLE)


def _range(ends: Sequence[float]) -> str:
    """Return an interval as ".791-.844"."""
    return "-".join(f"{end:.3f}".removeprefix("0") for end in ends)


def counted(counts: Mapping[str, int]) -> str:
    """Return "12: python 8, go 4": the sum, then the parts, the largest first; no line breaks within a part."""
    total = sum(counts.values())
    parts = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    texts = (f"{name} {count:,}".replace(" ", _NO_BREAK) for name, count in parts)
    return f"{total:,}: {', '.join(texts)}" if parts else "none"


def embedded_share(embedded: int, passages: int) -> str:
    """Return how much of the passages has vectors, as people say it; never "100%" before all have."""
    if not passages:
        return "no passages"
    counted_passages = number_of(passages, "passage")
    if embedded >= passages:
        return counted_passages if passages == 1 else f"all {counted_passages}"
    return f"{embedded * 100 // passages}% of {counted_passages}"


def model_name(mark: str) -> str:
    """Return the name in a model's mark, which is NAME@DIGEST."""
    return mark.rpartition("@")[0] or mark


def _by_kind_of_reason(skipped: Mapping[str, int]) -> dict[str, int]:
    """Return the counts without what a reason says of a single file: "binary (png)" counts as "binary"."""
    counts: Counter[str] = Counter()
    for reason, count in skipped.items():
        counts[_DETAIL.sub("", reason)] += count
    return counts


def _indexed(status: RepositoryStatus) -> str:
    """Return when a run last came to its end, and how to go on where none has."""
    if status.indexed_at is None and not (status.being_indexed or status.gone):
        return "not to the end yet; to go on: codesearch index"
    return when(status.indexed_at)


def _summaries(status: RepositoryStatus) -> str:
    """Return how many functions have a summary, and how many wait for one."""
    waiting = f"; {status.unsummarised:,} not summarised yet" if status.unsummarised else ""
    return f"{number_of(status.summarised, 'function')} without documentation{waiting}"


def when(moment: datetime | None) -> str:
    """Return the moment in local time, to the minute."""
    return "never" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M}"


def _field(label: str, text: str, width: int | None) -> Iterator[Text]:
    room = 0 if width is None else width - _LABEL_COLUMNS
    lines = (
        textwrap.wrap(printable(text), room, break_long_words=False) if room >= _FEWEST_COLUMNS else [printable(text)]
    )
    for number, line in enumerate(lines or [""]):
        name = f"  {'' if number else label}"
        yield Text.assemble((f"{name:<{_LABEL_COLUMNS}}", LABEL_STYLE), line.replace(_NO_BREAK, " "))
