"""What `eval repositories`, `eval compare` and `eval history` say to people: small tables, and notes on what is amiss.

Pure functions from values to rich texts; without colour they are plain text. A judged set's table is in `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from cli.counting import number_of
from cli.highlighting import printable
from cli.reports import BAD_STYLE, GOOD_STYLE, LABEL_STYLE, TITLE_STYLE, figures_table, model_name, when

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from codesearch import evaluation

_SHOWN = 10  # of names in a note


def notes_on(report: evaluation.RepositoriesReport) -> Iterator[str]:
    """Yield a sentence for each thing that makes the figures say less than they seem to."""
    if report.missing:
        yield (
            f"left out for want of a checkout: {_named(report.missing)}; "
            f"the figures are means over {number_of(len(report.repositories), 'repository')}"
        )
    if report.other_revisions:
        yield f"checked out at another revision than the questions were asked of: {_named(report.other_revisions)}"
    if report.unresolved:
        yield f"in no definition that is searched, so that nothing can find them: {_named(report.unresolved)}"


def repositories_lines(report: evaluation.RepositoriesReport) -> Iterator[Text]:
    """Yield the headline figures with their intervals, then tables by kind of question, language and repository."""
    repositories = number_of(len(report.repositories), "repository")
    yield Text(printable(f"{report.set}: {number_of(report.queries, 'question')} to {repositories}"), style=TITLE_STYLE)
    yield from figures_table(report.modes, intervals=report.intervals)
    headline = next(iter(next(iter(report.modes.values()))))
    for title, groups in (("question", report.by_category), ("language", report.by_language)):
        yield Text(f"\n{headline} by {title}", style=TITLE_STYLE)
        names = list(next(iter(groups.values())))
        yield from _cells(
            {name or "-": {mode: f"{groups[mode][name][headline]:.4f}" for mode in groups} for name in names}
        )
    yield Text("\nmilliseconds a question", style=TITLE_STYLE)
    latency = {mode: {"p50": its["p50_ms"], "p95": its["p95_ms"]} for mode, its in report.latency.items()}
    yield from figures_table(latency, decimals=1)
    yield Text(f"\n{headline} by repository", style=TITLE_STYLE)
    yield from _cells({one.name: _repository_cells(one, headline) for one in report.repositories})


def comparison_lines(comparison: evaluation.Comparison) -> Iterator[Text]:
    """Yield for each mode the figures of both runs, their difference, and the queries that changed most."""
    unpaired = f", {comparison.unpaired:,} in one alone" if comparison.unpaired else ""
    title = f"{comparison.first} -> {comparison.second}: {number_of(comparison.queries, 'query')} in both{unpaired}"
    yield Text(printable(title), style=TITLE_STYLE)
    for one in comparison.modes:
        modes = one.first_mode if one.first_mode == one.second_mode else f"{one.first_mode} -> {one.second_mode}"
        yield Text(f"\n{modes}", style=TITLE_STYLE)
        yield from _cells(
            {
                metric.metric: {
                    "first": f"{metric.first:.4f}",
                    "second": f"{metric.second:.4f}",
                    "difference": f"{metric.difference:+.4f}",
                    "95 % interval": f"{metric.low:+.4f} to {metric.high:+.4f}",
                    "p": f"{metric.p_value:.4f}",
                }
                for metric in one.metrics
            }
        )
        better, worse = one.changed
        yield Text(f"{one.metric}: {number_of(better, 'query')} better, {worse:,} worse", style=LABEL_STYLE)
        for change in (*one.better, *one.worse):
            yield _change_line(change)


def history_lines(runs: Sequence[evaluation.Run], metrics: Sequence[str]) -> Iterator[Text]:
    """Yield a line for each mode of each run: when, of what, with which model, and the figures."""
    rows = [
        {
            "date": when(run.moment),
            "set": printable(run.set),
            "model": printable(model_name(run.model)) or "-",
            "queries": f"{len(run.asked):,}",
            "mode": mode,
            **{metric: f"{figures[metric]:.4f}" if metric in figures else "" for metric in metrics},
        }
        for run in runs
        for mode, figures in run.modes.items()
    ]
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in rows[0]}
    numbers = {"queries", *metrics}

    def line(cells: Mapping[str, str]) -> str:
        return "  ".join(f"{cells[name]:{'>' if name in numbers else '<'}{widths[name]}}" for name in widths).rstrip()

    yield Text(line({name: name for name in widths}), style=LABEL_STYLE)
    yield from (Text(line(row)) for row in rows)


def _repository_cells(one: evaluation.RepositoryFigures, headline: str) -> dict[str, str]:
    cells = {mode: f"{figures[headline]:.4f}" for mode, figures in one.modes.items()}
    cells |= {f"{mode} p50": f"{figures['p50_ms']:.1f} ms" for mode, figures in one.latency.items()}
    kept = "" if one.indexed_files == one.files else f" ({one.indexed_files:,} of {number_of(one.files, 'file')})"
    return {**cells, "definitions": f"{one.definitions:,}", "indexed in": f"{one.index_seconds:.1f} s{kept}"}


def _change_line(change: evaluation.QueryChange) -> Text:
    difference = change.second - change.first
    style = GOOD_STYLE if difference > 0 else BAD_STYLE
    where = f"{change.repository}: " if change.repository else ""
    text = f"  {change.first:.3f} -> {change.second:.3f}  {where}{change.query}"
    return Text.assemble((f"  {difference:+.3f}", style), printable(text))


def _cells(rows: Mapping[str, Mapping[str, str]]) -> Iterator[Text]:
    """Yield a table of texts: a line of the columns' names, then the rows; columns are aligned on the right."""
    columns = list(dict.fromkeys(column for cells in rows.values() for column in cells))
    widest = max(len(name) for name in rows)
    widths = {column: max(len(column), *(len(cells.get(column, "")) for cells in rows.values())) for column in columns}
    yield Text("  ".join([" " * widest, *(f"{column:>{widths[column]}}" for column in columns)]), style=LABEL_STYLE)
    for name, cells in rows.items():
        yield Text(
            "  ".join([f"{printable(name):<{widest}}", *(f"{cells.get(one, ''):>{widths[one]}}" for one in columns)])
        )


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"{', '.join(printable(name) for name in names[:_SHOWN])}{more}"
