"""Colours of code and marks on the words of the query."""

from __future__ import annotations

import pytest

from cli.highlighting import coloured_lines, printable, query_pattern


@pytest.mark.parametrize(
    ("query", "code", "marked"),
    [
        ("retry failed uploads", "def retryUpload(failedJobs, uploader)", ["retry", "Upload", "failed", "uploader"]),
        ("uploads", "UPLOAD_LIMIT reupload", ["UPLOAD"]),
        ("parse a date", "updated = parse_date(dates)", ["parse", "date", "dates"]),
        ("how does this get the code", "get the code", []),
        ("HttpClient.send", "httpclient.sendAll()", ["httpclient", "send"]),
        ("größe", "die_größe", ["größe"]),
    ],
)
def test_words_of_the_query_are_found_in_identifiers(query, code, marked):
    """A word is found by its stem where a word of the code begins; telling words only."""
    pattern = query_pattern(query)
    assert ([] if pattern is None else [found.group() for found in pattern.finditer(code)]) == marked


def test_every_line_comes_back():
    """Empty lines at the start, in the middle and at the end are kept."""
    lines = ["", "x = 1", "", "y = '''", "", "'''", "", ""]
    assert [line.plain for line in coloured_lines(lines, "python", "")] == lines


def test_a_language_without_a_lexer_is_shown_as_it_is():
    """An unknown language is not an error."""
    assert [line.plain for line in coloured_lines(["a b"], "no such language", "b")] == ["a b"]


def test_php_is_coloured_without_its_opening_tag():
    """The lexer takes a function of PHP for PHP, and the tag that it needs is not shown."""
    line = coloured_lines(["function f() { return 1; }"], "php", "")[0]
    assert line.plain == "function f() { return 1; }"
    assert len({str(span.style) for span in line.spans}) > 2


def test_nothing_that_a_terminal_obeys_is_printed():
    """Escape sequences, carriage returns and bells become pictures; tabs become blanks."""
    assert printable("a\x1b[2Jb\rc\x07\td\x9b") == "a␛[2Jb␍c␇   d�"
