"""Definitions that are more or less than one node of the grammar, and files that end in the middle of something."""

from __future__ import annotations

import pytest

from indexer.split import split


def spans(text: str, language: str) -> list[tuple[str, int, int]]:
    """Return name and lines of what is defined in a text, blocks left out."""
    found = split(text.encode(), language)
    return [(one.name, one.start_line, one.end_line) for one in found if one.kind != "block"]


def test_clauses_are_one_function_with_its_signature() -> None:
    """A Haskell function reaches from its type signature to its last clause, over comments and pragmas between."""
    text = "size :: [a] -> Int\n{-# INLINE size #-}\nsize [] = 0\n-- more\nsize (_ : xs) = 1 + size xs\n\nother x = x\n"
    assert spans(text, "haskell") == [("size", 1, 5), ("other", 7, 7)]


def test_clauses_with_something_between_are_two_functions() -> None:
    """Only neighbours are joined: a function that is defined again further down is another definition."""
    text = "f 0 = 1\ng x = x\nf n = n\n"
    assert spans(text, "haskell") == [("f", 1, 1), ("g", 2, 2), ("f", 3, 3)]


def test_clauses_of_another_arity_are_another_function() -> None:
    """In Elixir `f/1` and `f/2` differ, and each has its clauses."""
    text = "defmodule M do\n  def f(0), do: 1\n  def f(n), do: n\n  def f(n, m), do: n + m\nend\n"
    assert spans(text, "elixir") == [("M", 1, 5), ("f", 2, 3), ("f", 4, 4)]


def test_local_clauses_stay_inside_their_function() -> None:
    """Functions of one name in the `where` of two functions are not joined with each other."""
    text = "f x = go x\n  where\n    go 0 = 1\n    go n = n\n\ng x = go x\n  where\n    go n = n\n"
    assert spans(text, "haskell") == [("f", 1, 4), ("go", 3, 4), ("g", 6, 8), ("go", 8, 8)]


def test_comment_behind_an_indented_body_belongs_to_what_follows() -> None:
    """A comment no deeper than the definition above ends it; a deeper one is still part of its body."""
    text = "class C:\n  def one =\n    1\n    // still one\n\n  // of two\n  def two =\n    2\n"
    assert spans(text, "scala") == [("C", 1, 8), ("one", 2, 4), ("two", 7, 8)]
    assert [one.documentation for one in split(text.encode(), "scala")] == ["", "", "of two"]


@pytest.mark.parametrize("text", ["val g = 1\n@Inline fun h() = 2", "val g = 1\n@Inline", "val g\n@"])
def test_kotlin_ending_in_an_annotated_line_without_line_break_is_parsed(text: str) -> None:
    """The grammar's scanner would never return; and no span reaches behind the end of the file."""
    found = split(text.encode(), "kotlin")
    assert found
    assert all(one.end_byte <= len(text) for one in found)


def test_kotlin_lambdas_show_their_parameters() -> None:
    """A lambda's own arrow ends the signature; an arrow of a `when` inside it does not."""
    text = "val add = { a: Int, b: Int -> a + b }\nval show = { when (mode) { 1 -> 2 } }\n"
    assert [one.signature for one in split(text.encode(), "kotlin")] == ["val add = { a: Int, b: Int", "val show"]


def test_kotlin_extension_is_called_after_its_receiver() -> None:
    """The receiver's type qualifies the name, without type arguments or nullability."""
    text = "fun String?.orDash() = this\nval List<Int>.top: Int\n    get() = first()\n"
    assert [one.qualified_name for one in split(text.encode(), "kotlin")] == ["String.orDash", "List.top"]
