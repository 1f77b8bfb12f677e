"""What is wrong with a file, a folder or the root: named in the report, and never in the way of the others."""

from __future__ import annotations

import pytest

from indexer import FolderUnreadable, index_repository
from indexer import pipeline as pipeline_module
from indexer.found_files import SIZE_LIMIT, FoundFile
from indexer.parsing import read_file
from indexer.report import Failure
from tests.fakes import FakeEncoder
from tests.indexer.trees import READ, SEND, SORT, write_tree


def test_odd_files_are_named_and_never_stop_the_run(library, tmp_path, monkeypatch):
    """Binary, huge, minified, mis-encoded, half-written, deeply nested, vanished and unreadable files, one good one."""
    root = write_tree(
        tmp_path / "tree",
        {
            "good.py": READ,
            "binary.py": b"\x00\x01\x02" * 100,
            "latin.py": "# gr\u00f6\u00dfer\n".encode("latin-1") + SEND.encode(),
            "utf16.py": SORT.encode("utf-16"),
            "line.py": "x = '" + "a" * 900_000 + "'\n",
            "half.py": "def broken(:\n    retur",
            "deep.py": "(" * 50_000,
            "script": "#!/usr/bin/env python3\n" + SORT,
            "data": "just some words\n",
        },
    )
    with (root / "huge.py").open("wb") as huge:
        huge.truncate(50_000_000)
    for gone in ("gone.py", "folder.py"):
        write_tree(root, {gone: READ})

    def walk_then_lose(folder):
        found = walk(folder)
        (root / "gone.py").unlink()
        (root / "folder.py").unlink()
        (root / "folder.py").mkdir()
        return found

    walk = pipeline_module.walk
    monkeypatch.setattr(pipeline_module, "walk", walk_then_lose)
    repository = library.repository(root)
    report = index_repository(repository, FakeEncoder())
    assert repository.skipped_files() == {
        "binary.py": "binary",
        "data": "not source code",
        "deep.py": "minified",
        "folder.py": "unreadable: Is a directory",
        "huge.py": "larger than 1 MB",
        "line.py": "minified",
    }
    searched = sorted(path for path, file in repository.files().items() if not file.skip_reason)
    assert searched == ["good.py", "half.py", "latin.py", "script", "utf16.py"]
    assert report.failures == (Failure("folder.py", "unreadable: Is a directory"),)
    found = repository.definitions([number for number, _ in repository.lexical("sort names", 9)])
    assert {(one.path, one.language) for one in found} == {("script", "python"), ("utf16.py", "python")}


def test_a_file_that_defeats_the_splitter_is_named(library, root, monkeypatch):
    """Its neighbours are indexed, and it is not tried again until it changes."""

    def broken(source, language):
        if b"queue" in source:
            raise RecursionError("too deep")
        return []

    monkeypatch.setattr("indexer.parsing.split", broken)
    repository = library.repository(root)
    report = index_repository(repository, FakeEncoder())
    expected = (Failure("b/send.py", "could not be parsed: RecursionError: too deep"),)
    assert (report.added, report.failures) == (1, expected)
    report = index_repository(repository, FakeEncoder())
    assert (report.unchanged, report.failures) == (1, expected)


def test_folders_without_code(library, tmp_path):
    """An empty folder and one of binaries: nothing to search, and no error."""
    empty = write_tree(tmp_path / "empty", {})
    report = index_repository(library.repository(empty), FakeEncoder())
    assert (report.added, report.skipped, report.embedded) == (0, {}, 0)
    pictures = write_tree(tmp_path / "pictures", {f"{n}.png": b"\x89PNG\0" for n in range(70)})
    report = index_repository(library.repository(pictures), FakeEncoder())
    assert (report.added, report.skipped) == (0, {"not source code": 70})


def test_a_missing_root_is_an_error_and_forgets_nothing(library, root, tmp_path):
    """A drive that is not mounted is not an empty repository."""
    repository = library.repository(root)
    index_repository(repository, FakeEncoder())
    root.rename(tmp_path / "elsewhere")
    with pytest.raises(FolderUnreadable):
        index_repository(repository, FakeEncoder())
    assert len(repository.lexical("message", 5)) == 1


@pytest.mark.parametrize(("size", "reason"), [(len(READ) * 2, ""), (SIZE_LIMIT + 1, "larger than 1 MB")])
def test_a_file_that_has_grown_since_the_walk(tmp_path, size, reason):
    """It is read to its end, unless that is behind what is read of any file."""
    text = READ.encode() + b"#" * (size - len(READ) - 1) + b"\n"
    root = write_tree(tmp_path / "tree", {"a.py": text})
    seen = read_file(root, FoundFile("a.py", len(READ)))
    assert seen is not None
    assert seen.source_file.skip_reason == reason
    assert seen.text == (b"" if reason else text)
