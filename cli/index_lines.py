"""What `index` says to people of a run: a line of what was done, and lines of what could not be read.

Plain text, so that nothing of a terminal is loaded for it; the other reports are `reports`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.counting import number_of
from cli.highlighting import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from codesearch import IndexReport

_SHOWN_FAILURES = 10


def index_line(path: Path, report: IndexReport) -> str:
    """Return in one line what indexing did with one repository."""
    files = (
        (report.added, "added"),
        (report.changed, "changed"),
        (report.removed, "removed"),
        (report.unchanged, "unchanged"),
        (sum(report.skipped.values()), "skipped"),
    )
    said = ", ".join(f"{count:,} {what}" for count, what in files if count)
    work = (
        number_of(report.definitions, "definition", "read") if report.definitions else "",
        number_of(report.embedded, "passage", "embedded") if report.embedded else "",
        f"{report.reused:,} embedded before" if report.reused else "",
        number_of(report.summarised, "function", "summarised") if report.summarised else "",
        f"{report.unsummarised:,} not summarised: the model has no decoder" if report.unsummarised else "",
    )
    parts = [f"files: {said or 'none'}", ", ".join(filter(None, work)), f"{report.seconds:.1f} s"]
    return f"{printable(str(path))}  {'; '.join(part for part in parts if part)}"


def failure_lines(failures: Sequence[object]) -> Iterator[str]:
    """Yield a line for each of the first failures, and one for the others."""
    yield from (f"  {printable(str(failure))}" for failure in failures[:_SHOWN_FAILURES])
    if len(failures) > _SHOWN_FAILURES:
        yield f"  and {len(failures) - _SHOWN_FAILURES:,} more"
