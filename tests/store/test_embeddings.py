"""Embeddings: kept by content, shared by repositories, refused when they are wrong, removed when nobody uses them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import numpy as np
import pytest

from store import FileEntry, unused
from store.library import DATABASE_NAME
from tests.store.samples import (
    DIMENSION,
    MODEL,
    digest,
    embed,
    entry,
    function,
    passages,
    random_vectors,
    source,
    vector_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from store import Library, Repository


def test_pending_pages_through_what_lacks_an_embedding(repository: Repository) -> None:
    """Definitions with any passage left to embed come in the order of ids, page by page."""
    found = [(function(f"f{number}"), passages(f"{number} a", f"{number} b")) for number in range(6)]
    repository.save_files([FileEntry(source("a.py"), [*found, (function("none"), [])])])
    embed(repository, ["1 a", "1 b", "2 a", "4 b"])
    assert [one.id for one in repository.pending(MODEL)] == [1, 3, 4, 5, 6]
    assert [one.id for one in repository.pending(MODEL, limit=2)] == [1, 3]
    assert [one.id for one in repository.pending(MODEL, after=3, limit=2)] == [4, 5]
    assert [one.id for one in repository.pending("another")] == [1, 2, 3, 4, 5, 6]
    assert repository.pending(MODEL)[0].definition == function("f0")
    embed(repository, [f"{number} {part}" for number in range(6) for part in "ab"])
    assert repository.pending(MODEL) == []
    repository.sync_vectors(MODEL, DIMENSION)
    assert repository.pending(MODEL) == []


def test_embedded_through_is_the_last_id_of_a_repository_that_is_embedded(repository: Repository) -> None:
    """With and without a vector file; 0 while a passage of it lacks an embedding, and for another model."""
    repository.save_files([entry("a.py", function("a", "x"), function("b", "y"))])
    assert repository.embedded_through(MODEL) == 0
    embed(repository, ["x", "y"])
    assert repository.embedded_through(MODEL) == 2
    repository.sync_vectors(MODEL, DIMENSION)
    assert (repository.embedded_through(MODEL), repository.embedded_through("another")) == (2, 0)
    repository.save_files([entry("b.py", function("c", "z"))])
    assert repository.embedded_through(MODEL) == 0
    assert [one.id for one in repository.pending(MODEL, after=2)] == [3]
    embed(repository, ["z"])
    repository.save_files([entry("c.py", function("d", "no embedding"))])
    repository.sync_vectors(MODEL, DIMENSION, through=2)
    assert {one.definition_id for one in repository.dense(MODEL, vector_of("z"), 9)} == {1, 2, 3}
    repository.remove_files(["c.py"])
    repository.remove_files(["b.py"])
    assert repository.embedded_through(MODEL) == 4  # an id that was given out, if only to what is gone


def test_missing_digests(repository: Repository) -> None:
    """Of any number of digests those without an embedding of this model are named."""
    digests = [digest(str(number)) for number in range(2_500)]
    assert repository.missing_digests(MODEL, digests) == set(digests)
    embed(repository, [str(number) for number in range(0, 2_500, 2)])
    assert repository.missing_digests(MODEL, digests) == set(digests[1::2])
    assert repository.missing_digests("another", digests[:3]) == set(digests[:3])
    assert repository.missing_digests(MODEL, []) == set()


def test_the_first_embedding_of_a_text_stays(repository: Repository) -> None:
    """Saving another vector for a digest changes nothing: files made from the first stay right."""
    repository.save_files([entry("a.py", function("a", "x"))])
    embed(repository, ["x"])
    repository.save_embeddings(MODEL, [digest("x")], -vector_of("x")[np.newaxis])
    assert repository.dense(MODEL, vector_of("x"), 1)[0].score == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("count", "vectors"),
    [
        (1, np.full((1, DIMENSION), np.nan)),
        (1, np.full((1, DIMENSION), np.inf)),
        (1, np.full((1, DIMENSION), 1e9)),  # finite, but not in half precision
        (2, np.zeros((1, DIMENSION))),
        (1, np.zeros(DIMENSION)),
        (1, np.zeros((1, DIMENSION + 1))),
    ],
)
def test_wrong_vectors_are_refused(repository: Repository, count: int, vectors: np.ndarray) -> None:
    """Vectors that are not finite, of the wrong number or length, are refused, and nothing of them is kept."""
    embed(repository, ["known"])
    digests = [digest(str(number)) for number in range(count)]
    with (
        np.errstate(over="ignore"),
        pytest.raises(ValueError, match=r"finite|digests|dimensions"),
    ):
        repository.save_embeddings(MODEL, digests, vectors.astype(np.float32))
    assert repository.missing_digests(MODEL, digests) == set(digests)


def test_repositories_share_embeddings(library: Library, tmp_path: Path) -> None:
    """What one repository has embedded, another finds without embedding; its generation says that it changed."""
    first, second = library.repository(tmp_path / "first"), library.repository(tmp_path / "second")
    second.save_files([entry("b.py", function("b", "shared"), function("c", "own"))])
    second.sync_vectors(MODEL, DIMENSION)
    before = second.generation
    first.save_files([entry("a.py", function("a", "shared"))])
    assert second.generation == before
    embed(first, ["shared"])
    assert second.generation > before
    assert second.missing_digests(MODEL, [digest("shared"), digest("own")]) == {digest("own")}
    assert second.coverage(MODEL) == (1, 2)
    assert [one.definition_id for one in second.dense(MODEL, vector_of("shared"), 5)] == [1]
    assert [one.id for one in second.pending(MODEL)] == [2]


def test_removing_keeps_what_others_use(library: Library, tmp_path: Path) -> None:
    """Removing a repository removes its rows, words, files and embeddings, except those that another one uses."""
    first, second = library.repository(tmp_path / "first"), library.repository(tmp_path / "second")
    first.save_files([entry("a.py", function("a", "shared"), function("x", "only first"))])
    second.save_files([entry("b.py", function("b", "shared"))])
    embed(first, ["shared", "only first"])
    first.dense(MODEL, vector_of("q"), 1)
    second.dense(MODEL, vector_of("q"), 1)
    assert library.remove(tmp_path / "first")
    assert second.missing_digests(MODEL, [digest("shared"), digest("only first")]) == {digest("only first")}
    assert [one.root for one in library.repositories()] == [second.root]
    assert {path.name.split("-")[0] for path in (tmp_path / "library" / "vectors").iterdir()} == {"2"}
    assert [one.definition_id for one in second.dense(MODEL, vector_of("q"), 5)] == [3]
    assert library.remove(tmp_path / "second")
    library.close()
    database = sqlite3.connect(tmp_path / "library" / DATABASE_NAME)
    for table in ("repository", "source_file", "definition", "passage", "embedding"):
        assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    assert database.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'definition_text%'").fetchone() == (0,)
    database.close()
    assert list((tmp_path / "library" / "vectors").iterdir()) == []


def test_unused_embeddings_go_when_they_are_most(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 30 in use in two repositories: 60 unused stay, and so do 61 if these are too few; else just these go."""
    monkeypatch.setattr(unused, "LEAST_UNUSED", 61)
    first, second = library.repository(tmp_path / "first"), library.repository(tmp_path / "second")
    first.save_files([entry("a.py", *(function("f", f"first {n}") for n in range(20)))])
    second.save_files([entry("b.py", *(function("f", f"second {n}") for n in range(10)))])
    used = [*(f"first {n}" for n in range(20)), *(f"second {n}" for n in range(10))]
    embed(first, [*used, *(f"gone {n}" for n in range(60))])
    assert first.remove_unused_embeddings(MODEL) == 0
    embed(first, ["gone 60"])
    monkeypatch.setattr(unused, "LEAST_UNUSED", 62)
    assert first.remove_unused_embeddings(MODEL) == 0
    monkeypatch.setattr(unused, "LEAST_UNUSED", 61)
    assert first.remove_unused_embeddings("another") == 0
    assert first.remove_unused_embeddings(MODEL) == 61
    assert first.missing_digests(MODEL, [digest(text) for text in used]) == set()
    assert first.missing_digests(MODEL, [digest("gone 7")]) == {digest("gone 7")}
    assert (first.coverage(MODEL), second.coverage(MODEL)) == ((20, 20), (10, 10))


