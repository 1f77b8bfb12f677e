"""What is relevant, which ranks are right, and what that is worth, against values worked out by hand."""

from __future__ import annotations

from math import log2

import pytest

from codesearch import Definition, Kind
from codesearch.evaluation.hit_metrics import hit_metrics
from codesearch.evaluation.truth import RelevantPlace, hits_of, read_place, same_path


def _definition(name: str, start: int = 1, end: int = 9) -> Definition:
    return Definition(Kind.FUNCTION, name.rsplit(".", 1)[-1], name, "", "", "", start, end, 0, 1)


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ("src/a.py", RelevantPlace("src/a.py")),
        ("src/a.py:12", RelevantPlace("src/a.py", line=12)),
        ("src/a.cc::net::Client", RelevantPlace("src/a.cc", name="net::Client")),
        ({"path": "a.py", "start_line": 3, "end_line": 9}, RelevantPlace("a.py")),
        ({"path": "a.py", "line": 3}, RelevantPlace("a.py", line=3)),
        ({"path": "a.py", "name": "Queue.retry"}, RelevantPlace("a.py", name="Queue.retry")),
        ("", None), ("::f", None), ("a.py::", None), ({"path": ""}, None), ({"line": 3}, None), (7, None),
        ({"path": "a.py", "line": "3"}, None),
    ],
)  # fmt: skip
def test_reading_a_place(entry: object, place: RelevantPlace | None) -> None:
    """A place is a file, a line of it or a name in it, as text or as an object; anything else is none."""
    assert read_place(entry) == place


def test_places_as_text() -> None:
    """A place reads as it was written."""
    for text in ("src/a.py", "src/a.py:12", "src/a.py::Queue.retry"):
        assert str(read_place(text)) == text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("lib/a.js", "lib/a.js", True),
        ("gson/src/a.java", "src/a.java", True),
        ("a.js", "lib/a.js", True),
        ("schema.js", "ma.js", False),
        ("lib/a.js", "src/a.js", False),
    ],
)
def test_same_paths(one: str, other: str, same: bool) -> None:
    """Leading folders may lack on either side, but only whole ones."""
    assert same_path(one, other) is same
    assert same_path(other, one) is same


def test_files_count_once_at_their_first_result() -> None:
    """Ranks are those of distinct files: b.py is second although a.py has three results before it."""
    results = [("a.py", _definition(name)) for name in "fgh"] + [("b.py", _definition("k")), ("a.py", _definition("m"))]
    assert hits_of(results, [RelevantPlace("b.py")]) == [set(), {0}]
    assert hits_of(results, [RelevantPlace("b.py"), RelevantPlace("src/a.py")]) == [{1}, {0}]


def test_definitions_have_ranks_of_their_own() -> None:
    """With a definition among the places every result is a rank, and what was found counts no second time."""
    results = [
        ("a.py", _definition("Queue.drop", 1, 4)),
        ("a.py", _definition("Queue.retry", 5, 9)),
        ("a.py", _definition("Queue.retry", 15, 19)),
        ("b.py", _definition("send", 3, 6)),
    ]
    named = read_place("a.py::retry")
    assert named is not None
    assert hits_of(results, [named]) == [set(), {0}, set(), set()]
    lines = RelevantPlace("b.py", line=4, lines=(3, 6))
    assert hits_of(results, [lines, named, RelevantPlace("a.py")]) == [{2}, {1}, set(), {0}]
    assert hits_of(results, [RelevantPlace("b.py", line=4)]) == [set()] * 4  # a line that is in no definition
    assert (
        hits_of(results, [RelevantPlace("a.py", name="try"), RelevantPlace("a.py", name="Line.retry")]) == [set()] * 4
    )


def test_metrics_of_hits() -> None:
    """Two of three places, at ranks 2 and 6: every figure by hand."""
    hits = [set(), {0}, set(), set(), set(), {2}, set()]
    ideal = 1 + 1 / log2(3) + 1 / log2(4)
    assert hit_metrics(hits, 3, 10) == pytest.approx(
        {
            "ndcg@10": (1 / log2(3) + 1 / log2(7)) / ideal,
            "mrr@10": 0.5,
            "recall@1": 0.0,
            "recall@5": 1 / 3,
            "recall@10": 2 / 3,
        }
    )


def test_metrics_at_a_small_cutoff() -> None:
    """At 2 the ideal has two places and what comes later counts nothing; nothing found is 0 everywhere."""
    figures = hit_metrics([{0}, set(), {1}], 3, 2)
    assert figures == pytest.approx(
        {"ndcg@2": 1 / (1 + 1 / log2(3)), "mrr@2": 1.0, "recall@1": 1 / 3, "recall@2": 1 / 3}
    )
    assert set(hit_metrics([], 1, 10).values()) == {0.0}
