"""Queries and what they say, in a table worked out by hand."""

from __future__ import annotations

import pytest

from codesearch.errors import EmptyQuery, KindUnknown, LanguageUnknown, OnlyFilters
from codesearch.query_syntax import parse_query, without_filters
from store import Filters, Kind

TYPES = frozenset({Kind.CLASS, Kind.STRUCT, Kind.INTERFACE, Kind.TRAIT, Kind.ENUM, Kind.TYPE, Kind.MODULE})


@pytest.mark.parametrize(
    ("query", "words", "filters"),
    [
        ("lang:python retry uploads", "retry uploads", Filters(frozenset({"python"}))),
        ("retry lang:py,c++ uploads language:go", "retry   uploads", Filters(frozenset({"python", "cpp", "go"}))),
        ("retry uploads lang:python?", "retry uploads", Filters(frozenset({"python"}))),
        ("open path:src/ path:*.py,lib", "open", Filters(paths=("src/", "*.py", "lib"))),
        ("open path:src[a,b]/,x", "open", Filters(paths=("src[a,b]/", "x"))),
        ('open path:"my dir/"', "open", Filters(paths=("my dir/",))),
        ("open -path:tests/,*_test.go", "open", Filters(not_paths=("tests/", "*_test.go"))),
        ("baskets kind:type", "baskets", Filters(kinds=TYPES)),
        ("kind:Method,macro x", "x", Filters(kinds=frozenset({Kind.METHOD, Kind.MACRO}))),
    ],
)
def test_filters(query: str, words: str, filters: Filters) -> None:
    """A filter anywhere in the query limits the search and is no word of it."""
    asked = parse_query(query)
    assert (asked.words.split(), asked.phrases, asked.filters) == (words.split(), (), filters)


@pytest.mark.parametrize(
    "query",
    [
        "std::move a vector",
        "path::join two parts",
        "lang::Item",
        "http://example.org/x",
        "foo:bar",
        "C:\\Users\\x",
        "open(path:str)",
        "a lang: python",
        "Path:src",
        "--path:x y",
        'print("hello world")',
        'x = {"a": 1}',
        'a "half quoted',
        'an empty "" quote',
        "it's `quoted` 'otherwise'",
        "two\nlines  and   blanks",
    ],
)
def test_text_stays_text(query: str) -> None:
    """What only looks like a filter or a phrase is asked as it stands."""
    assert parse_query(query) == parse_query(query, Filters())
    assert (parse_query(query).words, parse_query(query).phrases, bool(parse_query(query).filters)) == (
        query,
        (),
        False,
    )


@pytest.mark.parametrize(
    ("query", "words", "phrases"),
    [
        ('"connection reset"', "connection reset", ("connection reset",)),
        ('where is "Connection reset" sent?', "where is Connection reset sent?", ("Connection reset",)),
        ('"a b" and "c", "a b"', "a b and c, a b", ("a b", "c")),
        ('"std::move(x)".', "std::move(x).", ("std::move(x)",)),
        ('"lang:go"', "lang:go", ("lang:go",)),
        ('"get" "  "', 'get "  "', ("get",)),
    ],
)
def test_phrases(query: str, words: str, phrases: tuple[str, ...]) -> None:
    """What stands between double quotes is a phrase as it stands, and its words are asked too."""
    asked = parse_query(query)
    assert (asked.words, asked.phrases) == (words, phrases)


def test_all_at_once() -> None:
    """Filters, phrases and words in one query, in any order."""
    asked = parse_query('lang:go "connection reset" when a client -path:tests/ hangs up kind:function')
    assert " ".join(asked.words.split()) == "connection reset when a client hangs up"
    assert asked.phrases == ("connection reset",)
    kinds = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR})
    assert asked.filters == Filters(frozenset({"go"}), kinds=kinds, not_paths=("tests/",))


def test_filters_in_and_beside_the_query_add_up() -> None:
    """A filter in the query is the same as the option beside it; what else limits the search stays."""
    beside = Filters(frozenset({"go"}), ("a/",), frozenset({Kind.MACRO}), ("b",), ("c",), frozenset({1}))
    asked = parse_query("x lang:py path:d kind:enum -path:e", beside)
    assert asked.filters == Filters(
        frozenset({"go", "python"}),
        ("a/", "d"),
        frozenset({Kind.MACRO, Kind.ENUM}),
        ("b",),
        ("c", "e"),
        frozenset({1}),
    )


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("retry lang:py,c++ uploads language:go", "retry uploads"),
        ('path:"my files/" say "hello  lang:go"  twice -path:tests/', 'say "hello  lang:go"  twice'),
        ("std::path and f(path:str)\n  kind:type of http://x", "std::path and f(path:str)\n  of http://x"),
        ("first\nlang:go \n  second", "first\n\n  second"),
        ("lang:go", ""),
    ],
)
def test_without_filters(query: str, rest: str) -> None:
    """All but the filters stays as it was typed, with the quotes of phrases."""
    assert without_filters(query) == rest


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("lang:python kind:class", OnlyFilters),
        ("path:src/ ?!", OnlyFilters),
        ("", EmptyQuery),
        ('"->"', EmptyQuery),
        ("x lang:pyton", LanguageUnknown),
        ("x kind:functoin", KindUnknown),
    ],
)
def test_what_cannot_be_asked(query: str, error: type[Exception]) -> None:
    """Filters without words, nothing at all, and names that there are not are errors of their own."""
    with pytest.raises(error) as caught:
        parse_query(query)
    assert type(caught.value) is error
