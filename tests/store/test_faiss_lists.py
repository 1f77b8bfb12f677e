"""Inverted lists, at a size that a test injects: when they are there, that nothing is lost, and what stays exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from store.faiss_vectors import FaissBackend, FaissVectors
from store.vectors import VectorFile
from tests.store.samples import random_vectors

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

faiss = pytest.importorskip("faiss", reason="FAISS is not installed")

DIMENSION = 16
NOTHING = np.empty(0, dtype=np.int64)
LIMIT = 1_000


@pytest.fixture
def backend() -> FaissBackend:
    """Return a backend that has lists from 1,001 vectors on."""
    return FaissBackend(faiss, exact_up_to=LIMIT)


def numbered(count: int, start: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return ids in no order, from 3 * start, and a vector for each; equal ids have equal vectors."""
    vectors = random_vectors(20_000, DIMENSION)[start : start + count]
    order = np.random.default_rng(start).permutation(count)
    return (3 * np.arange(start, start + count, dtype=np.int64))[order], vectors[order]


def built(backend: FaissBackend, count: int) -> FaissVectors:
    ids, vectors = numbered(count)
    return made(backend, None, NOTHING, ids, vectors)


def made(
    backend: FaissBackend,
    base: VectorFile | None,
    removed: NDArray[np.int64],
    ids: NDArray[np.int64],
    vectors: NDArray[np.float32],
) -> FaissVectors:
    halves = vectors.astype(np.float16)
    parts = [(ids[start : start + 700], halves[start : start + 700]) for start in range(0, len(ids), 700)]
    index = backend.updated(base, DIMENSION, removed, parts)
    assert isinstance(index, FaissVectors)
    return index


def saved(index: FaissVectors, path: Path) -> VectorFile:
    index.save(path)
    return VectorFile(path, 1, DIMENSION, index.count)


