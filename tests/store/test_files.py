"""Saving, replacing and removing files; what is then known of them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from store import FileEntry, Kind, Library, Passage, Repository, RepositoryRemoved, SourceFile
from store.library import DATABASE_NAME
from tests.store.samples import MODEL, embed, entry, function, passages, source

if TYPE_CHECKING:
    from pathlib import Path


def names(repository: Repository, ids: range | list[int]) -> list[str]:
    return [stored.definition.name for stored in repository.definitions(list(ids))]


def test_what_is_saved_is_read_back(repository: Repository) -> None:
    """Files and definitions come back equal to what was saved, definitions in the order asked for."""
    first, second = function("read", "open(x)", "Reads.", Kind.METHOD), function("write", "put(x)")
    repository.save_files([entry("a.py", first), entry("b/c.py", second, language="go")])
    assert repository.files() == {"a.py": source("a.py"), "b/c.py": source("b/c.py", "go")}
    found = repository.definitions([2, 99, 1])
    assert [(one.id, one.path, one.language, one.definition) for one in found] == [
        (2, "b/c.py", "go", second),
        (1, "a.py", "python", first),
    ]
    assert {one.root for one in found} == {repository.root}


def test_headings_are_definitions_without_their_texts(repository: Repository) -> None:
    """Name, kind and place are those of the definition, of which odd paths are no exception."""
    path = b"caf\xe9/\xff.py".decode("utf-8", "surrogateescape")
    repository.save_files(
        [entry("a.py", function("read", "open(x)", "Reads.", Kind.METHOD)), entry(path, function("b"))]
    )
    headings = sorted(repository.headings([2, 99, 1]))
    assert headings == [stored.heading for stored in repository.definitions([1, 2])]
    assert [(one.path, one.kind, one.name) for one in headings] == [
        ("a.py", Kind.METHOD, "read"),
        (path, Kind.FUNCTION, "b"),
    ]


def test_a_repository_reads_its_own_definitions_alone(library: Library, repository: Repository, tmp_path: Path) -> None:
    """Ids of another repository are left out, of definitions as of headings."""
    repository.save_files([entry("a.py", function("own"))])
    other = library.repository(tmp_path / "other")
    other.save_files([entry("b.py", function("foreign"))])
    for asked, name in ((repository, "own"), (other, "foreign")):
        assert [one.definition.name for one in asked.definitions([1, 2])] == [name]
        assert [one.name for one in asked.headings([1, 2])] == [name]


def test_replacing_a_file_replaces_its_definitions(repository: Repository) -> None:
    """After saving a file again only its new definitions are known and found; their ids were never used before."""
    repository.save_files([entry("a.py", function("old", "ancient")), entry("b.py", function("kept", "stays"))])
    repository.save_files([entry("a.py", function("new", "modern"))])
    assert names(repository, range(1, 10)) == ["kept", "new"]
    assert [one for one, _ in repository.lexical("ancient modern stays", 9)] == [2, 3]
    assert repository.lexical("ancient", 9) == []


def test_ids_are_not_used_again(repository: Repository) -> None:
    """The id of a removed definition is not given to a later one, although it was the highest."""
    repository.save_files([entry("a.py", function("first"))])
    repository.remove_files(["a.py"])
    repository.save_files([entry("a.py", function("second"))])
    assert names(repository, [1]) == []
    assert names(repository, [2]) == ["second"]


def test_removing_files(repository: Repository) -> None:
    """A removed file is gone with all that was in it; paths that are not known do not count."""
    repository.save_files([entry("a.py", function("alpha")), entry("b.py", function("beta"))])
    assert repository.remove_files(["a.py", "nowhere.py"]) == 1
    assert list(repository.files()) == ["b.py"]
    assert repository.lexical("alpha", 9) == []
    assert [one for one, _ in repository.lexical("beta", 9)] == [2]


def test_more_files_than_parameters_of_a_statement(repository: Repository) -> None:
    """Thousands of files are saved and removed in one call."""
    entries = [FileEntry(source(f"{number}.py")) for number in range(2_500)]
    repository.save_files(entries)
    assert len(repository.files()) == 2_500
    assert repository.remove_files(f"{number}.py" for number in range(1, 2_500)) == 2_499
    assert list(repository.files()) == ["0.py"]


def test_the_last_of_equal_paths_counts(repository: Repository) -> None:
    """A batch that names a path twice keeps the later entry."""
    repository.save_files([entry("a.py", function("one")), entry("a.py", function("two"))])
    assert names(repository, range(1, 9)) == ["two"]


def test_touching_changes_size_and_time_only(repository: Repository) -> None:
    """A touched file keeps its language, digest and definitions; an unknown one stays unknown."""
    repository.save_files([entry("a.py", function("one"))])
    before = repository.generation
    repository.touch_files([SourceFile("a.py", "other", 77, 78, b"other"), source("unknown.py")])
    expected = source("a.py")
    assert repository.files() == {"a.py": SourceFile("a.py", expected.language, 77, 78, expected.digest)}
    assert names(repository, [1]) == ["one"]
    assert repository.generation == before


def test_a_batch_is_saved_whole_or_not_at_all(repository: Repository) -> None:
    """An error in the middle of a batch leaves everything as it was, the words too."""
    repository.save_files([entry("a.py", function("kept", "stays"))])
    before = repository.generation
    broken = FileEntry(source("b.py"), [(function("broken"), [Passage(None, "", 1, 1)])])  # type: ignore[arg-type]
    with pytest.raises(IntegrityError):
        repository.save_files([entry("a.py", function("never", "seen")), broken])
    assert names(repository, range(1, 9)) == ["kept"]
    assert [one for one, _ in repository.lexical("stays", 9)] == [1]
    assert repository.lexical("never", 9) == []
    assert repository.generation == before


def test_odd_text_is_kept(repository: Repository) -> None:
    """Paths that are not UTF-8 come back unchanged; a lone surrogate in a text does not stop the others."""
    path = b"caf\xe9/\xff.py".decode("utf-8", "surrogateescape")
    repository.save_files([entry(path, function("odd\udfff", "nul \0 and \ud800 and größer", "Says \ud800."))])
    assert list(repository.files()) == [path]
    [stored] = repository.definitions([1])
    assert (stored.path, stored.definition.code) == (path, "nul \0 and ? and größer")
    assert (stored.definition.name, stored.definition.documentation) == ("odd?", "Says ?.")
    assert repository.remove_files([path]) == 1


def test_every_change_of_rows_changes_the_generation(repository: Repository) -> None:
    """Saving, embedding and removing raise the generation; reading, touching and marking do not."""
    seen = [repository.generation]
    repository.save_files([entry("a.py", function("one", "text"))])
    seen.append(repository.generation)
    embed(repository, ["text"])
    seen.append(repository.generation)
    repository.remove_files(["a.py"])
    seen.append(repository.generation)
    assert seen == sorted(set(seen))
    repository.files(), repository.statistics(), repository.mark_indexed(), repository.set_model("m")
    assert repository.generation == seen[-1]


def test_statistics(repository: Repository) -> None:
    """Files, definitions and passages are counted, the most frequent first."""
    repository.save_files(
        [
            entry("a.py", function("one", "x"), function("two", "y", kind=Kind.CLASS)),
            entry("b.go", function("three", "x"), language="go"),
            entry("c.go", language="go"),
            FileEntry(source("d.bin", "", "binary")),
            FileEntry(source("e.bin", "", "binary")),
            FileEntry(source("f.txt", "text", "too large")),
        ]
    )
    embed(repository, ["x"])
    repository.set_model(MODEL)
    moment = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    repository.mark_indexed(moment)
    found = repository.statistics()
    assert list(found.files.items()) == [("go", 2), ("python", 1)]
    assert list(found.skipped.items()) == [("binary", 2), ("too large", 1)]
    assert list(found.definitions.items()) == [(Kind.FUNCTION, 2), (Kind.CLASS, 1)]
    assert (found.passages, found.embedded, found.indexed_at, found.model) == (3, 2, moment, MODEL)
    totals = repository.totals()
    assert (totals.definitions, totals.passages, totals.embedded, totals.indexed_at) == (3, 3, 2, moment)
    assert repository.totals("another model").embedded == 0
    assert repository.skipped_files() == {"d.bin": "binary", "e.bin": "binary", "f.txt": "too large"}
    assert repository.model == MODEL


def test_a_removed_repository_says_so(library: Library, repository: Repository) -> None:
    """A handle to a repository that was removed finds nothing and refuses to write."""
    repository.save_files([entry("a.py", function("one"))])
    library.remove(repository.root)
    assert (repository.files(), repository.lexical("one", 9), repository.model) == ({}, [], "")
    for write in (
        lambda: repository.save_files([entry("b.py", function("two"))]),
        lambda: repository.remove_files(["a.py"]),
        lambda: repository.set_model("m"),
        repository.mark_indexed,
    ):
        with pytest.raises(RepositoryRemoved):
            write()


def test_foreign_keys_hold(library: Library, repository: Repository, tmp_path: Path) -> None:
    """After replacing and removing, SQLite finds no row without its owner, and the words' index is sound."""
    repository.save_files([FileEntry(source("a.py"), [(function("one", "x"), passages("x", "y"))])])
    repository.save_files([entry("a.py", function("two", "z")), entry("b.py", function("three"))])
    repository.remove_files(["b.py"])
    library.close()
    database = sqlite3.connect(tmp_path / "library" / DATABASE_NAME)
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.execute("INSERT INTO definition_text_1 (definition_text_1) VALUES ('integrity-check')")
    assert database.execute("SELECT count(*) FROM passage").fetchone() == (1,)
    database.close()
