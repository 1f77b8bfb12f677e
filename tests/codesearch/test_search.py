"""Which queries count as the name of something."""

from __future__ import annotations

import pytest

from codesearch.search import is_symbol


@pytest.mark.parametrize(
    "query", ["parseUrl", "parse_url", "HttpClient.send", "std::vector", "open()", "Foo#bar", "_private_name"]
)
def test_names_are_symbols(query: str) -> None:
    """One word written as it stands in code is a symbol."""
    assert is_symbol(query)


@pytest.mark.parametrize("query", ["parse", "parse a url", "where is parse_url used", "retries?", "HTTP", ""])
def test_words_are_not_symbols(query: str) -> None:
    """Words, one or many, are not."""
    assert not is_symbol(query)
