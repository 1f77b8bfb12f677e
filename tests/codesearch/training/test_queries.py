"""Queries of every style from hand-written functions: forms, refusals, randomness from the given source only."""

from __future__ import annotations

from random import Random

import pytest

from codesearch.training.queries import Query, QueryStyle, make_query
from tests.codesearch.training.examples import LOAD, documented, example

LISTS = documented("Sorts the given list of numbers.", language="csharp", name="Sort", qualified_name="Lists::Sort")
THING = documented("The default settings of the shop.", language="go")


def drawn(one, style, seeds=200):
    """All texts of a style over many draws."""
    made = [make_query(one, style, Random(seed)) for seed in range(seeds)]
    assert all(query is None or query.style is style for query in made)
    return {query.text if query else None for query in made}


def test_documentation_and_its_opening():
    """The paragraph on one line, and its first sentence."""
    two = documented("Loads a file.\nThen  ends.")
    assert drawn(two, QueryStyle.DOCUMENTATION) == {"Loads a file. Then ends."}
    assert drawn(two, QueryStyle.OPENING) == {"Loads a file."}


def test_web_queries_name_the_language():
    """Keywords with the language before or behind, and questions; C# and Go as people spell them."""
    words = "sort list of numbers"
    assert drawn(LISTS, QueryStyle.WEB) == {
        words, f"c# {words}", f"{words} c#", f"{words} in c#", f"how to {words}", f"how to {words} in c#",
        f"how to {words} c#", f"c# how to {words}", f"how do i {words} in c#",
    }  # fmt: skip


def test_what_is_no_action_is_asked_for_by_keywords_only():
    """Without a verb there is no "how to", no place and no commit."""
    words = "default settings of shop"
    assert drawn(THING, QueryStyle.WEB) == {words, f"golang {words}", f"{words} golang", f"{words} in golang"}
    assert drawn(THING, QueryStyle.PLACE) == {None}
    assert drawn(THING, QueryStyle.COMMIT) == {None}


def test_places_and_commits_hold_the_action():
    """Every form ends in the phrase."""
    for style, form in ((QueryStyle.PLACE, "where do we {}"), (QueryStyle.COMMIT, "fix: {}")):
        texts = drawn(LISTS, style)
        assert form.format("sort list of numbers") in texts
        assert len(texts) >= 5
        assert all(text.endswith("sort list of numbers") for text in texts)


def test_keywords_are_words_that_tell():
    """Three to seven different words of the documentation without stop words and markup, mostly in its order."""
    one = documented("Loads the `configuration` of a shop from <b>disk</b> into memory, see https://x.y")
    words = ["loads", "configuration", "shop", "disk", "memory", "see"]
    texts = drawn(one, QueryStyle.KEYWORDS)
    for text in texts:
        assert 3 <= len(text.split()) == len(set(text.split())) <= 7
        assert set(text.split()) <= set(words)
    in_order = [text for text in texts if [word for word in words if word in text.split()] == text.split()]
    assert 0 < len(in_order) < len(texts)


@pytest.mark.parametrize(
    ("name", "qualified_name", "texts"),
    [
        ("parseHTTPDate", "parseHTTPDate", {"parse http date"}),
        ("test_parse_date", "Dates.test_parse_date", {"parse date", "dates parse date"}),
        ("Sort", "Lists::Sort", {"lists sort"}),
        ("add", "shop.cart.CartStore.add", {"cart store add"}),
        ("Get", "(*Engine).Get", {"engine get"}),
        ("run", "run", {None}),
    ],
)
def test_names_as_words(name, qualified_name, texts):
    """A name's words, sometimes behind those of its type; always where it is one word, which alone says too little."""
    assert drawn(example(name=name, qualified_name=qualified_name), QueryStyle.NAME) == texts


def test_comments():
    """One of the comments, none where there is none."""
    assert drawn(LOAD, QueryStyle.COMMENT) == set(LOAD.comments)
    assert drawn(example(comments=()), QueryStyle.COMMENT) == {None}


def test_too_short_for_a_query():
    """A single word is none; neither is no documentation."""
    for documentation in ("Sorts.", "", "`x`"):
        for style in set(QueryStyle) - {QueryStyle.NAME, QueryStyle.COMMENT, QueryStyle.COMMIT, QueryStyle.WEB}:
            assert drawn(documented(documentation), style, 20) == {None}


def test_the_same_draw_gives_the_same_query():
    """A query follows from the example, the style and the source of randomness."""
    for style in QueryStyle:
        assert make_query(LOAD, style, Random(5)) == make_query(LOAD, style, Random(5))
    assert make_query(LOAD, QueryStyle.OPENING, Random(5)) == Query(
        "Loads the configuration of the shop from a file.", QueryStyle.OPENING
    )
