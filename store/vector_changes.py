"""A few changes beside a file of many vectors: what was removed and added since, so that it need not be rewritten.

A file of changes belongs to one whole file. It holds (all little-endian) how many ids were removed and how many vectors
added (8 bytes each), the removed ids (int64), then the added vectors as `exact_vectors` writes them. Which file is
whose, and when a whole one is due, is the business of `vector_files`.
"""

from __future__ import annotations

import struct
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from store.exact_vectors import ExactVectors

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from store.vectors import VectorIndex

# Rewriting fewer vectors takes 20 ms. Beyond, changes are kept beside them while they are few: a search scans what was
# added in NumPy (2 ms for 4,096), and asks the whole file for as many more as were removed.
WHOLE_UP_TO = 10_000
MOST_CHANGES = 4_096
_MOST_CHANGES_SHARE = 1 / 8  # of the vectors of the whole file

_HEAD = struct.Struct("<QQ")
_IDS = np.dtype("<i8")
_COMPONENTS = np.dtype("<f2")

# Asked for beyond what is wanted, for removed ones among the best; where that is not enough, as many as were removed.
_SPARE = 16


def few_enough(vectors: int, changes: int) -> bool:
    """Whether so many changes are better kept beside a file of so many vectors."""
    return vectors > WHOLE_UP_TO and changes <= min(MOST_CHANGES, vectors * _MOST_CHANGES_SHARE)


class ChangedVectors:
    """The vectors of `whole` without the ids `removed`, and with those of `added`; see `vectors.VectorIndex`.

    `removed` are ids of `whole`, ascending, shape (n,), int64; no id of `added` is in `whole`.
    """

    def __init__(self, whole: VectorIndex, removed: NDArray[np.int64], added: ExactVectors) -> None:
        self._whole = whole
        self._removed = removed
        self._added = added

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._whole.dimension

    @property
    def count(self) -> int:
        """The number of vectors."""
        return self._whole.count - len(self._removed) + self._added.count

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """The ids, shape (n,): those of the whole file in its order, then what was added."""
        return np.concatenate([self._kept(self._whole.ids), self._added.ids])

    def search(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return up to `limit` ids and their inner products with the query, best first."""
        old_ids, old_scores = self._search_whole(query, limit, allowed)
        new_ids, new_scores = self._added.search(query, limit, allowed)
        ids, scores = np.concatenate([old_ids, new_ids]), np.concatenate([old_scores, new_scores])
        best = np.argsort(-scores, kind="stable")[:limit]
        return ids[best], scores[best]

    def save(self, path: Path) -> None:
        """Write the changes alone to a file."""
        with path.open("wb") as file:
            file.write(_HEAD.pack(len(self._removed), self._added.count))
            file.write(self._removed.astype(_IDS).tobytes())
            self._added.write_to(file)

    def _search_whole(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        for spare in sorted({min(_SPARE, len(self._removed)), len(self._removed)}):
            ids, scores = self._whole.search(query, limit + spare, allowed)
            kept = np.isin(ids, self._removed, invert=True)
            if np.count_nonzero(kept) >= limit:
                break
        return ids[kept][:limit], scores[kept][:limit]

    def _kept(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        return ids[np.isin(ids, self._removed, invert=True)]


def read_changes(path: Path, whole: VectorIndex, count: int) -> ChangedVectors:
    """Read the changes to `whole` in a file, after which there are `count` vectors; ValueError where that is not so."""
    with path.open("rb") as file:
        removed, added = _HEAD.unpack(_exactly(file.read(_HEAD.size), _HEAD.size))
        if whole.count - removed + added != count or removed > whole.count:
            raise ValueError(f"{path.name} holds other changes than expected")
        widths = (removed * _IDS.itemsize, added * _IDS.itemsize, added * whole.dimension * _COMPONENTS.itemsize)
        parts = [_exactly(file.read(width), width) for width in widths]
    removed_ids, added_ids = (np.frombuffer(part, _IDS).astype(np.int64) for part in parts[:2])
    matrix = np.frombuffer(parts[2], _COMPONENTS).astype(np.float16).reshape(added, whole.dimension)
    return ChangedVectors(whole, removed_ids, ExactVectors(added_ids, matrix))


def _exactly(content: bytes, width: int) -> bytes:
    if len(content) != width:
        raise ValueError("a file of changes is too short")
    return content
