"""The decoder in PyTorch: bfloat16 on a GPU, float32 on a CPU; the search for what to write is transformers' own.

Makes ids of what is asked and text of what is written. Importing this module loads torch; transformers loads with the
first writer. Which runtime is used is `writer`.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from codesearch.codet5p.batches import plan_batches, token_ids
from codesearch.codet5p.config import Architecture
from codesearch.codet5p.decoders import Strategy
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.codet5p.gpu_encoder import CUDA
from codesearch.codet5p.network import load_network
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from codesearch.codet5p.writer import Decoding, Task, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

# Of a decoder's positions, those that a prefix may take even where `max_tokens` wants more: who asks for a thousand
# tokens in 512 positions would else have the code forgotten that is to go on.
_PREFIX_SHARE = 0.5

# Of sources that are read side by side. One core writes for 13 functions a second with 8 at once, for 4 one by one and
# for 11 with 32 (three layers, 32 tokens); padded to the longest of more, they take memory and no less time.
_TOKENS_AT_ONCE = 4_096

# What `generate` keeps of a batch until its scores are computed: float32 for every token that might have followed.
_LOGIT_BYTES_AT_ONCE = 64 << 20

# What the tokenizer of a half character decodes to
_HALF = "\N{REPLACEMENT CHARACTER}"


class TorchWriter:
    """Writes with the checkpoint in `folder` on `device`; see `writer.Writer`.

    `dtype` is that of `load_network`. Calls from several threads wait for each other. Raises the errors of
    `load_network` and `load_decoder_tokenizer`, so CapabilityMissing without a decoder.
    """

    def __init__(self, folder: Path, device: str = CUDA, dtype: torch.dtype | None = None) -> None:
        self._network = load_network(folder, device, dtype)
        config = self._network.config
        if config.decoder is None:
            raise CapabilityMissing(config.name, "decoder")
        self._reader = load_tokenizer(folder, config)
        self._pen = load_decoder_tokenizer(folder, config)
        self._special = config.special
        self._device = device
        writing = config.writing
        self._end = writing.eos
        self._vocabulary = config.decoder.vocabulary_size
        # T5's positions are relative, so what it was trained for is the limit
        bert = config.decoder.architecture is Architecture.BERT
        self._written_tokens = config.decoder.positions if bert else config.max_tokens
        self._starts = {
            Task.CODE: self._network.start_token(writing.code_start),
            Task.SUMMARY: self._network.start_token(writing.text_start),
            Task.COMPLETION: self._network.start_token(writing.code_start),
        }
        self._one_at_a_time = threading.Lock()

    @property
    def source_tokens(self) -> int:
        """How many tokens the encoder reads, special tokens included."""
        return self._network.config.max_tokens

    def tokens_in(self, text: str) -> int:
        """Return how many tokens the encoder's vocabulary has for `text`, special tokens not counted."""
        return self._reader.count([text])[0]

    def write(
        self,
        task: Task,
        parts: Sequence[str],
        decoding: Decoding,
        *,
        prefix: str = "",
        on_text: Callable[[str], None] | None = None,
    ) -> list[Written]:
        """Return what is written; see `writer.Writer`."""
        if on_text is not None and decoding.beams > 1:
            raise ValueError("what beams write is known only at the end")
        kept, hidden = _without_last_blank(prefix)
        start = [self._starts[task], *self._forced(kept, decoding.max_tokens)]
        stream = None if on_text is None else TextStream(self._pen.decode, hidden, on_text)
        strategy = Strategy(
            max_tokens=len(start) + decoding.max_tokens,
            beams=decoding.beams,
            results=decoding.beams,
            temperature=decoding.temperature if decoding.samples else None,
            top_p=decoding.top_p,
            streamer=stream,
        )
        with _seeded(decoding.seed, self._device):
            return self._written([self._source(parts)], start, strategy, hidden)

    def write_many(self, task: Task, sources: Sequence[str], max_tokens: int) -> list[Written]:
        """Return what `write` does for each source alone; see `writer.Writer`."""
        ids = [self._source([source]) for source in sources]
        start = [self._starts[task]]
        strategy = Strategy(max_tokens=len(start) + max_tokens)
        most = max(1, _LOGIT_BYTES_AT_ONCE // (4 * max_tokens * self._vocabulary))
        found: dict[int, Written] = {}
        for places in plan_batches(list(map(len, ids)), _TOKENS_AT_ONCE, most):
            written = self._written([ids[place] for place in places], start, strategy)
            found.update(zip(places, written, strict=True))
        return [found[place] for place in range(len(ids))]

    def _written(
        self, sources: Sequence[list[int]], start: list[int], strategy: Strategy, hidden: str = ""
    ) -> list[Written]:
        """Return what the decoder writes after `start` for each source, without `hidden` at its beginning."""
        width = max(map(len, sources))
        ids = torch.tensor([[*row, *[self._special.pad] * (width - len(row))] for row in sources], device=self._device)
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in sources], device=self._device)
        starts = torch.tensor([start] * len(sources), device=self._device)
        with self._one_at_a_time, torch.inference_mode():
            found = self._network.write(ids, mask, starts, strategy)
        rows, scores = (row[len(start) :] for row in found.ids.tolist()), found.scores.tolist()
        return [
            Written(self._pen.decode(self._before_end(row)).removeprefix(hidden), score, self._cut_at(row))
            for row, score in zip(rows, scores, strict=True)
        ]

    def _before_end(self, row: list[int]) -> list[int]:
        return row[: row.index(self._end)] if self._end in row else row

    def _cut_at(self, row: list[int]) -> int | None:
        return None if self._end in row else len(row)

    def _source(self, parts: Sequence[str]) -> list[int]:
        """Return `<s> part </s> part </s>`; cut, it still ends with `</s>`."""
        ids = [self._special.bos]
        for framed in token_ids(self._reader, parts or [""], self.source_tokens):
            ids += framed[1:]
        return ids if len(ids) <= self.source_tokens else [*ids[: self.source_tokens - 1], self._special.eos]

    def _forced(self, prefix: str, max_tokens: int) -> list[int]:
        """Return the last ids of `prefix` that leave room for a start token and `max_tokens` more."""
        if not prefix:
            return []
        ids = self._pen.encode([prefix], 2 + len(prefix.encode("utf-8", "replace")))[0][1:-1]  # a token a byte at most
        room = max(self._written_tokens - 1 - max_tokens, int(_PREFIX_SHARE * self._written_tokens) - 1)
        return ids[-room:]


