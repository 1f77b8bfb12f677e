"""When an index of FAISS has inverted lists, and giving it some or taking them away: the choice by size.

An inverted file (IVF) keeps vectors in lists by the nearest of many centres and scans only the lists whose centres are
nearest to the query. What FAISS calls an index is here either flat, scanned whole, or has such lists; both keep the
vectors in half precision, so that a score does not depend on which it is. Searching is for `faiss_vectors`.

Measured on one core with 384 dimensions and 400 results a query, recall against brute force, as in `benchmarks`:

    vectors                       scanned whole    an eighth of the lists    a quarter    built, two cores
    65,438 of real functions      25 ns each              .947                 .978             6 s
    1,000,000 mixtures of them        25 ms        1/16: 2.3 ms, .986                          33 s

Of the ten nearest to real questions an eighth found .974, a quarter .990. Graphs of neighbours (HNSW) that look at 400
candidates find .960 of 400 among 100,000 and .916 among a million, in a millisecond, but take a third more memory and
cannot remove a vector. Making lists for 1,050,000 vectors took 2.2 GB of memory; changing 50 of them later 1 GB and,
beside reading and writing, 0.7 s. Others used the machine, too: times are rough, recall is not.
"""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

# Scanning takes 25 ms for a million vectors, which nobody notices, and finds everything; lists would save three
# quarters of that, lose one in a hundred of the ten nearest, and cost half a minute now and then. Beyond a million the
# scan goes on growing, to a quarter of a second for ten.
EXACT_UP_TO = 1_000_000
# Lists are taken away only when so few vectors are left, so that an index at the limit does not change to and fro.
_LISTS_DOWN_TO = 0.5
# The centres are computed anew when there are so many times the vectors that they were made for.
_OUTGROWN = 2.0

_LISTS_PER_ROOT = 4  # lists for n vectors: 4 * sqrt(n), the usual rule, so that centres cost less than lists
_TRAINING_PER_LIST = 32  # vectors; with 64, and 10 rounds instead of 5, recall was the same and training took 13 x
_TRAINING_ROUNDS = 5
# See above: real embeddings do not lie in clusters as synthetic ones do, so that fewer lists would lose too much.
PROBED_SHARE = 1 / 4

_PARALLEL_FROM = 100_000  # vectors; for fewer, FAISS's threads would wait for each other longer than they work
_ROWS = 65_536  # vectors that are widened to single precision at a time: 100 MB with 384 dimensions

Batch = tuple["NDArray[np.int64]", "NDArray[np.float16]"]


def has_lists(faiss: Any, index: Any) -> bool:  # noqa: ANN401 - FAISS has no types
    """Return whether an index has inverted lists."""
    return isinstance(index, faiss.IndexIVF)


def empty_flat(faiss: Any, dimension: int) -> Any:  # noqa: ANN401 - FAISS has no types
    """Return an empty index that is scanned whole."""
    kind = faiss.ScalarQuantizer.QT_fp16
    return faiss.IndexIDMap(faiss.IndexScalarQuantizer(dimension, kind, faiss.METRIC_INNER_PRODUCT))


def suited(faiss: Any, index: Any, exact_up_to: int) -> Any:  # noqa: ANN401 - FAISS has no types
    """Return the index, or another one with the same vectors where its number of vectors asks for another kind.

    The index must be in memory, not mapped.
    """
    count = index.ntotal
    if not has_lists(faiss, index):
        return _with_lists(faiss, index) if count > exact_up_to else index
    if count < exact_up_to * _LISTS_DOWN_TO:
        flat = empty_flat(faiss, index.d)
        _add_all(flat, contents(faiss, index))
        return flat
    made_for = (index.nlist / _LISTS_PER_ROOT) ** 2
    return _with_lists(faiss, index) if count > made_for * _OUTGROWN else index


def contents(faiss: Any, index: Any) -> Iterator[Batch]:  # noqa: ANN401 - FAISS has no types
    """Yield all ids and vectors, (n,) and (n, dimension), views of the index's own memory, in the index's own order."""
    if not has_lists(faiss, index):
        ids, vectors = index.id_map, faiss.downcast_index(index.index).codes
        if index.ntotal:
            yield from _parts(faiss, (ids.data(), vectors.data()), index.ntotal, index.d)
        return
    lists = index.invlists
    for number in range(index.nlist):
        if size := lists.list_size(number):
            yield from _parts(faiss, (lists.get_ids(number), lists.get_codes(number)), size, index.d)


def all_ids(faiss: Any, index: Any) -> NDArray[np.int64]:  # noqa: ANN401 - FAISS has no types
    """Return the ids, shape (n,), in the index's own order."""
    found = [ids.copy() for ids, _ in contents(faiss, index)]
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def listed(index: Any) -> int:  # noqa: ANN401 - FAISS has no types
    """Return how many vectors the lists of an index hold; another number than it states means a damaged file."""
    sizes: list[int] = [index.invlists.list_size(number) for number in range(index.nlist)]
    return sum(sizes)


def _parts(faiss: Any, memory: tuple[Any, Any], count: int, dimension: int) -> Iterator[Batch]:  # noqa: ANN401
    ids = faiss.rev_swig_ptr(memory[0], count)
    codes = faiss.rev_swig_ptr(memory[1], count * dimension * 2)
    vectors = codes.view(np.float16).reshape(count, dimension)
    for start in range(0, count, _ROWS):
        yield ids[start : start + _ROWS], vectors[start : start + _ROWS]


def _with_lists(faiss: Any, index: Any) -> Any:  # noqa: ANN401 - FAISS has no types
    count, dimension = index.ntotal, index.d
    lists = max(1, int(_LISTS_PER_ROOT * math.sqrt(count)))
    centres = faiss.IndexFlatIP(dimension)
    kind = faiss.ScalarQuantizer.QT_fp16
    made = faiss.IndexIVFScalarQuantizer(centres, dimension, lists, kind, faiss.METRIC_INNER_PRODUCT, False)
    made.cp.niter = _TRAINING_ROUNDS
    made.cp.min_points_per_centroid = 1  # a warning on the standard error otherwise
    made.cp.max_points_per_centroid = _TRAINING_PER_LIST
    with _threads(faiss, (os.cpu_count() or 1) if count >= _PARALLEL_FROM else 1):
        made.train(_sample(faiss, index, lists * _TRAINING_PER_LIST))
        _add_all(made, contents(faiss, index))
    return made


def _sample(faiss: Any, index: Any, wanted: int) -> NDArray[np.float32]:  # noqa: ANN401 - FAISS has no types
    """Return about that many vectors, spread evenly over the index; at least one for each list of a new one."""
    step = max(1, index.ntotal // wanted)
    places = 0
    taken = []
    for _, vectors in contents(faiss, index):
        taken.append(vectors[-places % step :: step].astype(np.float32))
        places += len(vectors)
    return np.concatenate(taken)


def _add_all(index: Any, batches: Iterator[Batch]) -> None:  # noqa: ANN401 - FAISS has no types
    for ids, vectors in batches:
        index.add_with_ids(vectors.astype(np.float32), ids)


@contextmanager
def _threads(faiss: Any, number: int) -> Iterator[None]:  # noqa: ANN401 - FAISS has no types
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(number)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
