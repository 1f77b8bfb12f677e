"""Nearest-neighbour search over unit vectors: the contract that every backend fulfils.

Knows ids and vectors; knows nothing of definitions or models, nor of which file is whose (`vector_files`). The backends
are in `faiss_vectors` and `exact_vectors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    # (ids, shape (n,)), (vectors, shape (n, dimension))
    Batches = Iterable[tuple[NDArray[np.int64], NDArray[np.float16]]]


@dataclass(frozen=True, slots=True)
class VectorFile:
    """A file that holds `count` vectors of length `dimension`, made from the rows of `generation`.

    With a `whole` one it holds the changes to that, and `count` vectors are there after them.
    """

    path: Path
    generation: int
    dimension: int
    count: int
    whole: VectorFile | None = None


class VectorIndex(Protocol):
    """Unit vectors with ids, ready to be searched."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    @property
    def count(self) -> int:
        """The number of vectors."""

    @property
    def ids(self) -> NDArray[np.int64]:
        """The ids, shape (n,), in the index's own order."""

    def search(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return up to `limit` ids and their inner products with the query, best first, equal ones in any order.

        With `allowed` the result is exact; without, a backend may miss some of the nearest of very many vectors.

        Args:
            query: shape (dimension,), float32.
            limit: at least 1.
            allowed: the ids that may be returned; None allows all.

        """

    def save(self, path: Path) -> None:
        """Write the index to a file; OSError when that fails."""


class VectorBackend(Protocol):
    """A way to keep and search vectors."""

    @property
    def extension(self) -> str:
        """The extension of this backend's files: another format has another one."""

    def open(self, file: VectorFile) -> VectorIndex:
        """Open a file for searching only, mapped into memory; ValueError when it is not what is expected."""

    def updated(
        self, base: VectorFile | None, dimension: int, removed: NDArray[np.int64], added: Batches
    ) -> VectorIndex:
        """Return the index in the file `base` (None: an empty one) without some ids and with some more, in memory.

        No added id may be in the base: FAISS would keep both vectors. ValueError when the file is not what is expected.
        """
