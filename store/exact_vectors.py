"""Vectors without FAISS: an exact scan in NumPy, so that dense search works in any installation.

Same contract as the FAISS backend (`vectors.VectorBackend`), a file format of its own: n ids (int64, little-endian),
then n vectors (float16, little-endian). NumPy has to widen half precision
before it multiplies, which costs time that FAISS does not need; it needs no more memory than the file and one block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from store.vectors import Batches, VectorFile

_IDS = np.dtype("<i8")
_COMPONENTS = np.dtype("<f2")

# Rows that are widened to single precision at a time: 8 MiB at 256 dimensions, which a processor's cache still holds.
_BLOCK = 8_192


class ExactBackend:
    """NumPy: half-precision vectors, scanned exactly."""

    extension = "f16"

    def open(self, file: VectorFile) -> ExactVectors:
        """Open a file for searching only, mapped into memory; ValueError when it is not what is expected."""
        if file.count == 0:
            return _empty(file.dimension)
        ids = np.memmap(file.path, dtype=_IDS, mode="r", shape=(file.count,))
        shape = (file.count, file.dimension)
        return ExactVectors(ids, np.memmap(file.path, dtype=_COMPONENTS, mode="r", offset=ids.nbytes, shape=shape))

    def updated(
        self, base: VectorFile | None, dimension: int, removed: NDArray[np.int64], added: Batches
    ) -> ExactVectors:
        """Return the index in the file `base` (None: an empty one) without some ids and with some more, in memory."""
        start = _empty(dimension) if base is None else self.open(base)
        kept = ~np.isin(start.ids, removed)
        batches = list(added)
        ids = np.concatenate([start.ids[kept], *(ids for ids, _ in batches)])
        return ExactVectors(ids, np.concatenate([start.matrix[kept], *(vectors for _, vectors in batches)]))


class ExactVectors:
    """Ids and half-precision vectors; see `vectors.VectorIndex`.

    Args:
        ids: shape (n,), int64.
        matrix: shape (n, dimension), float16.

    """

    def __init__(self, ids: NDArray[np.int64], matrix: NDArray[np.float16]) -> None:
        self.ids = ids
        self.matrix = matrix

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self.matrix.shape[1])

    @property
    def count(self) -> int:
        """The number of vectors."""
        return len(self.ids)

    def search(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return up to `limit` ids and their inner products with the query, best first."""
        positions: NDArray[Any] = np.arange(len(self.ids))
        if allowed is not None:
            positions = np.flatnonzero(np.isin(self.ids, allowed))
        scores = np.empty(len(positions), dtype=np.float32)
        for start in range(0, len(positions), _BLOCK):
            block = positions[start : start + _BLOCK]
            rows = self.matrix[start : start + _BLOCK] if allowed is None else self.matrix[block]
            scores[start : start + _BLOCK] = rows.astype(np.float32) @ query
        limit = min(limit, len(positions))
        best = np.argpartition(-scores, limit - 1)[:limit] if limit < len(positions) else np.arange(limit)
        best = best[np.argsort(-scores[best], kind="stable")]
        return self.ids[positions[best]], scores[best]

    def save(self, path: Path) -> None:
        """Write the index to a file; OSError when that fails."""
        with path.open("wb") as file:
            self.write_to(file)

    def write_to(self, file: BinaryIO) -> None:
        """Write ids and vectors to an open file."""
        file.write(self.ids.astype(_IDS).tobytes())
        file.write(self.matrix.astype(_COMPONENTS).tobytes())


def _empty(dimension: int) -> ExactVectors:
    return ExactVectors(np.empty(0, dtype=np.int64), np.empty((0, dimension), dtype=np.float16))