class TextStream:
    """What `generate` streams to: gets ids, the ones it was given first, and passes on text.

    A character of several bytes may be several tokens, so an end that decodes to no character is held back.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], hidden: str, on_text: Callable[[str], None]) -> None:
        self._decode = decode
        self._hidden = hidden
        self._on_text = on_text
        self._ids: list[int] | None = None
        self._passed_on = ""

    def put(self, tokens: Tensor) -> None:
        """Take what was just written; the first call has what it began with."""
        if self._ids is None:
            self._ids = []
            return
        self._ids.extend(tokens.flatten().tolist())
        self._pass_on(self._text().rstrip(_HALF))

    def end(self) -> None:
        """Pass on what was held back."""
        self._pass_on(self._text())

    def _text(self) -> str:
        return self._decode(self._ids or []).removeprefix(self._hidden)

    def _pass_on(self, text: str) -> None:
        new = text.removeprefix(self._passed_on)
        if new and len(new) + len(self._passed_on) == len(text):
            self._passed_on = text
            self._on_text(new)


def _without_last_blank(prefix: str) -> tuple[str, str]:
    """Return a prefix without a blank or tab at its end, and that character.

    Tokenizers of code join a blank to the word that follows it, so after a blank alone hardly any word was ever seen:
    the decoder writes the blank itself, and it is taken off what it wrote.
    """
    return (prefix[:-1], prefix[-1]) if prefix.endswith((" ", "\t")) else (prefix, "")


@contextmanager
def _seeded(seed: int | None, device: str) -> Iterator[None]:
    """Draw from `seed` inside, and leave torch's generators outside as they were; None: draw on."""
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if device == CUDA else []):
        torch.manual_seed(seed)
        yield
