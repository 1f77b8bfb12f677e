"""Documentation of many tools against the sentence that a reader would take from it."""

from __future__ import annotations

import pytest

from codesearch.training.corpus.prose import first_paragraph


@pytest.mark.parametrize(
    ("documentation", "prose"),
    [
        ("Sort the names.\n\nMore about it.", "Sort the names."),
        ("Sort the names\nby length.\n\nArgs:\n    names: what to sort", "Sort the names by length."),
        ("Sort the names.\n:param names: what to sort\n:returns: a list", "Sort the names."),
        ("Sort the names.\nReturns: list", "Sort the names."),
        ("Sort the names.\n@param names what to sort", "Sort the names."),
        ("@param names what to sort\n@return the names", ""),
        ("@brief Sorts the names.\n\\param names what", "Sorts the names."),
        ("\\brief Sorts the \\c names in \\p place.", "Sorts the names in place."),
        ("@description Sorts the names.", "Sorts the names."),
        ("Sorts the {@link Name names} with {@code sort}.<p>It is stable.", "Sorts the Name names with sort."),
        ("Sorts <b>the</b> <em>names</em> &amp; more.", "Sorts the names & more."),
        ("Sorts a List<String> into a Map<K, V>.", "Sorts a List<String> into a Map<K, V>."),
        ("Sort with :meth:`~one.Two.three` and ``four`` as *five*.", "Sort with one.Two.three and four as five."),
        ("See [the guide](guide.md) about [`Names`].", "See the guide about Names."),
        ("Sort the names like this::\n\n    sort()", "Sort the names like this"),
        ("Title\n=====\nSort the names.", "Sort the names."),
        ("Sort the names.\n>>> sort([2, 1])\n[1, 2]", "Sort the names."),
        ("Sort the names.\n```\nsort()\n```", "Sort the names."),
        ("# Examples\nsort()", ""),
        ("Keeps snake_case and a * b as they are.", "Keeps snake_case and a * b as they are."),
        ("  \n\n", ""),
        ("", ""),
    ],
)
def test_first_paragraph(documentation: str, prose: str) -> None:
    """One paragraph on one line, without sections, tags and markup."""
    assert first_paragraph(documentation) == prose


def test_long_documentation_is_cut() -> None:
    """What is behind the first thousands of characters is not looked at."""
    assert len(first_paragraph("word " * 100_000)) < 2_100
