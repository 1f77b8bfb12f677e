"""Comments of every style against the words that a person reads in them."""

from __future__ import annotations

import pytest

from indexer.documentation import clean_comments, clean_docstring, is_licence


@pytest.mark.parametrize(
    ("comments", "text"),
    [
        (["# One.", "#", "#   indented", "# Two."], "One.\n\n  indented\nTwo."),
        (["#: Sphinx's."], "Sphinx's."),
        (["/// One.", "///", "/// Two."], "One.\n\nTwo."),
        (["//! Inner."], "Inner."),
        (["//one", "//two"], "one\ntwo"),
        (["/** One. */"], "One."),
        (["/**\n * One.\n *\n *   - item\n * @param a what\n */"], "One.\n\n  - item\n@param a what"),
        (["/*\n   One.\n     Two.\n*/"], "One.\n  Two."),
        (["/* One.\r\n * Two. */"], "One.\nTwo."),
        (["/*! Qt's. */"], "Qt's."),
        (["-- One.", "-- Two."], "One.\nTwo."),
        (["--[[ One.\nTwo. ]]"], "One.\nTwo."),
        (["{- | One. -}"], "One."),
        (["-- | Haddock."], "Haddock."),
        (["% One."], "One."),
        ([";; One."], "One."),
        (["=begin\nOne.\n=end"], "One."),
        (["#########", "# Title #", "#########"], "Title #"),
        (["// ------", "// Words", "// ------"], "Words"),
        (['/// <summary>Adds <see cref="T:Item"/>.</summary>', '/// <param name="a">what</param>'], "Adds Item.\nwhat"),
        (["/** One. */", "// Two."], "One.\nTwo."),
        (["/**/"], ""),
        (["#"], ""),
        (["// *important*"], "*important*"),
        (["/*\n * *emphasis* at the start\n */"], "*emphasis* at the start"),
    ],
)
def test_comment_marks_are_dropped(comments: list[str], text: str) -> None:
    """What is left of comments is the text, dedented, without marks and ruled lines."""
    assert clean_comments(comments) == text


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ('"""One."""', "One."),
        ("'''One.'''", "One."),
        ('"One."', "One."),
        ("r'One \\d.'", "One \\d."),
        ('"""One.\n\n    Two:\n        three\n    """', "One.\n\nTwo:\n    three"),
        ('"""\n    One.\n    """', "One."),
        ('""""Quoted" first."""', '"Quoted" first.'),
        ('""', ""),
        ('"""unfinished', "unfinished"),
    ],
)
def test_docstring_quotes_are_dropped(literal: str, text: str) -> None:
    """What is left of a documentation string is what `inspect.getdoc` would give."""
    assert clean_docstring(literal) == text


def test_licences_are_told_from_documentation() -> None:
    """A comment about ownership is a licence; one about code is none."""
    assert [
        is_licence(comment)
        for comment in ("/* Copyright 2026 A */", "// SPDX-License-Identifier: MIT", "#!/bin/sh", "# Adds two numbers.")
    ] == [True, True, True, False]
