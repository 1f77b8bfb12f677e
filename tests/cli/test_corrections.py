"""What is said of a query's words that are nowhere: a line before the closing note, and a field of the document."""

from __future__ import annotations

from dataclasses import replace

import pytest
import typer

from cli import documents
from cli.search import Output, corrections_note, write_answer
from cli.streams import Color
from codesearch import Correction, Mode, SearchResults
from tests.cli.fakes import FakeCodeSearch

CORRECTIONS = (Correction("confg", ("config",)), Correction("inter", ("internal", "interpreter", "interval")))
LINES = (
    'no "confg" here; searched for "config"\nno "inter" here; searched for "internal", "interpreter" and "interval"\n'
)


def results(corrections: tuple[Correction, ...]) -> SearchResults:
    """Return an answer without matches."""
    return SearchResults("confg", Mode.LEXICAL, (), FakeCodeSearch().coverage, 0.02, None, corrections)


def test_a_line_for_each_word() -> None:
    """Each word has a line with all that was searched for; without corrections there is none."""
    assert corrections_note(CORRECTIONS) == LINES
    assert corrections_note(()) == ""


def test_it_is_said_where_nothing_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    """The line stands before the sentence that says what to try instead, on stderr."""
    output = Output(0, files_only=False, as_json=False, as_json_lines=False, color=Color.NEVER, quiet=False)
    with pytest.raises(typer.Exit):
        write_answer(results(CORRECTIONS[:1]), "config", "nothing found", output, dict)
    assert capsys.readouterr() == ("", 'no "confg" here; searched for "config"\nnothing found\n')


def test_the_document_has_them() -> None:
    """A field has the words as written and what was searched for; it is empty where nothing was corrected."""
    assert documents.search_document(results(CORRECTIONS[:1]))["corrections"] == [
        {"written": "confg", "searched_for": ("config",)}
    ]
    assert documents.search_document(replace(results(CORRECTIONS), corrections=()))["corrections"] == []
