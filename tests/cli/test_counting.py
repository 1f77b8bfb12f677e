"""Counted nouns: one of a thing is said in the singular, wherever the command line counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli.counting import number_of
from cli.index_lines import index_line
from cli.progress_log import log_line
from cli.reports import embedded_share, evaluation_lines, generation_lines, matching_lines, problems_lines
from cli.run_reports import comparison_lines
from cli.search import closing_note
from cli.session import announce_model_change
from codesearch import IndexReport, Mode, ModelChange, Progress, SearchResults, evaluation
from tests.cli.fakes import COVERAGE, EVALUATION, MATCHING, PROBLEMS, WRITTEN, FakeCodeSearch


@pytest.mark.parametrize(
    ("count", "noun", "text"),
    [(0, "file", "0 files"), (1, "query", "1 query"), (2, "query", "2 queries"), (4100, "pair", "4,100 pairs")],
)
def test_one_is_singular(count, noun, text):
    """One alone is said in the singular; thousands are apart."""
    assert number_of(count, noun) == text


def test_what_index_says_of_one():
    """One definition, one passage."""
    report = IndexReport(added=1, definitions=1, embedded=1, seconds=0.2)
    said = "a  files: 1 added; 1 definition read, 1 passage embedded; 0.2 s"
    assert index_line(Path("a"), report) == said


def test_what_search_and_status_say_of_one():
    """A single definition in all that is searched, and a single passage."""
    coverage = replace(COVERAGE, definitions=1, passages=1, embedded_passages=1)
    assert closing_note(SearchResults("q", Mode.LEXICAL, (), coverage, 0.01)) == "0 of 1 definition in 0.01 s"
    assert (embedded_share(1, 1), embedded_share(0, 1)) == ("1 passage", "0% of 1 passage")
    assert embedded_share(2, 2) == "all 2 passages"


def test_what_a_change_of_model_costs(capsys):
    """One passage is embedded anew, several are."""
    for passages in (1, 2):
        change = ModelChange(Path("/a"), "old", "new", passages)
        announce_model_change(FakeCodeSearch(change=change), (), "big")
    assert capsys.readouterr().err == (
        "/a: 1 passage is embedded anew, with the model big\n/a: 2 passages are embedded anew, with the model big\n"
    )


def test_what_a_log_says_of_one():
    """The unit is that of the whole, which may be one; a phase that is not known has none."""
    assert log_line(Progress("harvest", 0, 1), 0, 0) == "Reading sources: 0 of 1 source"
    assert log_line(Progress("ask dense", 3, 7), 0, 0) == "Asking (dense): 3 of 7 queries"
    assert log_line(Progress("polish", 0, 1), 0, 0) == "Polish: 0 of 1"


def test_what_evaluations_say_of_one():
    """Their headings count queries, documents, pairs, functions, problems and programs."""
    tries = replace(PROBLEMS.settings, samples=1)
    reports = (
        evaluation_lines(replace(EVALUATION, queries=1, documents=1)),
        matching_lines(replace(MATCHING, pairs=1, right=1)),
        generation_lines(replace(WRITTEN, functions=1, retrievable=1)),
        problems_lines(replace(PROBLEMS, problems=1, settings=tries)),
        comparison_lines(evaluation.Comparison("a", "b", "set", queries=1, unpaired=0, modes=[])),
    )
    assert [next(lines).plain.partition(": ")[2] for lines in reports] == [
        "1 query, 1 document",
        "1 pair, 1 of them right",
        "1 function, 1 other to retrieve",
        "1 problem, 1 program each",
        "1 query in both",
    ]
