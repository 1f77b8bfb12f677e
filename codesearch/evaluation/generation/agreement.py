"""Do two texts agree? Exactly, or by how many characters.

Agreement in n-grams is `bleu`, agreement as programs `code_bleu`.
"""

from __future__ import annotations


def exact_match(written: str, expected: str) -> bool:
    """Whether two texts are the same but for white space: each run of it counts as one blank, none at the ends.

    That is how REDCODER compares (Parvez et al., 2021), whose figures CodeT5+ reports.
    """
    return written.split() == expected.split()


def edit_similarity(written: str, expected: str) -> float:
    """Return how alike two texts are, 0 to 100: twice their longest common subsequence, over both lengths.

    That is 1 minus the characters to insert and delete over the characters there are (a replacement is one of each):
    the "Levenshtein ratio" of the fuzzy-matching libraries, by which CodeXGLUE scores completed lines. Two empty texts
    are alike.
    """
    total = len(written) + len(expected)
    return 100.0 if total == 0 else 200.0 * _common_subsequence(written, expected) / total


def _common_subsequence(one: str, other: str) -> int:
    """Return the length of the longest common subsequence, by whole rows of the table as bits of an integer.

    Hyyrö, Bit-parallel LCS-length computation revisited (2004): a zero bit is a step in the row.
    """
    places: dict[str, int] = {}
    for place, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << place
    everything = (1 << len(one)) - 1
    row = everything
    for character in other:
        matches = row & places.get(character, 0)
        row = ((row + matches) | (row - matches)) & everything
    return len(one) - row.bit_count()
