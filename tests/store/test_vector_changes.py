"""Changes beside a file of vectors: the same answers as one file, in every backend, and never more than few of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from store.exact_vectors import ExactBackend
from store.faiss_vectors import FaissBackend, default_backend
from store.vector_changes import MOST_CHANGES, WHOLE_UP_TO, few_enough
from store.vector_files import Contents, Owner, VectorFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from store.vectors import Batches, VectorBackend

OWNER = Owner(7, "model")
DIMENSION = 8
MANY = WHOLE_UP_TO + 2_000

_drawn = np.random.default_rng(3).normal(size=(2 * MANY, DIMENSION)).astype(np.float32)
VECTORS = (_drawn / np.linalg.norm(_drawn, axis=1, keepdims=True)).astype(np.float16)
QUERY = VECTORS[5].astype(np.float32)


@pytest.fixture(params=["faiss", "faiss with lists", "numpy"])
def backend(request: pytest.FixtureRequest) -> VectorBackend:
    """Return each of the ways to keep vectors."""
    if request.param == "faiss with lists":
        return FaissBackend(pytest.importorskip("faiss", reason="FAISS is not installed"), exact_up_to=5_000)
    return ExactBackend() if request.param == "numpy" else default_backend()


class Asked:
    """Contents of a generation; remembers how many vectors were read for it."""

    def __init__(self, generation: int, ids: NDArray[np.int64]) -> None:
        self.contents = Contents(generation, DIMENSION, ids, self._read)
        self.read = 0

    def _read(self, ids: NDArray[np.int64]) -> Batches:
        def batches() -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
            self.read += len(ids)
            yield ids, VECTORS[ids]

        return batches()


def ids_without(removed: range, added: range, first: int = MANY) -> NDArray[np.int64]:
    kept = np.setdiff1d(np.arange(first), np.array(removed))
    return np.concatenate([kept, np.array(added, dtype=np.int64)]).astype(np.int64)


def by_hand(ids: NDArray[np.int64], limit: int) -> list[int]:
    scores = VECTORS[ids].astype(np.float32) @ QUERY
    return [int(one) for one in ids[np.argsort(-scores, kind="stable")][:limit]]


def files(folder: Path) -> list[str]:
    return sorted(path.name.split("-", 2)[2] for path in folder.iterdir())


def test_few_changes_are_kept_beside_the_file(tmp_path: Path, backend: VectorBackend) -> None:
    """The file stays, little is read and written, and another process finds what a search by hand does."""
    VectorFolder(tmp_path, backend).update(OWNER, Asked(1, np.arange(MANY)).contents)
    [whole] = tmp_path.iterdir()
    before = whole.read_bytes()
    ids = ids_without(range(40, 70), range(MANY, MANY + 50))
    second = Asked(2, ids)
    VectorFolder(tmp_path, backend).update(OWNER, second.contents)
    ending = backend.extension
    assert files(tmp_path) == [f"1.{ending}", f"2-from-1.{ending}"]
    assert whole.read_bytes() == before
    assert second.read == 50
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) - len(before) < 4_000
    opened = VectorFolder(tmp_path, backend)
    index = opened.index(OWNER, 2)
    assert index is not None
    assert (index.count, opened.count(OWNER, 2), opened.count(OWNER, 1)) == (len(ids), len(ids), MANY)
    assert sorted(index.ids.tolist()) == ids.tolist()
    found, scores = index.search(QUERY, 30, ids)  # among allowed ids every backend is exact
    assert found.tolist() == by_hand(ids, 30)
    assert np.allclose(scores, VECTORS[found].astype(np.float32) @ QUERY, atol=1e-5)
    near, _ = index.search(QUERY, 30, None)
    assert len(set(near.tolist()) & set(by_hand(ids, 30))) >= 20  # of lists, a quarter is looked at
    assert set(near.tolist()) <= set(ids.tolist())


@pytest.mark.parametrize("removed", [1, 300])
def test_what_was_removed_is_never_found(tmp_path: Path, backend: VectorBackend, removed: int) -> None:
    """Even where the best of the file are gone, as many are found as are asked for, and none of those."""
    folder = VectorFolder(tmp_path, backend)
    folder.update(OWNER, Asked(1, np.arange(MANY)).contents)
    gone = by_hand(np.arange(MANY), removed)
    ids = np.setdiff1d(np.arange(MANY), gone)
    index = folder.update(OWNER, Asked(2, ids).contents)
    assert len(files(tmp_path)) == 2
    for limit in (1, 10, 290):
        assert index.search(QUERY, limit, ids)[0].tolist() == by_hand(ids, limit)
        free = index.search(QUERY, limit, None)[0].tolist()
        assert len(free) == limit
        assert not set(free) & set(gone)
    assert len(index.search(QUERY, MANY, ids)[0]) == len(ids)


def test_changes_are_always_those_to_the_file(tmp_path: Path, backend: VectorBackend) -> None:
    """Generation by generation one file of changes replaces another; what was added may go again."""
    folder = VectorFolder(tmp_path, backend)
    folder.update(OWNER, Asked(1, np.arange(MANY)).contents)
    for generation in range(2, 6):
        ids = ids_without(range(generation), range(MANY + generation, MANY + 2 * generation))
        index = folder.update(OWNER, Asked(generation, ids).contents)
        assert files(tmp_path) == [f"1.{backend.extension}", f"{generation}-from-1.{backend.extension}"]
        assert sorted(index.ids.tolist()) == ids.tolist()
        assert index.search(QUERY, 20, ids)[0].tolist() == by_hand(ids, 20)


def test_many_changes_make_a_new_file(tmp_path: Path, backend: VectorBackend) -> None:
    """Then both are replaced by one; a small file always is."""
    folder = VectorFolder(tmp_path, backend)
    folder.update(OWNER, Asked(1, np.arange(MANY)).contents)
    folder.update(OWNER, Asked(2, np.arange(MANY + 3)).contents)
    assert len(files(tmp_path)) == 2
    ids = np.arange(MANY + 2_000)
    index = folder.update(OWNER, Asked(3, ids).contents)
    assert files(tmp_path) == [f"3.{backend.extension}"]
    assert index.search(QUERY, 20, ids)[0].tolist() == by_hand(ids, 20)
    folder.update(OWNER, Asked(4, np.arange(100)).contents)
    folder.update(OWNER, Asked(5, np.arange(101)).contents)
    assert files(tmp_path) == [f"5.{backend.extension}"]


def test_which_changes_are_few() -> None:
    """Of a small file none, of a large one an eighth, and never more than a search can scan."""
    assert not few_enough(WHOLE_UP_TO, 1)
    assert few_enough(16_000, 2_000)
    assert not few_enough(16_000, 2_001)
    assert few_enough(1_000_000, MOST_CHANGES)
    assert not few_enough(1_000_000, MOST_CHANGES + 1)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def overwrite(path: Path) -> None:
    path.write_bytes(b"\xff" * 24 + path.read_bytes()[24:])


@pytest.mark.parametrize("harm", [os.remove, cut, overwrite])
@pytest.mark.parametrize("harmed", ["the file", "its changes"])
def test_either_file_may_be_harmed(
    tmp_path: Path, backend: VectorBackend, harm: Callable[[Path], object], harmed: str
) -> None:
    """Without the one it belongs to, a file of changes is none; what there is to search is made anew."""
    folder = VectorFolder(tmp_path, backend)
    ids = np.arange(MANY + 9)
    folder.update(OWNER, Asked(1, np.arange(MANY)).contents)
    folder.update(OWNER, Asked(2, ids).contents)
    [path] = [one for one in tmp_path.iterdir() if ("-from-" in one.name) == (harmed == "its changes")]
    harm(path)
    opened = VectorFolder(tmp_path, backend)
    assert opened.index(OWNER, 2) is None
    latest = opened.latest_index(OWNER)
    assert latest is None if harmed == "the file" else latest is not None and latest.count == MANY
    index = opened.update(OWNER, Asked(2, ids).contents)
    assert index.search(QUERY, 20, ids)[0].tolist() == by_hand(ids, 20)
    again = VectorFolder(tmp_path, backend).index(OWNER, 2)
    assert again is not None
    assert again.count == len(ids)
