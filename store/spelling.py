"""Words that a misspelt one may have been meant as: how many mistakes lie between two, and what to look at at all.

Pure functions over words and stems. Which words a repository has is asked by `vocabulary`.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from string import ascii_lowercase
from typing import TYPE_CHECKING

from store.lexical import is_unspaced

if TYPE_CHECKING:
    from collections.abc import Sequence

# Too short a word is near to many others ("get" to "set", "let" and "got"): from four letters it may have one mistake,
# from eight two. The first letter is kept: people rarely mistake it, and it tells "set" from "get", "encode" from
# "decode".
FEWEST_LETTERS = 4
LETTERS_FOR_TWO_MISTAKES = 8

BEHIND_ALL = "\U0010ffff"  # the last code point: behind all that a beginning can go on with

# What the tokenizer takes off a word behind its stem (the stem's last letter may be other than the word's, or doubled
# in the word). These are 99 % of the words in the documentation and names of 19 repositories; others are looked for by
# the nearest of these.
_ENDING_LIST = """
    able ables al alization alize alized alizer alizing ally als ance ant ate ated ates ating ation ations ative ator
    ators e ed ement ements ence ences ency ent ently ents er ers es ful ibility ible ic ical ically icate ication
    ications icator ics ing ings ion ional ions ism ities ity ive ization ize ized izer izers izes izing ly ment ments
    ness or ous s y
