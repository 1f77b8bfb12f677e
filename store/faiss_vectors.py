"""Vectors in FAISS: half precision, scanned whole up to a size and in lists beyond it; on a GPU where that pays.

The kinds of index, and which one is for how many vectors, are in `faiss_lists`. Here they are opened, changed and
searched. A search among allowed ids, and one that lists would leave short, is exact with either kind. Also chooses
between the backends, since only importing FAISS tells whether it is there and whole.
"""

from __future__ import annotations

import math
from functools import cache, cached_property
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from store import faiss_lists
from store.errors import BothFaissBuildsInstalled, FaissBroken
from store.exact_vectors import ExactBackend

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from numpy.typing import NDArray

    from store.vectors import Batches, VectorBackend, VectorFile, VectorIndex

# All of them install the same folder `faiss`.
_FAISS_DISTRIBUTIONS = ("faiss-cpu", "faiss-gpu", "faiss-gpu-cuvs", "faiss-gpu-cu12", "faiss-gpu-cu11")

# One scan of 100,000 vectors of 256 dimensions takes a CPU 1.7 ms, and a GPU has to be started and filled first. So an
# index goes there only if it is large, and only in a process that asks more than once. Not yet measured on a GPU.
GPU_FROM_VECTORS = 100_000
GPU_FROM_QUERY = 2
GPU_MOST_RESULTS = 2_048  # the limit of FAISS's selection kernel, of lists as of results

# Allowed ids are marked in one bit for each id up to the largest, unless they are rarer than one in so many: then in a
# hash table. Of 100,000 vectors 90,000 allowed: 7.8 ms with bits and 22.7 ms with a table, 10,000: 6.5 and 7.3 ms.
_RAREST_FOR_BITS = 512


@cache
def default_backend() -> VectorBackend:
    """Return the FAISS backend, or the exact one in NumPy when no FAISS is installed.

    Raises:
        BothFaissBuildsInstalled: two distributions of FAISS have overwritten each other's files.

    """
    installed = [name for name in _FAISS_DISTRIBUTIONS if _is_installed(name)]
    if len(installed) > 1:
        raise BothFaissBuildsInstalled(*installed)
    if not installed and find_spec("faiss") is None:
        return ExactBackend()
    return FaissBackend()


def _import_faiss() -> ModuleType:
    try:
        import faiss
    except (ImportError, RuntimeError, OSError) as error:  # a missing CUDA library is a RuntimeError
        raise FaissBroken(str(error)) from error
    if not hasattr(faiss, "IndexScalarQuantizer"):  # what uninstalling one of two builds leaves behind
        raise FaissBroken("the package faiss is incomplete")
    loaded: ModuleType = faiss
    return loaded


def _is_installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


class FaissBackend:
    """FAISS: half-precision vectors. `exact_up_to` is the number up to which they are scanned whole.

    `faiss` is loaded with the first use of an index when it is not given: whether there is a file of vectors, and how
    many, can be asked without. Every method raises FaissBroken when it is installed and cannot be imported.
    """

    extension = "faiss"

    def __init__(self, faiss: ModuleType | None = None, exact_up_to: int = faiss_lists.EXACT_UP_TO) -> None:
        self._given = faiss
        self._exact_up_to = exact_up_to

    @cached_property
    def _faiss(self) -> Any:  # noqa: ANN401 - FAISS has no types
        faiss = self._given or _import_faiss()
        # One query is scanned by one thread in any case; more would only wait for it, spinning.
        faiss.omp_set_num_threads(1)
        return faiss

    def open(self, file: VectorFile) -> VectorIndex:
        """Open a file for searching only, mapped into memory; ValueError when it is not what is expected.

        FAISS ends the process when a mapped index is changed: nothing that this returns can be.
        """
        index = self._read(file, self._faiss.IO_FLAG_MMAP_IFC)
        return FaissVectors(self._faiss, index)

    def updated(
        self, base: VectorFile | None, dimension: int, removed: NDArray[np.int64], added: Batches
    ) -> VectorIndex:
        """Return the index in the file `base` without some ids and with some more, in memory."""
        # Read, not mapped: see `open`.
        index = faiss_lists.empty_flat(self._faiss, dimension) if base is None else self._read(base, 0)
        if len(removed):
            index.remove_ids(np.ascontiguousarray(removed, dtype=np.int64))
        for ids, vectors in added:
            index.add_with_ids(vectors.astype(np.float32), ids)
        return FaissVectors(self._faiss, faiss_lists.suited(self._faiss, index, self._exact_up_to))

    def _read(self, file: VectorFile, flags: int) -> Any:  # noqa: ANN401 - FAISS has no types
        try:
            index = self._faiss.read_index(str(file.path), flags)
        except (RuntimeError, MemoryError) as error:
            raise ValueError(f"{file.path.name}: {error}") from error
        lists = faiss_lists.has_lists(self._faiss, index)
        known = lists or isinstance(index, self._faiss.IndexIDMap)
        if not known or (index.d, index.ntotal) != (file.dimension, file.count):
            raise ValueError(f"{file.path.name} holds another index than expected")
        if lists and faiss_lists.listed(index) != file.count:
            raise ValueError(f"{file.path.name} is damaged")
        return index