def truth(ids: NDArray[np.int64], query: NDArray[np.float32], limit: int) -> tuple[list[int], NDArray[np.float32]]:
    """Return what brute force over the vectors of these ids finds."""
    scores = random_vectors(20_000, DIMENSION)[ids // 3] @ query
    best = np.argsort(-scores, kind="stable")[:limit]
    return ids[best].tolist(), scores[best]


@pytest.mark.parametrize(("count", "lists"), [(LIMIT, 0), (LIMIT + 1, 126), (4 * LIMIT, 252)])
def test_there_are_lists_beyond_the_limit(backend: FaissBackend, count: int, lists: int) -> None:
    """Up to the limit an index is scanned whole; beyond it there are 4 * sqrt(n) lists."""
    index = built(backend, count)
    assert (index.lists, index.count) == (lists, count)


def test_the_ids_are_those_that_were_added(backend: FaissBackend) -> None:
    """With lists, each id is there once."""
    index = built(backend, 3 * LIMIT)
    assert np.sort(index.ids).tolist() == list(range(0, 9 * LIMIT, 3))


def test_most_of_the_nearest_are_found(backend: FaissBackend) -> None:
    """A quarter of the lists finds nine tenths of the ten nearest even of random vectors, with the exact scores."""
    index = built(backend, 5 * LIMIT)
    every = np.sort(index.ids)
    shares = []
    for query in random_vectors(50, DIMENSION, seed=3):
        ids, scores = index.search(query, 10, None)
        expected, _ = truth(every, query, 10)
        assert scores == pytest.approx(truth(ids, query, 10)[1], abs=1e-3)
        shares.append(len(set(ids.tolist()) & set(expected)) / 10)
    assert np.mean(shares) > 0.9


@pytest.mark.parametrize("count", [1, 30, 2_500])
def test_filters_are_exact(backend: FaissBackend, count: int) -> None:
    """Among allowed ids, few or many, lists find what brute force finds."""
    index = built(backend, 5 * LIMIT)
    allowed = np.sort(np.random.default_rng(count).permutation(index.ids)[:count])
    for query in random_vectors(20, DIMENSION, seed=4):
        ids, scores = index.search(query, 40, allowed)
        expected, exact = truth(allowed, query, 40)
        assert len(ids) == min(40, count)
        assert set(ids.tolist()) <= set(allowed.tolist())
        assert scores == pytest.approx(exact, abs=1e-3)
        assert len(set(ids.tolist()) & set(expected)) >= len(expected) - 1  # halves may swap the last with the next


def test_allowed_ids_far_apart_are_found(backend: FaissBackend) -> None:
    """Ids too rare for a bit each are selected all the same; ids that the index has not are passed over."""
    ids = np.array([5, 2**40, 2**50], dtype=np.int64)
    index = made(backend, None, NOTHING, ids, random_vectors(3, DIMENSION))
    found, _ = index.search(random_vectors(3, DIMENSION)[2], 3, np.array([5, 77, 2**50], dtype=np.int64))
    assert found.tolist() == [2**50, 5]
    assert index.search(random_vectors(1, DIMENSION)[0], 3, NOTHING)[0].tolist() == []


def test_as_many_as_are_wanted_are_found(backend: FaissBackend) -> None:
    """Where the probed lists hold fewer than the limit, all lists are scanned: the result is whole and exact."""
    index = built(backend, 2 * LIMIT)
    query = random_vectors(1, DIMENSION, seed=5)[0]
    ids, scores = index.search(query, 2 * LIMIT, None)
    assert np.sort(ids).tolist() == np.sort(index.ids).tolist()
    assert scores == pytest.approx(truth(np.sort(ids), query, 2 * LIMIT)[1], abs=1e-3)


def test_changes_reach_the_lists(backend: FaissBackend, tmp_path: Path) -> None:
    """Removed ids are gone and added ones found, from a file with lists, which stays as it was made."""
    base = saved(built(backend, 2 * LIMIT), tmp_path / "base.faiss")
    removed = 3 * np.arange(100, 200, dtype=np.int64)
    ids, vectors = numbered(300, start=2 * LIMIT)
    index = made(backend, base, removed, ids, vectors)
    assert index.lists == backend.open(base).lists  # type: ignore[attr-defined]
    kept = np.setdiff1d(3 * np.arange(2 * LIMIT + 300), removed)
    assert np.sort(index.ids).tolist() == kept.tolist()
    for one, vector in zip(ids[:20], vectors[:20], strict=True):
        assert index.search(vector, 1, None)[0].tolist() == [one]


@pytest.mark.parametrize(
    ("start", "end", "lists"),
    [
        (LIMIT - 200, LIMIT + 200, 138),  # crosses the limit: gets lists
        (LIMIT + 200, LIMIT - 200, 138),  # and keeps them when it falls a little below
        (LIMIT + 200, LIMIT // 2 - 1, 0),  # loses them when it falls far below
        (LIMIT + 200, 2 * LIMIT + 300, 138),  # not twice as many as the centres were made for
        (LIMIT + 200, 2 * LIMIT + 500, 200),  # more than twice: centres are made anew
    ],
)
def test_the_kind_follows_the_size(backend: FaissBackend, tmp_path: Path, start: int, end: int, lists: int) -> None:
    """An index that grows or shrinks changes its kind at the named sizes and holds exactly what it should."""
    base = saved(built(backend, start), tmp_path / "base.faiss")
    every = 3 * np.arange(max(start, end), dtype=np.int64)
    ids, vectors = numbered(max(0, end - start), start=start)
    index = made(backend, base, every[end:], ids, vectors)
    assert index.lists == lists
    assert np.sort(index.ids).tolist() == every[:end].tolist()
    query = random_vectors(1, DIMENSION, seed=6)[0]
    expected, exact = truth(every[:end], query, 5)
    ids, scores = index.search(query, 5, every)
    assert scores == pytest.approx(exact, abs=1e-3)
    assert len(set(ids.tolist()) & set(expected)) >= 4


def test_a_file_with_lists_answers_mapped(backend: FaissBackend, tmp_path: Path) -> None:
    """A file that is opened answers as the index that was saved did."""
    index = built(backend, 3 * LIMIT)
    opened = backend.open(saved(index, tmp_path / "lists.faiss"))
    for query in random_vectors(10, DIMENSION, seed=7):
        for allowed in (None, 3 * np.arange(50, dtype=np.int64)):
            ids, scores = index.search(query, 20, allowed)
            again, same = opened.search(query, 20, allowed)
            assert (ids.tolist(), scores.tolist()) == (again.tolist(), same.tolist())


def test_sizes_of_lists_that_do_not_add_up_are_damage(backend: FaissBackend, tmp_path: Path) -> None:
    """A file whose lists do not hold the number of vectors that it states is refused, not searched."""
    index = built(backend, 2 * LIMIT)
    file = saved(index, tmp_path / "lists.faiss")
    content = bytearray(file.path.read_bytes())
    sizes = np.array([len(ids) for ids in lists_of(file.path)], dtype="<u8").tobytes()
    at = content.find(sizes)
    assert at > 0
    content[at : at + 8] = (1).to_bytes(8, "little")
    file.path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        backend.open(file)


def lists_of(path: Path) -> list[NDArray[np.int64]]:
    index = faiss.read_index(str(path))
    sizes = [index.invlists.list_size(number) for number in range(index.nlist)]
    return [faiss.rev_swig_ptr(index.invlists.get_ids(number), size) for number, size in enumerate(sizes)]
