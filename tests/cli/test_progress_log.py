"""Lines about long work where no terminal is: when they come and what they say."""

from __future__ import annotations

from cli.progress_log import ProgressLog
from codesearch import Progress


def logged(*reports: tuple[float, str, int, int]) -> list[str]:
    """Return the lines that reports (second, phase, done, total) bring about; the log begins at second 0."""
    lines: list[str] = []
    seconds = iter([0.0, *(report[0] for report in reports)])
    log = ProgressLog(lines.append, clock=lambda: next(seconds))
    for report in reports:
        log(Progress(*report[1:]))
    return lines


def test_short_work_is_silent():
    """Nothing is said before thirty seconds, nor of a phase whose size is not known."""
    assert logged((1, "walk", 0, 0), (2, "parse", 5, 9), (29.9, "embed", 100, 200), (31, "vectors", 0, 0)) == []


def test_a_line_every_thirty_seconds():
    """From 10 s on 100 passages a second: at 40 s 57,000 are left for 570 s, at 70 s 54,000 for 540 s."""
    work = [(10 + second, "embed", 100 * second, 60_000) for second in range(61)]
    assert logged((5, "parse", 9, 9), *work) == [
        "Embedding: 2,000 of 60,000 passages, 100 a second, 10 min left",
        "Embedding: 5,000 of 60,000 passages, 100 a second, 9 min left",
    ]


def test_hours_and_the_last_minute():
    """What is left is rounded to minutes; what was done before the first report of a phase counts for no speed."""
    assert logged((0, "embed", 500_000, 1_000_000), (100, "embed", 510_000, 1_000_000)) == [
        "Embedding: 510,000 of 1,000,000 passages, 100 a second, 1 h 22 min left"
    ]
    assert logged((0, "embed", 0, 1000), (40, "embed", 990, 1000)) == [
        "Embedding: 990 of 1,000 passages, 25 a second, less than a minute left"
    ]


def test_without_a_speed_there_is_no_time_left():
    """The first report of a phase says how far it is and no more; an unknown phase goes by its name."""
    assert logged((30, "parse", 64, 9000)) == ["Reading code: 64 of 9,000 files"]
    assert logged((30, "polish", 1, 2)) == ["Polish: 1 of 2"]
