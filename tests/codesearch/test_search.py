"""What a query says besides its words: a name as it stands in code, the name of a language."""

from __future__ import annotations

import pytest

from codesearch.search import is_symbol, without_language_names


@pytest.mark.parametrize(
    "query", ["parseUrl", "parse_url", "HttpClient.send", "std::vector", "open()", "Foo#bar", "_private_name"]
)
def test_names_are_symbols(query: str) -> None:
    """One word written as it stands in code is a symbol."""
    assert is_symbol(query)


@pytest.mark.parametrize(
    "query", ["parse", "parse a url", "where is parse_url used", "retries?", "HTTP", "", "哪里调用parse_url"]
)
def test_words_are_not_symbols(query: str) -> None:
    """Words, one or many, are not."""
    assert not is_symbol(query)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("python check if a list is empty", "check if a list is empty"),
        ("sort a map in Go?", "sort a map in"),
        ("how to parse json (C++)", "how to parse json"),
        ("python", "python"),
        ("¿cómo leer un archivo en python?", "¿cómo leer un archivo en"),
        ("读取文件 python\uff1f", "读取文件"),
        ("javascript_engine", "javascript_engine"),
    ],
)
def test_language_names_are_left_out(query: str, kept: str) -> None:
    """The lexical side is not asked for the name of a language, unless that is all there is."""
    assert without_language_names(query) == kept
