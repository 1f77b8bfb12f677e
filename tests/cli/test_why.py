"""Why a match was found, as people read it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.why import UNWRAPPED, why_lines
from codesearch.query_syntax import parse_query
from codesearch.ranking.score_parts import ScorePart
from codesearch.why_found import WhyFound
from tests.cli.fakes import RETRY, FakeCodeSearch


def part(name, points):
    """Return a part of a score."""
    return ScorePart(name, points, 0.5, 0.25, "It is so.")


PARTS = (
    part("words", 0.304),
    part("meaning", 0.3045),
    part("identifier fit", 0.001),
    part("file asked", 0.5035),
    part("beside the program", -0.2),
)
WHY = WhyFound(PARTS, {"failed": 3.25, "upload": 1.5})
EXPLAINED = replace(RETRY, explanation=WHY)
LINE = (
    "0.91 = 0.30 words (#1: failed, upload) + 0.31 meaning (#2, cosine 0.50) + 0.50 file asked"
    " - 0.20 beside the program"
)


def test_one_line():
    """The score as a sum of hundredths that add up, with ranks and words, without what rounds to nothing."""
    assert why_lines(EXPLAINED, UNWRAPPED) == [LINE]
    assert round(0.30 + 0.31 + 0.50 - 0.20, 2) == round(EXPLAINED.score, 2)
    assert why_lines(RETRY, UNWRAPPED) == []


@pytest.mark.parametrize("width", [40, 58, 78])
def test_narrow_terminals(width):
    """No line is wider than asked, and nothing is lost."""
    lines = why_lines(EXPLAINED, width)
    assert max(map(len, lines)) <= width
    assert " ".join(line.strip() for line in lines) == LINE


def test_the_head():
    """What a head has read says so, with its logit."""
    explained = replace(EXPLAINED, matching=-1.25, explanation=WhyFound((part("matching head", 0.913),), {}))
    assert why_lines(explained, UNWRAPPED) == ["0.91 = 0.91 matching head (logit -1.2)"]


def test_the_command_line():
    """Below the place in both views, and as a whole in JSON."""
    engine = FakeCodeSearch(matches=(EXPLAINED,))
    plain = CliRunner().invoke(app, ["search", "x", "--explain", "--snippet-lines", "0"], obj=engine).stdout
    assert plain.splitlines()[1] == f"    {LINE}"
    coloured = CliRunner().invoke(
        app, ["search", "x", "--snippet-lines", "0", "--color", "always"], obj=engine, env={"COLUMNS": "60"}
    )
    assert "\x1b[2m  0.91 = 0.30 words (#1: failed, upload)" in coloured.stdout
    document = json.loads(CliRunner().invoke(app, ["search", "x", "--json"], obj=engine).stdout)
    assert document["results"][0]["explanation"] == {
        "parts": [
            {"name": one.name, "points": one.points, "measure": 0.5, "weight": 0.25, "reason": "It is so."}
            for one in PARTS
        ],
        "words": {"failed": 3.25, "upload": 1.5},
    }


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ('"connection reset"', 'nothing contains "connection reset"; try without the quotes'),
        ('"a b" "c d" lang:go', 'nothing that passes the filters contains "a b" and "c d"; try without the quotes'),
        ("upload lang:go", "nothing found; try without --lang, --path, --exclude or --kind, or with other words"),
    ],
)
def test_what_was_quoted_is_not_there(query, sentence):
    """The note names the phrases, or the filters that the query has."""
    from cli.search import nothing_found

    asked = parse_query(query)
    results = replace(FakeCodeSearch(matches=()).search(query, progress=lambda _: None), asked=asked)
    assert nothing_found(results, asked.filters) == sentence
