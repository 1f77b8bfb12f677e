"""The splitter's promises that hold for every language: outlines, windows, blocks, and text that is no good."""

from __future__ import annotations

import logging

import pytest

from indexer import grammars
from indexer.blocks import BLOCK_LINES, WINDOW_LINES, WINDOW_OVERLAP
from indexer.language_table import GRAMMAR_LANGUAGES
from indexer.split import DEEPEST_NESTING, split
from store import Definition, Kind

LANGUAGES = sorted(language.name for language in GRAMMAR_LANGUAGES)


def named(definitions: list[Definition], name: str) -> Definition:
    """Return the one definition of that qualified name."""
    (found,) = (one for one in definitions if one.qualified_name == name)
    return found


def test_outline_keeps_fields_and_signatures() -> None:
    """A class reads as its header, documentation and fields, with methods reduced to signatures without comments."""
    source = b'''class Heap(Base):
    """A heap."""

    arity = 2

    # Adds an item.
    @traced
    def push(self, item):
        self.items.append(item)

    class Empty(Exception):
        """Nothing left."""

    size: int = 0
'''
    heap = named(split(source, "python"), "Heap")
    assert heap.code == (
        'class Heap(Base):\n    """A heap."""\n\n    arity = 2\n\n    def push(self, item)\n\n'
        "    class Empty(Exception)\n\n    size: int = 0"
    )


def test_definitions_come_in_the_order_of_the_text() -> None:
    """Sorted by first byte; what encloses comes before what it encloses."""
    source = b"import a\n\n\nclass B:\n    def c(self): pass\n\n\nx = 1\n\n\ndef d(): pass\n"
    assert [one.name for one in split(source, "python")] == ["<imports>", "B", "c", "x", "d"]


def test_line_breaks_of_windows() -> None:
    """CRLF stays in the code, is not in the documentation, and lines are counted as an editor counts them."""
    source = b"# one\r\n# two\r\ndef f(a,\r\n      b):\r\n\treturn a\r\n\r\nx = 1\r\n"
    function, block = split(source, "python")
    assert (function.signature, function.documentation) == ("def f(a, b)", "one\ntwo")
    assert function.code == "def f(a,\r\n      b):\r\n\treturn a"
    assert (function.start_line, function.end_line) == (3, 5)
    assert (block.name, block.start_line, block.code) == ("x", 7, "x = 1")


def test_bytes_that_are_not_utf8() -> None:
    """Bad bytes read as replacement characters, and the offsets count the bytes of the file."""
    source = b"# caf\xe9\ndef f():\n    return '\xff\xfe'\n\n\ndef g():\n    return 1\n"
    first, second = split(source, "python")
    assert first.documentation == "caf\ufffd"
    assert first.code == "def f():\n    return '\ufffd\ufffd'"
    assert source[second.start_byte : second.end_byte] == b"def g():\n    return 1"


def test_names_that_are_not_utf8() -> None:
    """A query that compares names takes them in any encoding: a broken `require` is no import, and does no harm."""
    source = b'const a = r\xe9quire("a");\n\nfunction caf\xe9() {}\n'
    assert [(one.name, one.signature) for one in split(source, "javascript")] == [
        ("a", 'const a = r\ufffdquire("a");'),
        ("caf\ufffd", "function caf\ufffd()"),
    ]


def test_byte_order_mark() -> None:
    """A byte order mark is in no block and hides neither a comment nor an import."""
    source = b"\xef\xbb\xbfimport os\nx = 1\n"
    assert [(one.name, one.code, one.start_byte) for one in split(source, "python")] == [
        ("<imports>", "import os", 3),
        ("x", "x = 1", 13),
    ]


@pytest.mark.parametrize("language", [*LANGUAGES, "sql", "", "no such language"])
@pytest.mark.parametrize("source", [b"", b"\n\n \t\r\n", b"\xef\xbb\xbf"])
def test_nothing_in_a_file(source: bytes, language: str) -> None:
    """An empty or blank file has no definitions."""
    assert split(source, language) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "source", [b"[" * 5000, b"(" * 5000 + b")" * 5000, b"\x00\x01\xfe\xff" * 300, b"{<%'\"`=begin"]
)
def test_malformed_text(source: bytes, language: str) -> None:
    """Text that is no program raises nothing, and every span lies within the file."""
    for one in split(source, language):
        assert 0 <= one.start_byte < one.end_byte <= len(source)


def test_what_parses_is_found_beside_errors() -> None:
    """A syntax error costs its own lines, which are in a block, and not the functions around it."""
    source = b"def before():\n    return 1\n\n\nprint 1, $$ 2\n\n\ndef after():\n    return 2\n"
    assert [(one.name, one.code.split("\n")[0]) for one in split(source, "python")] == [
        ("before", "def before():"),
        ("<top level>", "print 1, $$ 2"),
        ("after", "def after():"),
    ]


