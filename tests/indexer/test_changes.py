"""What counts as unchanged: hand-written pairs of "known" and "found"."""

from __future__ import annotations

import os

import pytest

from indexer.changes import INDEXER_VERSION, content_digest, find_changes, time_to_keep
from indexer.found_files import FoundFile
from store import SourceFile

DIGEST = content_digest(b"x = 1\n", insisted=False)
KNOWN = SourceFile("a.py", "python", 6, 1_000, DIGEST)


@pytest.mark.parametrize(
    ("found", "known", "verdict"),
    [
        (FoundFile("a.py", 6, 1_000), KNOWN, "unchanged"),
        (FoundFile("a.py", 6, 1_001), KNOWN, "read"),
        (FoundFile("a.py", 6, 999), KNOWN, "read"),
        (FoundFile("a.py", 7, 1_000), KNOWN, "read"),
        (FoundFile("a.py", 6, 1_000, insisted=True), KNOWN, "read"),
        (FoundFile("a.py", 6, 1_000, "binary"), KNOWN, "left out"),
        (FoundFile("b.py", 6, 1_000), KNOWN, "gone, read"),
        (
            FoundFile("a.py", 6, 0),
            SourceFile("a.py", "python", 6, 0, bytes([INDEXER_VERSION + 1]) + DIGEST[1:]),
            "read",
        ),
        (FoundFile("a.py", 6, 1_000), SourceFile("a.py", "", 6, 1_000, b"", "ignored by .gitignore:1"), "read"),
        (FoundFile("a.py", 6, 1_000), SourceFile("a.py", "python", 6, 1_000, DIGEST, "minified"), "reason"),
        (FoundFile("a.py", 9, 9, "empty"), SourceFile("a.py", "", 0, 0, b"", "empty"), "reason"),
        (FoundFile("a.py", 9, 9, "empty"), SourceFile("a.py", "", 0, 0, b"", "binary"), "left out"),
    ],
)
def test_one_file_against_what_is_known_of_it(found, known, verdict):
    """Size, time, version and wish have to be the same; a rule that appears or goes changes the verdict alone."""
    changes = find_changes([found], {known.path: known})
    said = {
        "gone": bool(changes.gone),
        "read": changes.to_read == (found,),
        "left out": bool(changes.left_out),
        "unchanged": changes.unchanged == 1,
        "reason": bool(changes.reasons) and not changes.left_out,
    }
    assert ", ".join(name for name, holds in said.items() if holds) == verdict


def test_the_time_of_a_young_file_is_not_kept():
    """Two seconds are the coarsest tick; a time in the future is no better."""
    second = 1_000_000_000
    now = 1_700_000_000 * second
    assert time_to_keep(now - 2 * second - 1, now) == now - 2 * second - 1
    assert [time_to_keep(now + offset, now) for offset in (-2 * second, -1, 0, 1, 3_600 * second)] == [0] * 5


def test_the_later_of_the_two_times_counts(real_times):
    """The system's time of change cannot be set back."""
    from indexer.walk import last_change_ns

    for modified, changed in ((5, 7), (7, 5)):
        status = os.stat_result((0,) * 10, {"st_mtime_ns": modified, "st_ctime_ns": changed})
        assert last_change_ns(status) == 7
