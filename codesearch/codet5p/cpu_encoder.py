"""The encoder on a CPU: tokenizers, numpy and onnxruntime, nothing slow to load.

The graph is derived from the checkpoint on first use and kept (`graph_cache`). Batches are small and run side by side
(`cpu_batches`). In integers a text's vector depends on nothing but the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.batches import token_ids
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.cpu_batches import compute_in_batches
from codesearch.codet5p.graph_cache import GraphCache, exact_session
from codesearch.codet5p.quantisation import Precision
from codesearch.codet5p.registry import fingerprint
from codesearch.codet5p.tokenizer import load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class CpuEncoder:
    """Encodes with the checkpoint in `folder`; see `indexer.encoder`.

    `name` is what the fingerprint calls the model. Graphs are kept in `cache_folder`. `precision` is INT8 or FLOAT32;
    on a processor whose integer sums overflow, INT8 becomes INT7 by itself. `threads` is by default the number of
    cores. Calls from several threads are safe. Raises the errors of `read_config`, `load_tokenizer` and
    `read_encoder_tensors`.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        cache_folder: Path,
        precision: Precision = Precision.INT8,
        threads: int | None = None,
    ) -> None:
        self._config = read_config(folder)
        self._tokenizer = load_tokenizer(folder, self._config)
        self._fingerprint = fingerprint(name, folder)
        self._threads = threads
        mark = self._fingerprint.rpartition("@")[2]
        self._session, _ = exact_session(GraphCache(cache_folder, folder, self._config, mark), precision)

    @property
    def fingerprint(self) -> str:
        """Identifies the checkpoint; every runtime's vectors of it may be compared (see `encoders`)."""
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._config.dimension

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a query, shape (dimension,), computed on one core."""
        vector: NDArray[np.float32] = self._run(token_ids(self._tokenizer, [text], self._config.query_tokens))[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        ids = token_ids(self._tokenizer, texts, self._config.passage_tokens)

        def compute(batch: list[int]) -> None:
            vectors[batch] = self._run([ids[place] for place in batch])

        compute_in_batches([len(one) for one in ids], compute, self._threads)
        return vectors

    def _run(self, ids: list[list[int]]) -> NDArray[np.float32]:
        padded, mask = self._tokenizer.pad(ids)
        vectors: NDArray[np.float32] = self._session.run(["vectors"], {"ids": padded, "mask": mask})[0]
        return vectors