def test_deep_nesting_is_cut() -> None:
    """Functions nested thousands deep end at the limit, and the deepest kept holds the rest."""
    depth = 3000
    source = b"function f(){" * depth + b"}" * depth
    found = split(source, "javascript")
    assert len(found) == DEEPEST_NESTING
    assert found[-1].qualified_name == ".".join(["f"] * DEEPEST_NESTING)
    assert found[-1].code.count("function") == depth - DEEPEST_NESTING + 1


def test_one_giant_line() -> None:
    """A minified file gives its functions, all on line 1, and the rest in blocks."""
    source = b";".join(b"function f%d(a){return a+%d}var v%d=[1,2,3]" % (i, i, i) for i in range(500))
    found = split(source, "javascript")
    assert sum(one.kind is Kind.FUNCTION for one in found) == 500
    assert sum(one.kind is Kind.BLOCK for one in found) == 500
    assert {one.end_line for one in found} == {1}


def test_long_blocks_are_cut_at_blank_lines() -> None:
    """A long stretch of code is cut at the last blank line before the limit, and no line is lost."""
    lines = [f"call({number})" for number in range(150)]
    lines[49] = ""
    found = split("\n".join(lines).encode(), "python")
    assert [(one.start_line, one.end_line) for one in found] == [(1, 49), (51, 110), (111, 150)]
    assert "\n".join(one.code for one in found).split() == [line for line in lines if line]
    assert BLOCK_LINES == 60


def test_preprocessor_does_not_tear_imports_apart() -> None:
    """Imports in preprocessor branches are one block, and a branch alone around a function is none."""
    source = b"#if NET\nusing A;\n#else\nusing B;\n#endif\n\n#if DEBUG\nclass C { }\n#endif\n"
    found = split(source, "csharp")
    assert [(one.name, one.start_line, one.end_line) for one in found] == [("<imports>", 1, 4), ("C", 8, 8)]


def test_licence_is_no_documentation() -> None:
    """A licence above the first function is not its documentation; another comment there is."""
    licence, comment = b"# Copyright 2026 Somebody\ndef f(): pass\n", b"# Adds things.\ndef f(): pass\n"
    assert named(split(licence, "python"), "f").documentation == ""
    assert named(split(comment, "python"), "f").documentation == "Adds things."


def test_comment_that_belongs_elsewhere() -> None:
    """A comment behind code, or beyond a blank line, is not the documentation of what follows."""
    source = b"x = 1  # one\ndef f(): pass\n# far away\n\ndef g(): pass\n"
    found = split(source, "python")
    assert [named(found, name).documentation for name in "fg"] == ["", ""]


def test_windows_overlap_and_cover() -> None:
    """Without a grammar, windows of the named length and overlap hold every line."""
    lines = [f"SELECT {number};" for number in range(1, 101)]
    found = split("\n".join(lines).encode(), "sql")
    step = WINDOW_LINES - WINDOW_OVERLAP
    assert [one.start_line for one in found] == [1, 1 + step, 1 + 2 * step]
    assert [one.end_line for one in found] == [WINDOW_LINES, WINDOW_LINES + step, 100]
    assert all(one.kind is Kind.WINDOW for one in found)
    assert all(one.code.split("\n") == lines[one.start_line - 1 : one.end_line] for one in found)


def test_missing_grammar_falls_back_to_windows(monkeypatch, caplog) -> None:
    """A grammar that cannot be loaded costs a warning, and its files are read in windows."""
    broken = GRAMMAR_LANGUAGES[0].grammar.__class__("no_such_wheel")
    monkeypatch.setattr(grammars, "grammar_of", lambda language: broken)
    grammars.load_grammar.cache_clear()
    with caplog.at_level(logging.WARNING):
        found = split(b"def f(): pass\n", "python")
    grammars.load_grammar.cache_clear()
    assert [(one.kind, one.code) for one in found] == [(Kind.WINDOW, "def f(): pass")]
    assert "no_such_wheel" in caplog.text


def test_runaway_parse_falls_back_to_windows(monkeypatch) -> None:
    """A file that takes its parser far more steps than source text does is read in windows."""
    monkeypatch.setattr(grammars, "_STEPS_AT_LEAST", 1)
    monkeypatch.setattr(grammars, "_STEPS_PER_BYTE", 0)
    source = b"x = [1, 2, 3]\n" * 6000
    assert {one.kind for one in split(source, "python")} == {Kind.WINDOW}
    monkeypatch.undo()
    assert {one.kind for one in split(source, "python")} == {Kind.BLOCK}
