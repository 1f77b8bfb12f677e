"""Which words there are, whatever a repository has: "disk" is no misspelt "dist" where nothing has a disk.

Taken from the tokenizer of the bundled model, which keeps common words whole and cuts others to pieces.
"""

from __future__ import annotations

import json
from functools import cache

# What a known word may have behind it: the tokenizer has the commoner forms only.
_ENDINGS = ("", "s", "es", "d", "ed", "ing", "r", "er", "ly")

_SPACE_BEFORE = "\u0120"  # how a byte-level tokenizer writes the blank before a word


def is_known_word(word: str) -> bool:
    """Return whether a lower-case word, or what it is a regular form of, is one of the tokenizer's.

    Reading them takes some ten milliseconds, once. Without the bundled model no word is known.
    """
    known = _known_words()
    stems = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    return any(stem in known or _SPACE_BEFORE + stem in known for stem in stems)


@cache
def _known_words() -> frozenset[str]:
    from codesearch.codet5p import find_model
    from codesearch.codet5p.errors import ModelNotFound
    from codesearch.codet5p.registry import BUNDLED
    from codesearch.codet5p.tokenizer import TOKENIZER_FILE

    try:
        text = (find_model(BUNDLED) / TOKENIZER_FILE).read_text(encoding="utf-8")
    except (ModelNotFound, OSError):
        return frozenset()
    return frozenset(json.loads(text)["model"]["vocab"])
