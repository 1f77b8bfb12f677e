"""A corpus's own tokenizer, and with it the checkpoint that a run starts from, for either route.

Which texts a tokenizer learns from is decided here; how it learns is `byte_pairs`, what is assembled `initial`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from codesearch.codet5p import find_model
from codesearch.training.byte_pairs import VOCABULARY_SIZE, train_byte_pairs
from codesearch.training.corpus.records import read_examples
from codesearch.training.errors import CorpusEmpty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codesearch.codet5p.config import CheckpointConfig

# Merges hardly change beyond: at 10 MB a text has .261 tokens a character, and the trainer keeps all texts in memory.
TOKENIZER_CHARACTERS = 40_000_000


class StartingPoint(StrEnum):
    """What a run starts from."""

    EFFICIENT = "efficient"  # an encoder that can embed, with a decoder of copies of its layers behind it
    FROM_SCRATCH = "from-scratch"  # a small CodeT5+, all of it fresh


def make_starting_point(
    kind: StartingPoint,
    corpus: Path,
    target: Path,
    *,
    encoder: str = "bundled",
    vocabulary: int = VOCABULARY_SIZE,
) -> CheckpointConfig:
    """Learn a tokenizer of `vocabulary` tokens from the corpus and write the starting checkpoint to `target`.

    `encoder` is the model whose encoder the efficient route keeps. Raises CorpusEmpty, ModelNotFound, and the errors
    of reading a checkpoint.
    """
    from codesearch.training.initial import assemble_efficient, assemble_from_scratch

    folder = find_model(encoder) if kind is StartingPoint.EFFICIENT else None
    try:
        tokenizer = train_byte_pairs(corpus_texts(corpus), vocabulary)
    except FileNotFoundError as error:
        raise CorpusEmpty(corpus) from error
    if folder is None:
        return assemble_from_scratch(tokenizer, target)
    return assemble_efficient(folder, tokenizer, target)


def corpus_texts(corpus: Path, characters: int = TOKENIZER_CHARACTERS) -> Iterator[str]:
    """Yield documentation and code of a corpus's first examples, a fair sample of it, up to so many characters."""
    for example in read_examples(corpus):
        text = f"{example.documentation}\n{example.code}"
        characters -= len(text)
        if characters < 0:
            return
        yield text
