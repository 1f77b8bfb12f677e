"""Lexical search: rankings worked out by hand, filters, and texts that are no proper queries."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from store import Filters, Kind
from store import full_text as full_text_module
from tests.store.samples import entry, function

if TYPE_CHECKING:
    from pathlib import Path

    from store import Library, Repository


def ids(found: list[tuple[int, float]]) -> list[int]:
    return [one for one, _ in found]


def test_a_name_outranks_documentation_and_code(repository: Repository) -> None:
    """The same word counts most in the name, less in documentation or path, least in code; scores fall."""
    repository.save_files(
        [
            entry("a.py", function("other", code="retry it now")),
            entry("b.py", function("another", code="it now", documentation="retry")),
            entry("c.py", function("retry", code="it now")),
            *(entry(f"z{number}.py", function("unrelated", "nothing here")) for number in range(9)),
        ]
    )
    found = repository.lexical("how do we retry?", 10)
    assert ids(found) == [3, 2, 1]
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


def test_the_score_is_bm25(repository: Repository) -> None:
    """One word in the code of one of three functions of equal length has the score that the formula gives."""
    repository.save_files([entry("f.py", function("n", code)) for code in ("a1x b c",)])
    repository.save_files([entry(f"{name}.py", function("n", f"{name} bb cc")) for name in ("uu", "vv", "ww")])
    repository.remove_files(["f.py"])
    [(_, score)] = repository.lexical("vv cc", 1)
    # FTS5: idf = ln((N - n + 0.5) / (n + 0.5)) or 1e-6 if not positive; here vv is in the path (weight 2) and once in
    # the code; all documents have equal lengths, so that tf = f * 2.2 / (f + 1.2) with f = 2 + 1; cc is in all rows.
    idf = math.log((3 - 1 + 0.5) / (1 + 0.5))
    expected = idf * 3 * 2.2 / (3 + 1.2) + 1e-6 * 1 * 2.2 / (1 + 1.2)
    assert score == pytest.approx(expected, rel=1e-6)


def test_parts_wholes_and_endings_are_found(repository: Repository) -> None:
    """A question finds an identifier by its parts, in any style of writing, with other endings and without accents."""
    repository.save_files([entry("a.py", function("parseHTTPResponse", "größe = compute_total"))])
    repository.save_files([entry(f"{number}.py", function("other", "text")) for number in range(5)])
    for query in ("parsing responses", "parse_http_response", "ParseHttpResponse", "grosse grösse größe", "totals"):
        assert ids(repository.lexical(query, 9)) == [1], query


def test_equal_scores_are_in_the_order_of_ids(repository: Repository) -> None:
    """Definitions that are alike come in the order of their ids, and the limit cuts that order."""
    repository.save_files([entry(f"{number}/x.py", function("same", "same words")) for number in range(10, 20)])
    assert ids(repository.lexical("same", 20)) == list(range(1, 11))
    assert ids(repository.lexical("same", 4)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), [1, 2, 3]),
        (Filters(languages=frozenset({"go"})), [2]),
        (Filters(languages=frozenset({"go", "python"})), [1, 2, 3]),
        (Filters(kinds=frozenset({Kind.CLASS})), [3]),
        (Filters(paths=("src/",)), [1, 2]),
        (Filters(paths=("*.go", "lib")), [2, 3]),
        (Filters(paths=("src/",), languages=frozenset({"python"})), [1]),
        (Filters(paths=("nowhere/",)), []),
        (Filters(below=("src/a.py",)), [1]),
        (Filters(below=("src",)), [1, 2]),
        (Filters(below=("sr",)), []),
        (Filters(below=("src/b.go", "lib")), [2, 3]),
    ],
)
def test_filters(repository: Repository, filters: Filters, expected: list[int]) -> None:
    """Only definitions that pass all filters are found."""
    repository.save_files(
        [
            entry("src/a.py", function("word")),
            entry("src/b.go", function("word"), language="go"),
            entry("lib/c.py", function("word", kind=Kind.CLASS)),
        ]
    )
    assert sorted(ids(repository.lexical("word", 9, filters))) == expected


SYNTAX = "AND|OR NOT|a NEAR b|name:x|name : ( word )|{name}: word|word)^2|x*|^x|(|))|-|+|a AND|{a b}|\\|%|--"
NASTY = [
    *SYNTAX.split("|"),
    *('"', "'", '""""', "; DROP TABLE definition", "\0", "a\nb\tc", "\ud800", "😀", "\u0301", "ﬁ", "𞤀", "²"),
    "word " * 5_000,
    " ".join(f"t{number}" for number in range(3_000)),
]


