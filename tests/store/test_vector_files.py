"""Vector files: derived, so that missing, damaged, stale or foreign ones make no difference to the results."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from store import Library, LibraryNotWritable
from store.exact_vectors import ExactBackend
from store.faiss_vectors import FaissBackend, default_backend
from tests.store.samples import DIMENSION, MODEL, embed, entry, function, vector_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from store import Candidate, Repository
    from store.vectors import VectorBackend

TEXTS = [f"text {number}" for number in range(300)]


@pytest.fixture(params=["faiss", "faiss with lists", "numpy"])
def backend(request: pytest.FixtureRequest) -> VectorBackend:
    """Return each of the ways to keep vectors."""
    if request.param == "faiss with lists":
        return FaissBackend(pytest.importorskip("faiss", reason="FAISS is not installed"), exact_up_to=100)
    return ExactBackend() if request.param == "numpy" else default_backend()


def filled(library: Library, tmp_path: Path) -> Repository:
    """Return a repository with as many definitions as there are texts, all embedded and with a vector file."""
    repository = library.repository(tmp_path / "project")
    repository.save_files([entry("a.py", *(function("f", text) for text in TEXTS))])
    embed(repository, TEXTS)
    repository.sync_vectors(MODEL, DIMENSION)
    return repository


def ask(repository: Repository) -> list[Candidate]:
    return repository.dense(MODEL, vector_of("question"), 20)


def only_file(folder: Path) -> Path:
    [path] = (folder / "vectors").iterdir()
    return path


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_last_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def overwrite_start(path: Path) -> None:
    path.write_bytes(b"\xff" * 64 + path.read_bytes()[64:])


def overwrite_ids(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-200:-100] = b"\xff" * 100
    path.write_bytes(content)


def swap_ends(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[::-1])


HARMS = [os.remove, cut, cut_last_byte, overwrite_start, overwrite_ids, swap_ends, lambda path: path.write_bytes(b"")]


@pytest.mark.parametrize("harm", HARMS)
def test_a_harmed_file_is_made_anew(tmp_path: Path, backend: VectorBackend, harm: Callable[[Path], object]) -> None:
    """A missing, truncated or overwritten file is recognised, and made anew from the embeddings."""
    folder = tmp_path / "library"
    with Library.open(folder, backend) as library:
        expected = ask(filled(library, tmp_path))
    before = only_file(folder).read_bytes()
    harm(only_file(folder))
    with Library.open(folder, backend) as library:
        [repository] = library.repositories()
        assert repository.coverage(MODEL) == (300, 300)
        assert ask(repository) == expected
    assert only_file(folder).read_bytes() == before


def test_a_stale_file_is_brought_up_to_date(tmp_path: Path, backend: VectorBackend) -> None:
    """A file that was kept from before a change is recognised by its generation, and only the newest stays."""
    folder = tmp_path / "library"
    with Library.open(folder, backend) as library:
        repository = filled(library, tmp_path)
        old = only_file(folder)
        content = old.read_bytes()
        best = ask(repository)[0].definition_id
        repository.remove_files(["a.py"])
        repository.save_files([entry("b.py", function("f", TEXTS[best - 1]))])
    old.write_bytes(content)
    with Library.open(folder, backend) as library:
        [repository] = library.repositories()
        assert [one.definition_id for one in ask(repository)] == [301]
    assert only_file(folder) != old


def test_a_process_sees_what_another_one_changed(tmp_path: Path, backend: VectorBackend) -> None:
    """An open index is given up when the rows have another generation."""
    with Library.open(tmp_path / "library", backend) as first, Library.open(tmp_path / "library", backend) as second:
        repository = filled(first, tmp_path)
        [other] = second.repositories()
        before = ask(other)
        assert before == ask(repository)
        repository.save_files([entry("b.py", function("g", "question"))])
        embed(repository, ["question"])
        assert [one.definition_id for one in ask(other)] == [301, *(one.definition_id for one in before[:-1])]
        repository.remove_files(["b.py"])
        assert ask(other) == before


def test_backends_do_not_read_each_other(tmp_path: Path) -> None:
    """A library that was used without FAISS works with it, and the other way round."""
    results = []
    with Library.open(tmp_path / "library", ExactBackend()) as library:
        results.append(ask(filled(library, tmp_path)))
    for backend in (default_backend(), ExactBackend()):
        with Library.open(tmp_path / "library", backend) as library:
            results.append(ask(library.repositories()[0]))
    assert results[0] == results[2]
    assert [one.definition_id for one in results[0]] == [one.definition_id for one in results[1]]


def test_vectors_that_cannot_be_written(tmp_path: Path, backend: VectorBackend) -> None:
    """A search needs no file; bringing the file up to date says that it cannot be written."""
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "vectors").write_text("a file in the place of the folder")
    with Library.open(tmp_path / "library", backend) as library:
        repository = library.repository(tmp_path / "project")
        repository.save_files([entry("a.py", *(function("f", text) for text in TEXTS))])
        embed(repository, TEXTS)
        assert len(ask(repository)) == 20
        repository.remove_files(["nothing"])
        with pytest.raises(LibraryNotWritable):
            repository.sync_vectors(MODEL, DIMENSION)
        assert len(ask(repository)) == 20


def test_remains_of_a_killed_process_are_removed(tmp_path: Path, backend: VectorBackend) -> None:
    """A file under construction is left alone while it may be alive, and removed when it is old."""
    with Library.open(tmp_path / "library", backend) as library:
        repository = filled(library, tmp_path)
        prefix = only_file(tmp_path / "library").name.rsplit("-", 1)[0]
        young, old = (tmp_path / "library" / "vectors" / f"{prefix}-{name}.partial" for name in ("young", "old"))
        young.write_bytes(b"x")
        old.write_bytes(b"x")
        os.utime(old, (0, 0))
        repository.remove_files(["a.py"])
        repository.sync_vectors(MODEL, DIMENSION)
        assert (young.exists(), old.exists()) == (True, False)
        assert ask(repository) == []
