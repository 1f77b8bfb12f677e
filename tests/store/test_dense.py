"""Dense search compared with NumPy over the same vectors: filters, removals, reopening, both backends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from store import Candidate, FileEntry, Filters, Kind, Library
from store.exact_vectors import ExactBackend
from store.faiss_vectors import default_backend
from tests.store.samples import DIMENSION, MODEL, embed, function, passages, random_vectors, source, vector_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from store import Repository
    from store.vectors import VectorBackend

LIMIT = 10


@pytest.fixture(params=["faiss", "numpy"])
def backend(request: pytest.FixtureRequest) -> VectorBackend:
    """Return each of the two ways to keep vectors."""
    return ExactBackend() if request.param == "numpy" else default_backend()


@pytest.fixture
def library(tmp_path: Path, backend: VectorBackend) -> Iterator[Library]:
    """Open an empty library with that backend."""
    with Library.open(tmp_path / "library", backend) as opened:
        yield opened


def texts_of(file: int, definition: int) -> tuple[str, ...]:
    """One to three passages; every fourth definition is a copy of another one."""
    return tuple(f"{file if definition % 4 else 0} {definition} {part}" for part in range(1 + (file + definition) % 3))


def fill(repository: Repository, files: Iterable[int]) -> None:
    """Save files 0, 1, 2, ... of five definitions each and embed them."""
    for file in files:
        found = [
            (function(f"f{number}", kind=kind), passages(*texts_of(file, number)))
            for number, kind in enumerate([Kind.FUNCTION] * 2 + [Kind.CLASS] + [Kind.FUNCTION] * 2)
        ]
        repository.save_files([FileEntry(source(f"{'even' if file % 2 == 0 else 'odd'}/{file}.py"), found)])
        embed(repository, [text for number in range(5) for text in texts_of(file, number)])


def brute_force(rows: dict[int, tuple[str, ...]], query: NDArray[np.float32], limit: int) -> list[Candidate]:
    """Return what dense search must return, by computing every cosine; rows: definition id -> texts."""
    found = []
    for one, texts in rows.items():
        cosines = [round(float(vector_of(text).astype(float) @ query / np.linalg.norm(query)), 6) for text in texts]
        best = int(np.argmax(cosines))
        found.append(Candidate(one, cosines[best], 3 * best + 1, 3 * best + 3))
    return sorted(found, key=lambda one: (-one.score, one.definition_id))[:limit]


def assert_same(found: list[Candidate], expected: list[Candidate]) -> None:
    """Ids, lines and order are equal; scores up to what rounding to half precision leaves."""
    assert [(one.definition_id, one.start_line, one.end_line) for one in found] == [
        (one.definition_id, one.start_line, one.end_line) for one in expected
    ]
    assert [one.score for one in found] == pytest.approx([one.score for one in expected], abs=2e-6)


def rows_of(files: Iterable[int], first_id: int = 1) -> dict[int, tuple[str, ...]]:
    pairs = [(file, number) for file in files for number in range(5)]
    return {first_id + place: texts_of(file, number) for place, (file, number) in enumerate(pairs)}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("limit", [1, LIMIT, 1_000])
def test_results_are_those_of_brute_force(repository: Repository, seed: int, limit: int) -> None:
    """The best passage of each definition decides; equal scores (there are many copies) are in the order of ids."""
    fill(repository, range(12))
    query = random_vectors(1, seed=seed)[0] * 3
    assert_same(repository.dense(MODEL, query, limit), brute_force(rows_of(range(12)), query, limit))


def test_a_copy_scores_exactly_the_same(repository: Repository) -> None:
    """The query that equals a passage finds all its copies first, by id, with a cosine of 1."""
    fill(repository, range(12))
    found = repository.dense(MODEL, vector_of("0 0 0"), 5)
    assert [one.definition_id for one in found] == [1, 6, 11, 16, 21]
    assert [one.score for one in found] == pytest.approx([1.0] * 5, abs=1e-3)


def test_of_equal_passages_the_first_is_shown(repository: Repository) -> None:
    """A definition that says the same twice is found once, with the lines of the first time."""
    repository.save_files([FileEntry(source("a.py"), [(function("f"), passages("other", "same", "same"))])])
    embed(repository, ["other", "same"])
    [found] = repository.dense(MODEL, vector_of("same"), 5)
    assert (found.start_line, found.end_line) == (4, 6)
    assert repository.similarities(MODEL, vector_of("same"), [1]) == [found]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(paths=("even/",)),
        Filters(kinds=frozenset({Kind.CLASS})),
        Filters(paths=("odd/*",), kinds=frozenset({Kind.CLASS})),
        Filters(paths=("3.py",)),
        Filters(languages=frozenset({"go"})),
    ],
)
def test_filters(repository: Repository, filters: Filters) -> None:
    """A filtered search is a search among the definitions that pass."""
    fill(repository, range(12))
    query = random_vectors(1, seed=9)[0]
    rows = rows_of(range(12))
    passing = {
        one: texts
        for one, texts in rows.items()
        if (not filters.kinds or (one - 1) % 5 == 2)
        and (not filters.languages)
        and ("even/" not in "".join(filters.paths) or (one - 1) // 5 % 2 == 0)
        and ("odd/" not in "".join(filters.paths) or (one - 1) // 5 % 2 == 1)
        and ("3.py" not in filters.paths or (one - 1) // 5 == 3)
    }
    assert_same(repository.dense(MODEL, query, 40, filters), brute_force(passing, query, 40))


def test_after_removals_additions_and_reopening(
    library: Library, repository: Repository, tmp_path: Path, backend: VectorBackend
) -> None:
    """Removed definitions are never found, added ones are, in this process and in the next."""
    fill(repository, range(8))
    repository.sync_vectors(MODEL, DIMENSION)
    repository.remove_files(["even/2.py", "odd/5.py"])
    fill(repository, [8, 3])  # 3 again: its definitions get new ids
    rows = rows_of([0, 1, -1, -1, 4, -1, 6, 7, 8, 3])
    rows = {one: texts for one, texts in rows.items() if "-1" not in texts[0] and (one - 1) // 5 not in {2, 3, 5}}
    query = random_vectors(1, seed=4)[0]
    expected = brute_force(rows, query, 100)
    assert_same(repository.dense(MODEL, query, 100), expected)
    library.close()
    with Library.open(tmp_path / "library", backend) as reopened:
        [again] = reopened.repositories()
        assert_same(again.dense(MODEL, query, 100), expected)
        again.remove_files(["even/0.py"])
        expected = [one for one in expected if one.definition_id > 5]
        assert_same(again.dense(MODEL, query, 100), expected)


def test_similarities_are_what_a_search_would_say(library: Library, tmp_path: Path) -> None:
    """Of the definitions named, of this repository, with a vector: the best passage, whatever else there is."""
    repository, other = library.repository(tmp_path / "one"), library.repository(tmp_path / "other")
    fill(repository, range(8))
    fill(other, range(3))
    repository.save_files([FileEntry(source("new.py"), [(function("a"), passages("not embedded"))])])
    query = random_vectors(1, seed=4)[0] * 3
    rows = {one: texts for one, texts in rows_of(range(8)).items() if one % 3 == 0}
    named = [*rows, 41, 55, 56, 99]  # of the other repository, without a vector, and of none
    assert_same(repository.similarities(MODEL, query, named), brute_force(rows, query, 100))
    assert repository.similarities(MODEL, query, []) == repository.similarities("other", query, named) == []
    with pytest.raises(ValueError, match="dimensions"):
        repository.similarities(MODEL, query[1:], named)


def test_only_embedded_passages_are_found(repository: Repository) -> None:
    """While vectors arrive, what has one is found and the coverage says how much that is."""
    found = [(function("a"), passages("x", "y")), (function("b"), passages("z"))]
    repository.save_files([FileEntry(source("a.py"), found)])
    assert repository.dense(MODEL, vector_of("x"), LIMIT) == []
    assert repository.coverage(MODEL) == (0, 3)
    embed(repository, ["y"])
    repository.sync_vectors(MODEL, DIMENSION)
    assert [one.start_line for one in repository.dense(MODEL, vector_of("x"), LIMIT)] == [4]
    assert repository.coverage(MODEL) == (1, 3)
    embed(repository, ["z"])
    assert {one.definition_id for one in repository.dense(MODEL, vector_of("x"), LIMIT)} == {1, 2}
    assert repository.coverage(MODEL) == (2, 3)


def test_models_do_not_mix(repository: Repository) -> None:
    """Each model has its own vectors, of its own length."""
    repository.save_files([FileEntry(source("a.py"), [(function("a"), passages("x")), (function("b"), passages("y"))])])
    embed(repository, ["x"], "first", 8)
    embed(repository, ["y"], "second", 4)
    assert [one.definition_id for one in repository.dense("first", vector_of("q", 8), LIMIT)] == [1]
    assert [one.definition_id for one in repository.dense("second", vector_of("q", 4), LIMIT)] == [2]
    assert repository.dense("third", vector_of("q", 4), LIMIT) == []


@pytest.mark.parametrize("query", [np.zeros(3), np.zeros((1, DIMENSION)), np.full(DIMENSION, np.nan)])
def test_wrong_queries_are_refused(repository: Repository, query: NDArray[np.float64]) -> None:
    """A query of another shape, or with a component that is no number, is a ValueError."""
    fill(repository, [0])
    with pytest.raises(ValueError, match=r"dimensions|finite"):
        repository.dense(MODEL, query.astype(np.float32), LIMIT)
    with pytest.raises(ValueError, match="dimensions"):
        repository.sync_vectors(MODEL, DIMENSION + 1)


def test_backends_agree_on_many_vectors(tmp_path: Path) -> None:
    """FAISS and NumPy return the same ids and scores, over several blocks and with a filter."""
    vectors = random_vectors(20_000, 16)
    ids = np.random.default_rng(1).permutation(50_000)[:20_000].astype(np.int64)
    allowed = np.sort(ids[::7])
    query = random_vectors(1, 16, seed=5)[0]
    for subset in (None, allowed):
        results = []
        for one in (default_backend(), ExactBackend()):
            nothing = np.empty(0, dtype=np.int64)
            index = one.updated(None, 16, nothing, [(ids, vectors.astype(np.float16))])
            results.append(index.search(query, 50, subset))
        exact = vectors @ query
        keep = np.isin(ids, allowed) if subset is not None else np.ones(len(ids), dtype=bool)
        order = np.argsort(-exact[keep])[:50]
        for found, scores in results:
            assert found.tolist() == ids[keep][order].tolist()
            assert scores == pytest.approx(exact[keep][order], abs=1e-5)