@pytest.mark.parametrize(("least", "removed"), [(900, 3_000), (4_500, 0)])
def test_how_many_are_unused_is_estimated(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, least: int, removed: int
) -> None:
    """The 200 smallest of 3,300 digests say that there are about 3,000 unused: no 900 fewer, no 1,500 more."""
    monkeypatch.setattr(unused, "SAMPLE", 200)
    monkeypatch.setattr(unused, "LEAST_UNUSED", least)
    repository.save_files([entry("a.py", *(function("f", f"used {n}") for n in range(300)))])
    digests = [digest(f"{kind} {n}") for kind, count in (("used", 300), ("gone", 3_000)) for n in range(count)]
    repository.save_embeddings(MODEL, digests, random_vectors(len(digests)))
    assert repository.remove_unused_embeddings(MODEL) == removed


def test_the_embeddings_of_a_definition(repository: Repository, library: Library, tmp_path: Path) -> None:
    """Those of its passages that have one, in the order of its lines; none of another model or repository."""
    found = [(function("a"), passages("a 1", "a 2", "a 3")), (function("b"), passages("b"))]
    repository.save_files([FileEntry(source("a.py"), found)])
    embed(repository, ["b", "a 3", "a 1"])
    expected = np.stack([vector_of("a 1"), vector_of("a 3")])
    assert np.array_equal(repository.embeddings_of(MODEL, 1), expected)
    assert repository.embeddings_of(MODEL, 1).dtype == np.float32
    assert repository.embeddings_of(MODEL, 99).shape == (0, DIMENSION)
    assert repository.embeddings_of("another", 1).shape == (0, 0)
    assert len(library.repository(tmp_path / "other").embeddings_of(MODEL, 1)) == 0
