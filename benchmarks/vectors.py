"""Which index for how many vectors: recall against brute force, time to build, bytes and time of a query.

What `store.faiss_lists` chooses by. The vectors are real ones and mixtures of them (`mixtures`); the queries are real
vectors that are in no index and questions, half of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.figures import Figure
from benchmarks.machine import cores
from benchmarks.material import functions, make_repository, questions
from benchmarks.mixtures import mixed
from benchmarks.peers.models import MODEL
from benchmarks.timing import percentiles, seconds
from codesearch.codet5p import load_encoder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from benchmarks.settings import Settings

QUESTION = "vectors"
_HELD_OUT = 100  # of the real vectors, as queries
_DEFINITIONS_PER_FILE = 12
_FETCHED = 400  # passages that one search asks the index for
_DEPTHS = (10, 100, _FETCHED)
_LISTS_PER_ROOT = 4
_SHARES = (32, 16, 8, 4)  # one in how many lists is scanned
_HNSW_NEIGHBOURS = 32
_EF_SEARCHES = (64, 128, _FETCHED)

Search = Any  # (rows, limit) -> (scores, places), as FAISS does


@dataclass(frozen=True, slots=True)
class Built:
    """An index, how long it took to build, and the ways to search it by name."""

    seconds: float
    bytes: int
    searches: dict[str, Search]


def measure(settings: Settings) -> Iterator[Figure]:
    """Yield the figures of every kind of index at every size."""
    import faiss

    folder = settings.work / "embedded"
    make_repository(folder, settings.sizes.mixed // _DEFINITIONS_PER_FILE + 1, settings.repository)
    encoder = load_encoder(MODEL, cache_folder=settings.work / "runtimes", device="cpu")
    real = encoder.encode_passages(functions(folder, settings.sizes.mixed))
    asked = [encoder.encode_query(question) for question in questions(_HELD_OUT)]
    queries = np.concatenate([real[:_HELD_OUT], np.stack(asked)])
    for size in settings.sizes.vectors:
        vectors = mixed(real[_HELD_OUT:], size, size)
        exact = faiss.knn(queries, vectors, _FETCHED, metric=faiss.METRIC_INNER_PRODUCT)[1]
        for build in (_flat_half, _flat_int8, _ivf_half, _ivf_int8, _hnsw):
            faiss.omp_set_num_threads(cores())
            built = build(faiss, vectors)
            faiss.omp_set_num_threads(1)
            yield from _figures(built, queries, exact, size)


def _figures(built: Built, queries: NDArray[np.float32], exact: NDArray[np.int64], size: int) -> Iterator[Figure]:
    for name, search in built.searches.items():
        found = np.concatenate([search(query[None], _FETCHED)[1] for query in queries])
        taken = [seconds(partial(search, query[None], _FETCHED)) for query in queries]
        for depth in _DEPTHS:
            yield Figure(QUESTION, name, f"recall@{depth}", _recall(found, exact, depth), "", size, "vectors")
        for label, value in zip(("p50", "p95"), percentiles(taken), strict=True):
            yield Figure(QUESTION, name, f"query, {label}", 1e3 * value, "ms", size, "vectors")
        yield Figure(QUESTION, name, "build", built.seconds, "s", size, "vectors")
        yield Figure(QUESTION, name, "size", built.bytes / 1e6, "MB", size, "vectors")


def _recall(found: NDArray[np.int64], exact: NDArray[np.int64], depth: int) -> float:
    shares = [len(np.intersect1d(one[:depth], true[:depth])) / depth for one, true in zip(found, exact, strict=True)]
    return float(np.mean(shares))


def _built(faiss: Any, index: Any, vectors: NDArray[np.float32], searches: dict[str, Search]) -> Built:  # noqa: ANN401
    def build() -> None:
        index.train(vectors)
        index.add(vectors)

    taken = seconds(build)
    return Built(taken, faiss.serialize_index(index).nbytes, searches)


def _flat(faiss: Any, vectors: NDArray[np.float32], name: str, quantizer: int) -> Built:  # noqa: ANN401
    index = faiss.IndexScalarQuantizer(vectors.shape[1], quantizer, faiss.METRIC_INNER_PRODUCT)
    return _built(faiss, index, vectors, {name: index.search})


def _flat_half(faiss: Any, vectors: NDArray[np.float32]) -> Built:  # noqa: ANN401
    return _flat(faiss, vectors, "exact, float16", faiss.ScalarQuantizer.QT_fp16)


def _flat_int8(faiss: Any, vectors: NDArray[np.float32]) -> Built:  # noqa: ANN401
    return _flat(faiss, vectors, "exact, int8", faiss.ScalarQuantizer.QT_8bit)


def _ivf(faiss: Any, vectors: NDArray[np.float32], name: str, quantizer: int) -> Built:  # noqa: ANN401
    dimension, lists = vectors.shape[1], int(_LISTS_PER_ROOT * np.sqrt(len(vectors)))
    centres = faiss.IndexFlatIP(dimension)
    metric = faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(centres, dimension, lists, quantizer, metric, False)
    index.cp.niter, index.cp.max_points_per_centroid, index.cp.min_points_per_centroid = 5, 32, 1

    def probing(share: int) -> Search:
        parameters = faiss.SearchParametersIVF(nprobe=max(1, lists // share))
        return lambda rows, limit: index.search(rows, limit, params=parameters)

    return _built(faiss, index, vectors, {f"{name}, 1/{share} of the lists": probing(share) for share in _SHARES})


def _ivf_half(faiss: Any, vectors: NDArray[np.float32]) -> Built:  # noqa: ANN401
    return _ivf(faiss, vectors, "IVF, float16", faiss.ScalarQuantizer.QT_fp16)


def _ivf_int8(faiss: Any, vectors: NDArray[np.float32]) -> Built:  # noqa: ANN401
    return _ivf(faiss, vectors, "IVF, int8", faiss.ScalarQuantizer.QT_8bit)


def _hnsw(faiss: Any, vectors: NDArray[np.float32]) -> Built:  # noqa: ANN401
    half, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexHNSWSQ(vectors.shape[1], half, _HNSW_NEIGHBOURS, metric)

    def looking(width: int) -> Search:
        parameters = faiss.SearchParametersHNSW(efSearch=width)
        return lambda rows, limit: index.search(rows, limit, params=parameters)

    return _built(faiss, index, vectors, {f"HNSW, float16, efSearch {width}": looking(width) for width in _EF_SEARCHES})