class FaissVectors:
    """A FAISS index with ids; see `VectorIndex`."""

    def __init__(self, faiss: Any, index: Any) -> None:  # noqa: ANN401 - FAISS has no types
        self._faiss = faiss
        self._index = index
        self._queries = 0
        self._gpu_index: Any = None

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    @property
    def count(self) -> int:
        """The number of vectors."""
        return int(self._index.ntotal)

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """The ids, shape (n,), in the index's own order."""
        return faiss_lists.all_ids(self._faiss, self._index)

    @property
    def lists(self) -> int:
        """The number of inverted lists; 0 for an index that is scanned whole."""
        return int(self._index.nlist) if faiss_lists.has_lists(self._faiss, self._index) else 0

    def search(
        self, query: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return up to `limit` ids and their inner products with the query, best first."""
        self._queries += 1
        limit = min(limit, self.count)
        rows = np.ascontiguousarray(query, dtype=np.float32)[np.newaxis]
        if allowed is not None:
            scores, ids = self._search(rows, limit, selector=self._selector(allowed))
        elif limit <= GPU_MOST_RESULTS and (gpu_index := self._on_gpu()) is not None:
            scores, ids = gpu_index.search(rows, limit)
            ids = ids if self.lists else self.ids[ids]
        else:
            scores, ids = self._search(rows, limit, share=faiss_lists.PROBED_SHARE)
            if self.lists and ids[0, -1] < 0:  # those lists hold fewer
                scores, ids = self._search(rows, limit)
        found = ids[0] >= 0  # FAISS fills up with -1 where fewer were allowed
        return ids[0][found], scores[0][found]

    def save(self, path: Path) -> None:
        """Write the index to a file; OSError when that fails."""
        try:
            self._faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise OSError(str(error)) from error

    def _search(self, rows: NDArray[np.float32], limit: int, selector: Any = None, share: float = 1.0) -> Any:  # noqa: ANN401
        """Search what the selector lets pass; where there are lists, that share of them (all of them: exactly)."""
        if not self.lists:
            parameters = self._faiss.SearchParameters(sel=selector)
        else:
            parameters = self._faiss.SearchParametersIVF(sel=selector, nprobe=math.ceil(self.lists * share))
        return self._index.search(rows, limit, params=parameters)

    def _selector(self, allowed: NDArray[np.int64]) -> Any:  # noqa: ANN401 - FAISS has no types
        largest = int(allowed.max(initial=0))
        if largest >= len(allowed) * _RAREST_FOR_BITS:
            return self._faiss.IDSelectorBatch(np.ascontiguousarray(allowed, dtype=np.int64))
        marks = np.zeros(largest + 1, dtype=np.bool_)
        marks[allowed] = True
        return self._faiss.IDSelectorBitmap(np.packbits(marks, bitorder="little"))

    def _on_gpu(self) -> Any:  # noqa: ANN401 - FAISS has no types
        """Return a copy of the index on the first GPU (a flat one without its ids) if there is one and it pays."""
        worthwhile = self._index.ntotal >= GPU_FROM_VECTORS and self._queries >= GPU_FROM_QUERY
        if self._gpu_index is None and worthwhile and has_gpu(self._faiss):
            resources = self._faiss.StandardGpuResources()
            options = self._faiss.GpuClonerOptions()
            options.useFloat16 = True
            source = self._index if self.lists else self._index.index
            self._gpu_index = self._faiss.index_cpu_to_gpu(resources, 0, source, options)
            if self.lists:
                probed = math.ceil(self.lists * faiss_lists.PROBED_SHARE)
                self._gpu_index.nprobe = min(probed, GPU_MOST_RESULTS)
        return self._gpu_index


def has_gpu(faiss: Any) -> bool:  # noqa: ANN401 - FAISS has no types
    """Return whether this build of FAISS can use a GPU and finds one."""
    return hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0
