"""Which texts are computed together: sorted by length, so that little padding is computed, and bounded in tokens.

Used by every runtime; what a batch is computed with is theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codesearch.codet5p.tokenizer import Tokenizer

# Characters kept for each token of the limit, so that a text of megabytes is not split up to its end for its first
# few hundred tokens. Code has about 3 characters a token, deeply indented code 8.
_CHARACTERS_PER_TOKEN = 64


def token_ids(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Return the ids of each text, special tokens included, cut at `max_tokens`."""
    room = max_tokens * _CHARACTERS_PER_TOKEN
    return tokenizer.encode([text[:room] for text in texts], max_tokens)


def plan_batches(lengths: Sequence[int], tokens: int, texts: int | None = None) -> list[list[int]]:
    """Return places in `lengths` by batch, the shortest texts first.

    A batch padded to its longest text holds at most `tokens` tokens, or a single text; and at most `texts` texts.
    """
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not batches or (len(batches[-1]) + 1) * lengths[place] > tokens or len(batches[-1]) == texts:
            batches.append([])
        batches[-1].append(place)
    return batches


def distinct_texts(texts: Sequence[str], codes: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the texts of pairs, each once, and for each pair the place of its text among them.

    Raises ValueError when there are not as many codes as texts.
    """
    if len(texts) != len(codes):
        raise ValueError(f"{len(texts)} texts for {len(codes)} codes")
    places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    return list(places), [places[text] for text in texts]
