"""Pairs as tensors: what the encoder reads of a query and a passage, and what the decoder reads and writes.

Encoder and decoder may have a tokenizer each. Everything is made on the CPU, in the run's process or in one of
`workers`. Knows no objective's formula; `objectives` makes examples of ids, `prepared` puts together what one step
needs, and `steps` computes with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import torch

from codesearch.codet5p.batches import plan_batches
from codesearch.codet5p.config import Architecture
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from codesearch.training.objectives.causal import (
    code_to_text,
    cut_target,
    joined_source,
    language_batch,
    language_example,
    pivot,
    text_to_code,
    whole_sequence,
)
from codesearch.training.objectives.sequences import Padded, pad_sequences
from codesearch.training.objectives.span_denoising import denoising_source, denoising_target, hidden_spans

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

    from codesearch.codet5p.config import CheckpointConfig, SpecialTokens
    from codesearch.training.objectives.causal import LanguageBatch, LanguageExample
    from codesearch.training.sampling import Pair
    from codesearch.training.settings import Settings

_PIECES = re.compile(r"\s*(?:\w+|[^\w\s])")  # a word or a mark, with the white space before it
_NO_LIMIT = 1_000_000  # tokens
_UNUSED_TOKEN = 98  # BERT's vocabulary has 98 tokens without a meaning, 1 to 98; they serve as sentinels


class Grouped(NamedTuple):
    """Sequences in batches of about equal length: in which row of all the batches below one another each one stands.

    `rows` is int64, shape (sequences,).
    """

    batches: tuple[Padded, ...]
    rows: torch.Tensor


@dataclass(frozen=True, slots=True)
class PairBatch:
    """A batch of pairs: ids of the encoder's vocabulary, what the decoder reads, and groups, int64, shape (pairs,).

    The encoder's `code` and `matched_code` are passages, `written_code` and `written_text` functions and summaries.
    """

    text: Padded
    code: list[list[int]]
    groups: torch.Tensor
    matched_code: list[list[int]]
    written_code: list[list[int]]
    written_text: list[list[int]]


class BatchMaker:
    """Makes batches for one checkpoint under the limits of `settings`; widths are multiples of `multiple`."""

    def __init__(self, folder: Path, config: CheckpointConfig, settings: Settings, multiple: int = 1) -> None:
        self._settings = settings
        self._multiple = multiple
        self._reader = load_tokenizer(folder, config)
        self._writer = load_decoder_tokenizer(folder, config) if config.decoder else None
        self._special = config.special
        if config.encoder.architecture is Architecture.BERT and config.special.sentinel is None:
            self._special = replace(config.special, sentinel=_UNUSED_TOKEN)
        self._decoder = config.decoder_special or config.special

    @property
    def decoder(self) -> SpecialTokens:
        """The special tokens of what the decoder reads and writes."""
        return self._decoder

    def pairs(self, pairs: Sequence[Pair], *, written: bool = True) -> PairBatch:
        """Return a batch of pairs in their order; without what the decoder reads, unless it is to be `written`."""
        settings = self._settings
        queries, passages = [pair.query for pair in pairs], [pair.passage for pair in pairs]
        functions, summaries = [pair.example.code for pair in pairs], [pair.summary for pair in pairs]
        texts = self._reader.encode(queries, settings.query_tokens)
        return PairBatch(
            text=self.padded_code(texts),
            code=self._reader.encode(passages, settings.passage_tokens),
            groups=torch.tensor([pair.group for pair in pairs]),
            matched_code=self._write(passages, settings.passage_tokens) if written else [],
            written_code=self._write(functions, settings.decoder_tokens) if written else [],
            written_text=self._write(summaries, settings.query_tokens) if written else [],
        )

    def read(self, texts: Sequence[str], tokens: int) -> list[list[int]]:
        """Return what the encoder reads of each text, at most `tokens` ids."""
        return self._reader.encode(list(texts), tokens)

    def padded_code(self, sequences: Sequence[list[int]]) -> Padded:
        """Return passages in the encoder's vocabulary as one padded batch."""
        return pad_sequences(sequences, self._special.pad, multiple=self._multiple)

    def grouped(self, sequences: Sequence[list[int]]) -> Grouped:
        """Return what the encoder reads in batches of about equal length, each of at most `tokens_at_once` tokens."""
        plan = plan_batches([len(ids) for ids in sequences], self._settings.tokens_at_once)
        batches = tuple(self.padded_code([sequences[place] for place in batch]) for batch in plan)
        return Grouped(batches, torch.tensor([place for batch in plan for place in batch]).argsort())

    def mined(self, passages: Sequence[str]) -> tuple[Grouped, Padded]:
        """Return passages as the encoder reads them, and as one padded batch in the decoder's vocabulary."""
        tokens = self._settings.passage_tokens
        written = pad_sequences(self._write(passages, tokens), self._decoder.pad, multiple=self._multiple)
        return self.grouped(self.read(passages, tokens)), written

    def matched(self, batch: PairBatch, count: int | None = None) -> Padded:
        """Return the passages, the first `count` of them, in the decoder's vocabulary as one padded batch."""
        return pad_sequences(batch.matched_code[:count], self._decoder.pad, multiple=self._multiple)

    def text_to_code(self, batch: PairBatch) -> LanguageBatch:
        """Return the batch in which the decoder writes each text's code."""
        lengths = batch.text.mask.sum(dim=1).tolist()
        texts = [ids[:length] for ids, length in zip(batch.text.ids.tolist(), lengths, strict=True)]
        made = map(text_to_code, texts, batch.written_code, [self._decoder] * len(texts))
        return self._language(list(made))

    def code_to_text(self, batch: PairBatch) -> LanguageBatch:
        """Return the batch in which the decoder writes each code's text."""
        made = map(code_to_text, batch.code, batch.written_text, [self._decoder] * len(batch.code))
        return self._language(list(made))

    def retrieved_code(self, pairs: Sequence[Pair]) -> LanguageBatch:
        """Return the batch in which the decoder writes each function from its text and the code retrieved for it."""
        texts = self._reader.encode([pair.query for pair in pairs], self._settings.query_tokens)
        return self._augmented([[text] for text in texts], [pair.retrieved for pair in pairs], pairs)

    def completion(self, pairs: Sequence[Pair]) -> LanguageBatch:
        """Return the batch in which the decoder writes each function from the code of one like it, or from nothing."""
        return self._augmented([[] for _ in pairs], [pair.alike for pair in pairs], pairs)

    def denoising(self, codes: Sequence[str], draw: random.Random) -> LanguageBatch:
        """Return the batch in which the decoder writes the words that are hidden from the encoder."""
        return self._language([self._hidden(code, draw) for code in codes])

    def continuation(self, codes: Sequence[str], draw: random.Random) -> LanguageBatch:
        """Return the batch in which the decoder writes the rest of a code of which the encoder reads the beginning."""
        examples = []
        for code in codes:
            pieces = _PIECES.findall(code)[: self._settings.decoder_tokens]
            if len(pieces) < 2:  # noqa: PLR2004 - a beginning and a rest
                continue
            place = pivot(len(pieces), draw)
            beginning = self._reader.encode(["".join(pieces[:place])], _NO_LIMIT)[0][1:-1]
            source = [self._special.unknown, *beginning[-(self._settings.passage_tokens - 1) :]]  # what is nearest
            target = self._write(["".join(pieces[place:])], self._settings.decoder_tokens)[0][1:]
            examples.append(self._example(source, target))
        return self._language(examples)

    def whole_sequence(self, codes: Sequence[str]) -> LanguageBatch:
        """Return the batch in which the decoder writes each code from nothing but `[CLM]`."""
        written = self._write(codes, self._settings.decoder_tokens)
        pairs = [whole_sequence(ids[1:], self._special) for ids in written]
        return self._language([self._example(source, target) for source, target in pairs])

    def _augmented(self, before: list[list[list[int]]], codes: Sequence[str], pairs: Sequence[Pair]) -> LanguageBatch:
        """Return the batch in which the decoder, begun as for any code, writes the function of each pair.

        The encoder reads what is `before` and the code; the text alone where there is no code.
        """
        settings, nothing = self._settings, [self._special.bos, self._special.eos]
        read = self._reader.encode(list(codes), settings.source_tokens)
        written = self._write([pair.example.code for pair in pairs], settings.decoder_tokens + 2)
        examples = []
        for parts, code, target in zip(before, read, written, strict=True):
            kept = [*parts, code] if code != nothing or not parts else parts
            source = joined_source(kept, self._special, settings.source_tokens)
            examples.append(
                self._example(source, cut_target(target, settings.decoder_tokens), self._decoder.code_start)
            )
        return self._language(examples)

    def _hidden(self, code: str, draw: random.Random) -> LanguageExample:
        pieces = _PIECES.findall(code)[: self._settings.passage_tokens] or [code]
        room = self._settings.passage_tokens
        read = [ids[1:-1] for ids in self._reader.encode(pieces, room)]
        fitting = sum(total <= room - 2 for total in accumulate(map(len, read)))
        read = read[: max(1, fitting)]  # a sentinel that was cut off would be asked for all the same
        spans = hidden_spans(len(read), draw)
        written = [ids[1:-1] for ids in self._write(pieces[: len(read)], self._settings.decoder_tokens)]
        source = denoising_source(read, spans, self._special)[: room - 2]
        target = denoising_target(written, spans, self._decoder)[: self._settings.decoder_tokens]
        return self._example([self._special.bos, *source, self._special.eos], target)

    def _example(self, source: Sequence[int], target: Sequence[int], start: int | None = None) -> LanguageExample:
        """Return the example that begins with `start`, by default the decoder's start token."""
        starts = (start, self._decoder.decoder_start, self._decoder.bos)
        return language_example(source, target, next(token for token in starts if token is not None))

    def _write(self, texts: Sequence[str], tokens: int) -> list[list[int]]:
        return [] if self._writer is None else self._writer.encode(list(texts), tokens)

    def _language(self, examples: list[LanguageExample]) -> LanguageBatch:
        return language_batch(examples, self._special.pad, self._decoder.pad, self._multiple)
