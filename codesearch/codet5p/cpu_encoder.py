"""The encoder on a CPU: tokenizers, numpy and onnxruntime, nothing slow to load.

The graph is derived from the checkpoint on first use and kept (`graph_cache`). Batches are small, to stay in the
processor's caches, and run side by side, one per core. In integers a text's vector depends on nothing but the text.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesearch.codet5p.batches import plan_batches, token_ids
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.graph_cache import GraphCache
from codesearch.codet5p.quantisation import Precision
from codesearch.codet5p.registry import fingerprint
from codesearch.codet5p.tokenizer import load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import onnxruntime
    from numpy.typing import NDArray

# Measured on one core with all-MiniLM-L6-v2, texts of 128 tokens, functions/s at 256, 512, 1024, 2048, 4096, 8192
# tokens a batch: 138, 141, 129, 121, 111, 100. Larger batches leave a cache of 1 MB; smaller ones are all overhead.
BATCH_TOKENS = 512


class CpuEncoder:
    """Encodes with the checkpoint in `folder`; see `indexer.Encoder`.

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
        self._session = exact_session(GraphCache(cache_folder, folder, self._config, mark), precision)

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
        lengths = [len(one) for one in ids]
        threads = self._threads or physical_cores()
        share = -(-sum(lengths) // threads)  # few texts are spread over all cores rather than put in one batch
        batches = plan_batches(lengths, min(BATCH_TOKENS, share))

        def compute(batch: list[int]) -> None:
            vectors[batch] = self._run([ids[place] for place in batch])

        if len(batches) <= 1 or threads == 1:
            for batch in batches:
                compute(batch)
            return vectors
        with ThreadPoolExecutor(min(threads, len(batches)), "encoder") as pool:
            for _ in pool.map(compute, reversed(batches)):  # the longest first, so that the cores end together
                pass
        return vectors

    def _run(self, ids: list[list[int]]) -> NDArray[np.float32]:
        padded, mask = self._tokenizer.pad(ids)
        vectors: NDArray[np.float32] = self._session.run(["vectors"], {"ids": padded, "mask": mask})[0]
        return vectors


def physical_cores() -> int:
    """Return how many cores this process may use; two threads of one core share its multipliers and count once."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    allowed = os.sched_getaffinity(0)
    siblings = set()
    for cpu in allowed:
        topology = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        siblings.add(topology.read_text(encoding="ascii") if topology.is_file() else str(cpu))
    return len(siblings)


def exact_session(cache: GraphCache, precision: Precision) -> onnxruntime.InferenceSession:
    """Return a session whose integer sums are exact on this processor."""
    session = cache.session(precision)
    if precision is not Precision.INT8:
        return session
    token = np.zeros((1, 1), np.int64)
    found = session.run(["probe"], {"ids": token, "mask": token + 1})[0]
    return session if float(found[0, 0]) == precision.probe_value else cache.session(Precision.INT7)
