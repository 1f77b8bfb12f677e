"""The matching head in PyTorch: bfloat16 on a GPU, float32 on a CPU.

The encoder reads the text, the decoder reads `<s> code </s>` of its own vocabulary and attends to the text; the
arithmetic is `Network.match_scores`. Importing this module loads torch; transformers loads with the first matcher.
Which runtime is used is `matcher`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from codesearch.codet5p.batches import plan_batches, token_ids
from codesearch.codet5p.gpu_encoder import CPU, CPU_BATCH_TOKENS, CUDA, GPU_BATCH_TOKENS
from codesearch.codet5p.matcher import OwnerMatcher
from codesearch.codet5p.network import load_network
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor


class _Texts(NamedTuple):
    """Encoded texts, shape (texts, length, encoder width), and their mask, shape (texts, length)."""

    states: Tensor
    mask: Tensor


class TorchMatcher(OwnerMatcher):
    """Scores with the checkpoint in `folder` on `device`; see `matcher.Matcher`.

    Texts are cut at the checkpoint's `query_tokens`, code at its `passage_tokens`. `batch_tokens` counts tokens of
    code, by default the device's constant; `dtype` is that of `load_network`. A batch that does not fit into the GPU's
    memory is halved. Calls from several threads wait for each other. Raises the errors of `load_network` and
    `load_decoder_tokenizer`, and CapabilityMissing with the first score when there is no matching head.
    """

    def __init__(
        self, folder: Path, device: str = CUDA, batch_tokens: int | None = None, dtype: torch.dtype | None = None
    ) -> None:
        self._network = load_network(folder, device, dtype)
        self._config = self._network.config
        self._reader = load_tokenizer(folder, self._config)
        self._writer = load_decoder_tokenizer(folder, self._config)
        self._device = device
        self._batch_tokens = batch_tokens or (CPU_BATCH_TOKENS if device == CPU else GPU_BATCH_TOKENS)
        self._one_at_a_time = threading.Lock()

    def _scores(self, texts: Sequence[str], codes: Sequence[str], owners: Sequence[int]) -> NDArray[np.float32]:
        """Score code i against text `owners[i]`; one text is encoded once, of several each once in a batch."""
        text_ids = token_ids(self._reader, texts, self._config.query_tokens)
        code_ids = token_ids(self._writer, codes, self._config.passage_tokens)
        batches = plan_batches([len(ids) for ids in code_ids], self._batch_tokens)
        found = np.empty(len(codes), np.float32)
        with self._one_at_a_time, torch.inference_mode():
            alone = self._encode(text_ids) if len(text_ids) == 1 and batches else None
            # As in the encoder, nothing is copied back before the last batch is under way.
            computed = [self._match(batch, text_ids, code_ids, owners, alone) for batch in batches]
            for batch, result in zip(batches, computed, strict=True):
                found[batch] = result.cpu().numpy()
        return found

    def _match(
        self,
        batch: list[int],
        text_ids: list[list[int]],
        code_ids: list[list[int]],
        owners: Sequence[int],
        alone: _Texts | None,
    ) -> Tensor:
        """Return the scores of the pairs at the places `batch`; `alone` is the only text, encoded."""
        try:
            if alone is None:
                rows = {owner: row for row, owner in enumerate(dict.fromkeys(owners[place] for place in batch))}
                encoded = self._encode([text_ids[owner] for owner in rows])
                own = torch.tensor([rows[owners[place]] for place in batch], device=self._device)
                states, mask = encoded.states[own], encoded.mask[own]
            else:
                states, mask = (part.expand(len(batch), *part.shape[1:]) for part in alone)
            padded, code_mask = self._tensors(self._writer.pad([code_ids[place] for place in batch]))
            return self._network.match_scores(states, mask, padded, code_mask)
        except torch.OutOfMemoryError:
            if len(batch) == 1:
                raise
        torch.cuda.empty_cache()
        half = len(batch) // 2
        halves = (batch[:half], batch[half:])
        return torch.cat([self._match(part, text_ids, code_ids, owners, alone) for part in halves])

    def _encode(self, ids: list[list[int]]) -> _Texts:
        padded, mask = self._tensors(self._reader.pad(ids))
        return _Texts(self._network.encode(padded, mask), mask)

    def _tensors(self, arrays: tuple[NDArray[np.int64], NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
        ids, mask = arrays
        return torch.from_numpy(ids).to(self._device), torch.from_numpy(mask).to(self._device)
