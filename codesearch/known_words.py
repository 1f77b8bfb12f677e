"""Which words there are, whatever a repository has: "disk" is no misspelt "dist" where nothing has a disk.

Taken from the tokenizer of the bundled model, which keeps common words whole and cuts others to pieces.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

# Read as the file that it is: whoever asks for words alone needs nothing else of a model.
_TOKENIZER = Path(__file__).parent / "checkpoints" / "bundled" / "tokenizer.json"

# What a known word may end with, and how much of that is left off for the word itself: the tokenizer has the commoner
# forms only.
_ENDINGS = (("", 0), ("s", 1), ("es", 2), ("ed", 1), ("ed", 2), ("er", 1), ("er", 2), ("ing", 3), ("ly", 2))


def is_known_word(word: str) -> bool:
    """Return whether a lower-case word, or what it is a regular form of, is one of the tokenizer's.

    Reading them takes some ten milliseconds, once. Without the bundled model no word is known.
    """
    known = _known_words()
    return any(word[: len(word) - less] in known for ending, less in _ENDINGS if word.endswith(ending))


@cache
def _known_words() -> frozenset[str]:
    try:
        return frozenset(json.loads(_TOKENIZER.read_text(encoding="utf-8"))["model"]["vocab"])
    except FileNotFoundError:
        return frozenset()
