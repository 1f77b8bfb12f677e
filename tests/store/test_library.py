"""Opening, finding and removing; what is said when the library is foreign, busy or not writable."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from store import (
    CodesearchError,
    Library,
    LibraryNotWritable,
    LibraryVersionMismatch,
    Repository,
    RepositoryBusy,
)
from store import database as database_module
from store.library import DATABASE_NAME
from store.tables import SCHEMA_VERSION
from tests.store.samples import MODEL, embed, entry, function, source, vector_of

PROJECT = Path(__file__).parents[2]


def run_python(code: str, *arguments: Path) -> subprocess.Popen[str]:
    """Start another process that can import the project."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )


def test_a_library_is_created_and_kept(tmp_path: Path) -> None:
    """Opening makes the folder; what was saved is there when it is opened again."""
    folder = tmp_path / "new" / "library"
    with Library.open(folder) as library:
        assert library.folder == folder
        assert library.repositories() == []
        library.repository(tmp_path / "project").save_files([entry("a.py", function("kept"))])
    with Library.open(folder) as library:
        [repository] = library.repositories()
        assert (repository.root, list(repository.files())) == (tmp_path / "project", ["a.py"])


def test_equal_roots_are_one_repository(library: Library, tmp_path: Path) -> None:
    """A root is resolved: other ways to write it, and links to it, are the same repository."""
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "project")
    library.repository(tmp_path / "project").save_files([entry("a.py")])
    assert list(library.repository(tmp_path / "link").files()) == ["a.py"]
    assert list(library.repository(tmp_path / "x" / ".." / "project").files()) == ["a.py"]
    assert len(library.repositories()) == 1


def test_the_nearest_root_is_found(library: Library, tmp_path: Path) -> None:
    """A path belongs to the innermost repository around it; a name that merely begins alike is not around it."""
    for root in ("outer", "outer/inner", "outer/inner2"):
        library.repository(tmp_path / root)
    expected = {
        "outer": "outer",
        "outer/file.py": "outer",
        "outer/inner": "outer/inner",
        "outer/inner/deep/file.py": "outer/inner",
        "outer/inner22/file.py": "outer",
    }
    for path, root in expected.items():
        found = library.find(tmp_path / path)
        assert found is not None
        assert found.root == tmp_path / root
    assert library.find(tmp_path) is None
    assert library.find(tmp_path / "outer2") is None


def test_removing_what_is_not_known(library: Library, repository: Repository, tmp_path: Path) -> None:
    """Only a root that is known is removed; a folder inside it is not a root."""
    assert not library.remove(tmp_path / "project" / "inside")
    assert library.remove(tmp_path / "project")
    assert not library.remove(tmp_path / "project")


def size_of(folder: Path) -> int:
    """Return how much space the files of a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_removing_gives_space_back(library: Library, repository: Repository) -> None:
    """The library is smaller after removing most of what it held."""
    repository.save_files([entry(f"{n}.py", function("f", f"text {n} " * 2_000)) for n in range(60)])
    before = size_of(library.folder)
    library.remove(repository.root)
    library.close()
    assert size_of(library.folder) < before / 4


def test_another_version_is_refused(tmp_path: Path) -> None:
    """A library of another format is named with both versions and left as it is."""
    Library.open(tmp_path).close()
    database = sqlite3.connect(tmp_path / DATABASE_NAME)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    with pytest.raises(LibraryVersionMismatch) as raised:
        Library.open(tmp_path)
    assert (raised.value.found, raised.value.expected) == (SCHEMA_VERSION + 1, SCHEMA_VERSION)


def test_a_foreign_database_is_refused(tmp_path: Path) -> None:
    """A database of some other program is not filled with our tables."""
    database = sqlite3.connect(tmp_path / DATABASE_NAME)
    database.execute("CREATE TABLE theirs (x)")
    database.close()
    with pytest.raises(LibraryVersionMismatch):
        Library.open(tmp_path)
    database = sqlite3.connect(tmp_path / DATABASE_NAME)
    assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    database.close()


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    """A library that cannot be made is LibraryNotWritable (root may write anywhere, so a file stands in the way)."""
    (tmp_path / "taken").write_text("a file")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(LibraryNotWritable):
            Library.open(folder)
    (tmp_path / "library" / DATABASE_NAME).mkdir(parents=True)
    with pytest.raises(LibraryNotWritable):
        Library.open(tmp_path / "library")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write into read-only folders")
def test_a_read_only_folder(tmp_path: Path) -> None:
    """A library in a folder that may not be written is LibraryNotWritable."""
    tmp_path.chmod(0o500)
    with pytest.raises(LibraryNotWritable):
        Library.open(tmp_path / "library")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When SQLite can add no page, saving raises LibraryNotWritable and what was there stays."""
    with Library.open(tmp_path) as library:
        repository = library.repository(tmp_path / "project")
        repository.save_files([entry("a.py", function("kept"))])
        with library._database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(LibraryNotWritable):
            repository.save_files([entry("b.py", function("big", "x y " * 100_000))])
        assert list(repository.files()) == ["a.py"]


