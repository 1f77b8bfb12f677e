"""The matching head on a CPU: tokenizers, numpy and onnxruntime, as in `cpu_encoder`.

A query is read once: what the decoder attends to of it goes into every batch of code. Batches are small and run side
by side (`cpu_batches`). In integers a score depends on nothing but the pair. The graphs are `onnx_matching`, derived
from the checkpoint on first use and kept (`graph_cache`); which runtime is used is `matcher`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codesearch.codet5p.batches import token_ids
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.cpu_batches import compute_in_batches
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.codet5p.graph_cache import GraphCache, Part, exact_session
from codesearch.codet5p.matcher import OwnerMatcher
from codesearch.codet5p.quantisation import Precision
from codesearch.codet5p.registry import decoder_fingerprint
from codesearch.codet5p.tensors import MATCHED
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class _Texts(NamedTuple):
    """What the decoder attends to: shapes (layers, texts, heads, ...) as in `onnx_matching`, and (texts, length)."""

    keys: NDArray[np.float32]
    values: NDArray[np.float32]
    mask: NDArray[np.int64]

    def at(self, rows: list[int]) -> _Texts:
        """Return the texts of these rows, one for each."""
        return _Texts(self.keys[:, rows], self.values[:, rows], self.mask[rows])


class CpuMatcher(OwnerMatcher):
    """Scores with the checkpoint in `folder`; see `matcher.Matcher`.

    Texts are cut at the checkpoint's `query_tokens`, code at its `passage_tokens`. Graphs are kept in `cache_folder`.
    `precision` is INT8 or FLOAT32; on a processor whose integer sums overflow, INT8 becomes INT7 by itself. `threads`
    is by default the number of cores. Calls from several threads are safe. Raises CapabilityMissing without a matching
    head, and the errors of `read_config`, `load_decoder_tokenizer` and `read_tensors_numpy`.
    """

    def __init__(
        self,
        folder: Path,
        cache_folder: Path,
        precision: Precision = Precision.INT8,
        threads: int | None = None,
    ) -> None:
        self._config = read_config(folder)
        match = self._config.writing.match
        if not self._config.matching_head or match is None:
            raise CapabilityMissing(self._config.name, "matching head")
        self._match_token, self._threads = match, threads
        self._reader = load_tokenizer(folder, self._config)
        self._writer = load_decoder_tokenizer(folder, self._config)
        mark = decoder_fingerprint("", folder).rpartition("@")[2]
        text, code = (GraphCache(cache_folder, folder, self._config, mark, part) for part in (Part.TEXT, Part.MATCH))
        self._text_session, exact = exact_session(text, precision)
        self._match_session = code.session(exact)

    def _scores(self, texts: Sequence[str], codes: Sequence[str], owners: Sequence[int]) -> NDArray[np.float32]:
        """Score code i against text `owners[i]`; one text is read once, of several each once in a batch."""
        text_ids = token_ids(self._reader, texts, self._config.query_tokens)
        code_ids = token_ids(self._writer, codes, self._config.passage_tokens)
        alone = self._read(text_ids) if len(text_ids) == 1 and code_ids else None
        found = np.empty(len(codes), np.float32)

        def compute(batch: list[int]) -> None:
            read = alone or self._read_own(text_ids, [owners[place] for place in batch])
            found[batch] = self._match(read, [code_ids[place] for place in batch])

        compute_in_batches([len(ids) for ids in code_ids], compute, self._threads)
        return found

    def _read(self, text_ids: list[list[int]]) -> _Texts:
        ids, mask = self._reader.pad(text_ids)
        keys, values = self._text_session.run(["keys", "values"], {"ids": ids, "mask": mask})
        return _Texts(keys, values, mask)

    def _read_own(self, text_ids: list[list[int]], owners: list[int]) -> _Texts:
        """Read the texts of a batch, each once, and give each owner its own."""
        rows = {owner: row for row, owner in enumerate(dict.fromkeys(owners))}
        return self._read([text_ids[owner] for owner in rows]).at([rows[owner] for owner in owners])

    def _match(self, texts: _Texts, code_ids: list[list[int]]) -> NDArray[np.float32]:
        ids, mask = self._writer.pad(code_ids)
        ids[:, 0] = self._match_token
        ends = mask.sum(axis=1) - 1  # the tokenizer ends every text with `</s>`, and writes no other
        feeds = {"ids": ids, "ends": ends, "text_mask": texts.mask, "keys": texts.keys, "values": texts.values}
        logits: NDArray[np.float32] = self._match_session.run(["logits"], feeds)[0]
        return logits[:, MATCHED]
