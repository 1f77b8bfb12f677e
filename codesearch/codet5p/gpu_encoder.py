"""The encoder in PyTorch: bfloat16 on a GPU, and float32 on a CPU as the reference that other runtimes are held to.

Importing this module loads torch; transformers loads with the first encoder. Which runtime is used is `encoders`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import torch

from codesearch.codet5p.batches import plan_batches, token_ids
from codesearch.codet5p.network import load_network
from codesearch.codet5p.registry import fingerprint
from codesearch.codet5p.tokenizer import load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

CPU = "cpu"
CUDA = "cuda"

# A GPU wants batches of tens of thousands of tokens. At 256 tokens a text the attention scores of twelve heads take
# 32,768 x 256 x 12 float32 = 400 MB, which a card of 4 GB still holds beside the weights.
GPU_BATCH_TOKENS = 32_768
CPU_BATCH_TOKENS = 1024


class TorchEncoder:
    """Encodes with the checkpoint in `folder` on `device`; see `indexer.encoder`.

    `name` is what the fingerprint calls the model; `batch_tokens` is by default the device's constant. A batch that
    does not fit into the GPU's memory is halved. Calls from several threads wait for each other. Raises the errors of
    `load_network` and `load_tokenizer`.
    """

    def __init__(self, name: str, folder: Path, device: str = CUDA, batch_tokens: int | None = None) -> None:
        self._network = load_network(folder, device)
        self._config = self._network.config
        self._tokenizer = load_tokenizer(folder, self._config)
        self._fingerprint = fingerprint(name, folder)
        self._device = device
        self._batch_tokens = batch_tokens or (CPU_BATCH_TOKENS if device == CPU else GPU_BATCH_TOKENS)
        self._one_at_a_time = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Identifies the checkpoint; every runtime's vectors of it may be compared (see `encoders`)."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._config.dimension

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a query, shape (dimension,)."""
        vector: NDArray[np.float32] = self._encode([text], self._config.query_tokens)[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""
        return self._encode(texts, self._config.passage_tokens)

    def _encode(self, texts: Sequence[str], max_tokens: int) -> NDArray[np.float32]:
        ids = token_ids(self._tokenizer, texts, max_tokens)
        batches = plan_batches([len(one) for one in ids], self._batch_tokens)
        vectors = np.empty((len(texts), self.dimension), np.float32)
        with self._one_at_a_time, torch.inference_mode():
            # Nothing is copied back before the last batch is under way, so that the GPU never waits for this loop.
            computed = [self._embed([ids[place] for place in batch]) for batch in batches]
            for batch, result in zip(batches, computed, strict=True):
                vectors[batch] = result.cpu().numpy()
        return vectors

    def _embed(self, ids: list[list[int]]) -> torch.Tensor:
        padded, mask = (torch.from_numpy(array).to(self._device) for array in self._tokenizer.pad(ids))
        try:
            return self._network.embed(padded, mask)
        except torch.OutOfMemoryError:
            if len(ids) == 1:
                raise
        torch.cuda.empty_cache()
        half = len(ids) // 2
        return torch.cat([self._embed(ids[:half]), self._embed(ids[half:])])