HOLD_THE_LOCK = """
import sys
from pathlib import Path
from store import Library
with Library.open(Path(sys.argv[1])) as library, library.repository(Path(sys.argv[2])).writing():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_one_writer_at_a_time(library: Library, repository: Repository, tmp_path: Path) -> None:
    """While another process writes, a writer is told so, readers and writers of other repositories go on."""
    repository.save_files([entry("a.py", function("word"))])
    embed(repository, [""])
    with run_python(HOLD_THE_LOCK, library.folder, repository.root) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RepositoryBusy) as raised, repository.writing(wait_seconds=0.1):
            pass
        assert (raised.value.root, raised.value.waited_seconds) == (repository.root, 0.1)
        assert [one for one, _ in repository.lexical("word", 9)] == [1]
        assert [one.definition_id for one in repository.dense(MODEL, vector_of("q"), 9)] == [1]
        with library.repository(tmp_path / "another").writing(wait_seconds=0):
            pass
        other.stdin.write("\n")
        other.stdin.flush()
        other.wait(timeout=30)
    with repository.writing(wait_seconds=0), repository.writing(wait_seconds=0):
        pass  # free again, and the holder may nest


DIE_WHILE_WRITING = """
import os, sys
from pathlib import Path
from store import Library, catalogue
from tests.store.samples import entry, function
library = Library.open(Path(sys.argv[1]))
repository = library.repository(Path(sys.argv[2]))
repository.save_files([entry("a.py", function("kept", "stays"))])
catalogue.full_text.add = lambda *_: os._exit(9)
with repository.writing():
    repository.save_files([entry("a.py", function("lost", "never")), entry("b.py", function("lost"))])
"""


def test_killed_while_writing(tmp_path: Path) -> None:
    """A process that dies in the middle of a batch leaves what it had committed, and neither lock is left held."""
    with run_python(DIE_WHILE_WRITING, tmp_path / "library", tmp_path / "project") as other:
        assert other.wait(timeout=60) == 9
    with Library.open(tmp_path / "library") as library:
        repository = library.repository(tmp_path / "project")
        assert list(repository.files()) == ["a.py"]
        assert [one for one, _ in repository.lexical("stays never", 9)] == [1]
        with repository.writing(wait_seconds=0):
            repository.save_files([entry("b.py", function("resumed"))])
        assert list(repository.files()) == ["a.py", "b.py"]


def test_a_database_that_stays_locked(
    library: Library, repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """When SQLite's own lock is never given, the error is RepositoryBusy; readers do not notice."""
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(library.folder / DATABASE_NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Library.open(library.folder) as impatient:
        [again] = impatient.repositories()
        with pytest.raises(RepositoryBusy):
            again.save_files([entry("a.py")])
        assert again.files() == {}
    holder.close()


def test_threads_share_a_library(repository: Repository) -> None:
    """Several threads save and search through one handle; nothing is lost."""
    errors: list[CodesearchError] = []

    def work(name: str) -> None:
        try:
            for number in range(10):
                repository.save_files([entry(f"{name}/{number}.py", function("word", name))])
                repository.lexical(f"word {name}", 9)
        except CodesearchError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("aa", "bb", "cc")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(repository.files()) == 30
    assert len(repository.lexical("bb", 99)) == 10


def test_a_skipped_file_replaces_what_was_found(repository: Repository) -> None:
    """A file that is now skipped loses its definitions and keeps the reason."""
    repository.save_files([entry("a.py", function("word"))])
    skipped = source("a.py", "", "binary")
    repository.save_files([type(entry("a.py"))(skipped)])
    assert repository.files() == {"a.py": skipped}
    assert repository.lexical("word", 9) == []


def test_a_root_that_is_not_utf8(library: Library, tmp_path: Path) -> None:
    """It is found again, from a folder below it too, and listed unchanged."""
    root = tmp_path / b"caf\xe9".decode("utf-8", "surrogateescape")
    known = library.repository(root)
    below = library.find(root / "src")
    assert below is not None
    assert [known.root, below.root, library.repositories()[0].root] == [root] * 3