"""
_ENDINGS = ("", *_ENDING_LIST.split())

Row = list[int]

FAR = 99  # more than any distance that matters


def mistakes_allowed(term: str) -> int:
    """Return how many mistakes a term may have, 0 to 2: none with digits, and none in scripts without spaces."""
    if len(term) < FEWEST_LETTERS or not term.isalpha() or is_unspaced(term):
        return 0
    return 2 if len(term) >= LETTERS_FOR_TWO_MISTAKES else 1


def mistakes_between(first: str, second: str) -> int:
    """Return the Damerau-Levenshtein distance, in which no letter is changed twice ("optimal string alignment").

    A mistake is a letter too many, too few or another, or two that are swapped.
    """
    above: Row = []
    row = list(range(len(second) + 1))
    for place, letter in enumerate(first):
        above, row = row, _next_row(row, above, second, (first[place - 1 : place], letter))
    return row[-1]


def begin_alike(term: str, word: str) -> bool:
    """Return whether two words have the first letter in common and begin with one mistake at most.

    That is judged by the next two letters, and by the next three where the second is the same.
    """
    if word[:1] != term[:1]:
        return False
    second, third, fourth = word[1:2], word[2:3], word[3:4]
    if second == term[1:2]:
        return any(letter and letter in term[2:4] for letter in (third, fourth))
    return any(letter and letter in letters for letter, letters in ((second, term[2:3]), (third, term[1:3])))


def beginnings(term: str) -> tuple[list[str], list[str]]:
    """Return beginnings that all words have that begin alike: those with the second letter the same, and others.

    None of them begins another. Letters that have been changed may be any of a to z; of a term in other letters it is
    the first letter alone.
    """
    if not term.isascii():
        return [term[0]], []
    same = _after(term[:2], term[2:4])
    return same, [one for one in _after(term[0], term[1:3]) if one[:2] != term[:2]]


def _after(beginning: str, letters: str) -> list[str]:
    """Return, in order, the beginning with one of the letters behind it, or with any letter and then one of them."""
    at_once = {beginning + letter for letter in letters}
    later = {beginning + other + letter for other in ascii_lowercase for letter in letters}
    return sorted(at_once | {one for one in later if one[:-1] not in at_once})


def folded(word: str) -> str:
    """Return a word with plain letters for accented Latin ones, as the tokenizer compares words."""
    if word.isascii():
        return word
    bases = (unicodedata.normalize("NFD", letter)[0] for letter in word)
    return "".join(base if base.isascii() else letter for base, letter in zip(bases, word, strict=True))


def likely_stems(term: str, stems: Sequence[str], mistakes: int) -> list[tuple[int, str]]:
    """Return those of the (sorted) stems that a word near to the term can have, each behind the mistakes in such a one.

    A word is its stem and an ending, as a rule: so the beginning of the term is compared with the stem and the rest of
    it with the endings. Stems that begin alike share the rows of that comparison, and those behind a beginning that is
    too far off are not looked at.
    """
    found: list[tuple[int, str]] = []
    rests = _ending_mistakes(term)
    rows: list[Row] = [list(range(len(term) + 1))]
    path, at = "", 0
    while at < len(stems):
        stem = stems[at]
        path = path[: _shared(path, stem)]
        del rows[len(path) + 1 :]
        while len(path) < len(stem) and not _too_far(rows, mistakes):
            near = range(max(0, len(path) - mistakes), min(len(term), len(path) + mistakes + 1))
            rows.append(_next_row(rows[-1], rows[-2] if path else [], term, (path[-1:], stem[len(path)]), near))
            path = stem[: len(path) + 1]
        if len(path) < len(stem):  # at its very end it is still looked at: that letter may be another in the word
            at = bisect_left(stems, path + BEHIND_ALL, at + 1)
            continue
        fewest = _fewest_mistakes(term, stem, rows, rests, mistakes)
        if fewest <= mistakes:
            found.append((fewest, stem))
        at += 1
    return found


def _shared(first: str, second: str) -> int:
    """Return how many letters two texts begin with alike."""
    shared = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        shared += 1
    return shared


def _too_far(rows: Sequence[Row], mistakes: int) -> bool:
    """Return whether no text that begins like this is near; two letters that are swapped go on from the row before."""
    return len(rows) > 1 and min(rows[-1]) > mistakes and min(rows[-2]) >= mistakes


def _fewest_mistakes(term: str, stem: str, rows: Sequence[Row], rests: tuple[Row, Row], mistakes: int) -> int:
    """Return the mistakes in the term as the nearest word of the stem; right where they are not above `mistakes`.

    In a word the stem's last letter may be doubled, or be y for i, or an e that is left out; it may be swapped with the
    first of the ending.
    """
    last, row, before = stem[-1], rows[len(stem)], rows[len(stem) - 1]
    endings, tails = rests
    fewest = min(map(sum, zip(row, endings, strict=True)))
    if last == "e":
        fewest = min(fewest, *map(sum, zip(before, endings, strict=True)))
    for place in range(max(0, len(stem) - mistakes - 1), min(len(term), len(stem) + mistakes + 1)):
        if term[place] == last:
            fewest = min(fewest, row[place] + endings[place + 1])
            if place:
                fewest = min(fewest, before[place - 1] + 1 + tails[place + 1])
        if last == "i":
            fewest = min(fewest, before[place] + endings[place + 1])
    return fewest


def _ending_mistakes(term: str) -> tuple[Row, Row]:
    """Return, for each place in the term, the mistakes in what is behind it as an ending, and as one less its first."""
    backwards = term[::-1]
    endings = [len(term)] * (len(term) + 1)
    tails = endings
    for ending in _ENDINGS:
        above: Row = []
        row = list(range(len(term) + 1))
        for place, letter in enumerate(ending[::-1]):
            above, row = row, _next_row(row, above, backwards, (ending[-place] if place else "", letter))
        endings = list(map(min, endings, reversed(row)))
        tails = list(map(min, tails, reversed(above))) if above else tails
    return endings, tails


def _next_row(row: Row, above: Row, term: str, letters: tuple[str, str], places: range | None = None) -> Row:
    """Return the distances of a text to each beginning of the term, from those of the text without its last letter.

    `above` has those without its last two; `letters` are these two. Where the distance of the beginning that ends at a
    place is not asked for it is `FAR`.
    """
    before, letter = letters
    following = [row[0] + 1] + [FAR] * len(term)
    for place in range(len(term)) if places is None else places:
        other = term[place]
        fewest = row[place] if letter == other else row[place] + 1
        fewest = min(fewest, row[place + 1] + 1, following[place] + 1)
        if place and above and other == before and letter == term[place - 1]:
            fewest = min(fewest, above[place - 1] + 1)
        following[place + 1] = fewest
    return following
