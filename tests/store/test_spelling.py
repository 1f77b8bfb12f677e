"""Distances between words and the stems worth looking at, compared with plain tables and with a scan of everything."""

from __future__ import annotations

import random

import pytest

from store.spelling import begin_alike, beginnings, likely_stems, mistakes_allowed, mistakes_between


def table_distance(first: str, second: str) -> int:
    """Return the distance by the textbook's full table."""
    table = [[max(i, j) if min(i, j) == 0 else 0 for j in range(len(second) + 1)] for i in range(len(first) + 1)]
    for i in range(1, len(first) + 1):
        for j in range(1, len(second) + 1):
            best = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (first[i - 1] != second[j - 1]))
            if i > 1 and j > 1 and first[i - 1] == second[j - 2] and first[i - 2] == second[j - 1]:
                best = min(best, table[i - 2][j - 2] + 1)
            table[i][j] = best
    return table[-1][-1]


@pytest.mark.parametrize(
    ("first", "second", "mistakes"),
    [
        ("config", "config", 0),
        ("confg", "config", 1),
        ("cleint", "client", 1),
        ("conffig", "config", 1),
        ("canfig", "config", 1),
        ("authentcate", "authenticate", 1),
        ("tokenzier", "tokenizer", 1),
        ("kitten", "sitting", 3),
        ("ca", "abc", 3),  # with letters changed twice it would be 2
        ("", "abc", 3),
        ("abc", "", 3),
        ("привет", "првиет", 1),
    ],
)
def test_distances(first: str, second: str, mistakes: int) -> None:
    """Letters too many, too few, other or swapped count one each, in both directions."""
    assert mistakes_between(first, second) == mistakes_between(second, first) == mistakes


def test_distances_are_those_of_the_table() -> None:
    """Random words of few letters, which often repeat and swap them, have the distance that the full table gives."""
    draw = random.Random(7)
    for _ in range(500):
        first, second = ("".join(draw.choices("abc", k=draw.randrange(8))) for _ in range(2))
        assert mistakes_between(first, second) == table_distance(first, second), (first, second)


@pytest.mark.parametrize(
    ("term", "allowed"),
    [
        ("get", 0),
        ("conf", 1),
        ("setting", 1),
        ("settings", 2),
        ("sha256sum", 0),
        ("数据", 0),
        ("数据库连接", 0),
        ("файл", 1),
        ("größe", 1),
        ("", 0),
    ],
)
def test_short_words_are_exact(term: str, allowed: int) -> None:
    """Under four letters, with digits or in a script without spaces nothing is near; from eight two mistakes are."""
    assert mistakes_allowed(term) == allowed


@pytest.mark.parametrize(
    ("term", "word", "alike"),
    [
        ("config", "config", True),
        ("ocnfig", "config", False),
        ("cnofig", "config", True),
        ("cnfig", "config", True),
        ("caonfig", "config", True),
        ("canfig", "config", True),
        ("cxyfig", "config", False),
        ("conafig", "config", True),
        ("cofnig", "config", True),
        ("coafig", "config", True),
        ("cofig", "config", True),
        ("coxyig", "config", False),
        ("", "config", False),
        ("config", "", False),
    ],
)
def test_words_that_begin_alike(term: str, word: str, alike: bool) -> None:
    """The first letter is the same, and there is at most one mistake in the next ones."""
    assert begin_alike(term, word) == alike


@pytest.mark.parametrize("term", ["config", "aabb", "tttt", "abca", "ärger", "файл"])
def test_beginnings_bring_all_that_begins_alike(term: str) -> None:
    """Every word that begins alike has exactly one of the beginnings, and one of the first if its second letter is."""
    letters = sorted({*"abxn", *term[:5]})
    same, others = beginnings(term)
    for number in range(len(letters) ** 4):
        word = "".join(letters[number // len(letters) ** place % len(letters)] for place in range(4))
        if begin_alike(term, word) and (word.isascii() or not term.isascii()):
            assert sum(word.startswith(start) for start in same + others) == 1, word
            assert any(word.startswith(start) for start in same) == (word[1] == term[1] or not term.isascii()), word


def test_likely_stems_are_those_of_a_scan() -> None:
    """The walk over sorted stems finds each whose nearest word (stem and ending) is near, with that many mistakes."""
    draw = random.Random(11)
    stems = sorted({"t" + "".join(draw.choices("aeorst", k=draw.randrange(2, 7))) for _ in range(200)})
    endings = ["", "s", "ed", "ing", "er", "ation", "ions", "izer", "ment"]
    for _ in range(15):
        word = draw.choice(stems) + draw.choice(endings)
        at = draw.randrange(2, len(word))
        term = word[:at] + draw.choice("aeorst") + word[at + draw.randrange(2) :]
        found = {stem: mistakes for mistakes, stem in likely_stems(term, stems, 2)}
        for stem in stems:
            fewest = min(table_distance(stem + ending, term) for ending in endings)
            if fewest <= 2:
                assert found.get(stem, 9) <= fewest, (term, stem)
        assert set(found.values()) <= {0, 1, 2}