@pytest.mark.parametrize("query", NASTY)
def test_any_text_may_be_asked(repository: Repository, query: str) -> None:
    """No text is an error, and one that holds the word finds it."""
    repository.save_files([entry("f.py", function("word")), *(entry(f"{n}.py", function("zz")) for n in range(4))])
    expected = [1] if "word" in query else []
    assert [one for one in ids(repository.lexical(query, 9)) if one == 1] == expected


def test_only_stop_words_and_nothing(repository: Repository) -> None:
    """A query of stop words is asked with them; one without words, or for no results, finds nothing."""
    repository.save_files([entry("a.py", function("is_it", "to be")), entry("b.py", function("other"))])
    assert ids(repository.lexical("what is it", 9)) == [1]
    assert repository.lexical("", 9) == []
    assert repository.lexical("?", 9) == []
    assert repository.lexical("other", 0) == []


def test_repositories_do_not_influence_each_other(library: Library, tmp_path: Path) -> None:
    """The scores in one repository are the same, bit for bit, whatever is in another."""
    first, second = library.repository(tmp_path / "first"), library.repository(tmp_path / "second")
    first.save_files([entry("a.py", function("rare")), entry("b.py", function("other")), entry("c.py", function("x"))])
    alone = first.lexical("rare", 9)
    second.save_files([entry(f"{number}.py", function("rare")) for number in range(50)])
    assert first.lexical("rare", 9) == alone
    assert len(second.lexical("rare", 99)) == 50


@pytest.fixture
def crowded(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Make a repository that is large for a budget of 20 rows: `common` is in 100 rows, `rare` in 10."""
    monkeypatch.setattr(full_text_module, "ROWS_TO_SCORE", 20)
    definitions = [
        function("f", " ".join(["common"] * (number % 7 + 1) + ["pad"] * (number % 5) + ["rare"] * (number % 10 == 0)))
        for number in range(100)
    ]
    repository.save_files([entry("a.py", *definitions), entry("b.py", *(function("g", "none") for _ in range(200)))])
    return repository


def test_common_words_still_count(crowded: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a common word dropped from the candidates, order and scores of the rest are those of the whole query."""
    found = crowded.lexical("common rare", 50)
    assert sorted(ids(found)) == list(range(1, 101, 10))
    monkeypatch.setattr(full_text_module, "ROWS_TO_SCORE", 10_000)
    everything = crowded.lexical("common rare", 500)
    assert len(everything) == 100
    wanted = set(range(1, 101, 10))
    assert found == [pytest.approx(pair) for pair in everything if pair[0] in wanted]


def test_common_words_alone_are_searched(crowded: Repository) -> None:
    """A query of nothing but common words finds the rows that have all of them, or those with the rarest."""
    assert len(crowded.lexical("common", 500)) == 100
    both = ids(crowded.lexical("common pad", 50))
    assert len(both) == 50
    assert all((one - 1) % 5 > 0 for one in both)
    assert set(ids(crowded.lexical("common pad", 500))) >= set(both)


def test_common_words_that_few_rows_have_together(crowded: Repository) -> None:
    """Where fewer rows have all of them than are wanted, those with the rarest are found, too."""
    texts = ["left right"] * 30 + ["left"] * 30 + ["right"] * 40
    crowded.save_files([entry("c.py", *(function("h", text) for text in texts))])
    both, rarest = set(range(301, 331)), set(range(301, 361))
    assert set(ids(crowded.lexical("left right", 30))) == both
    assert set(ids(crowded.lexical("left right", 100))) == rarest


def test_a_name_is_found_in_any_case(repository: Repository) -> None:
    """The very spelling comes first, then other cases by id; blocks, other names and other repositories do not come."""
    repository.save_files(
        [
            entry("a.py", function("ROUTER")),
            entry("b.py", function("router", kind=Kind.BLOCK)),
            entry("c.go", function("Router", kind=Kind.CLASS), language="go"),
            entry("d.py", function("router")),
            entry("e.py", function("route")),
        ]
    )
    assert repository.named("Router", 9) == [3, 1, 4]
    assert repository.named("router", 2) == [4, 1]
    assert repository.named("Router", 9, Filters(languages=frozenset({"python"}))) == [1, 4]
    assert repository.named("", 9) == []
