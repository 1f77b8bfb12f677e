"""A folder read without a library: the same definitions as `split` gives, and the words beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from indexer import FolderUnreadable, read_folder, split
from tests.indexer.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

NESTED = '''class Queue:
    """Says what it is."""

    # first line
    # second line

    def send(self, message):
        """Send it."""; self.count += 1
        # wait for the other
        # side to answer
        self.put(message)  # at the end

    def get(self):
        r"""Wait and return.

        More.
        """
        def inner():
            """Inner words."""
            return 1
        return inner
'''


def test_definitions_are_those_of_split(tmp_path: Path) -> None:
    """Files in the order of their paths; what the index leaves out has the reason and nothing else."""
    root = write_tree(tmp_path / "tree", {"b.py": NESTED, "a.md": "# no code\n", "c.py": b"\0\0\0"})
    readings = {reading.path: reading for reading in read_folder(root)}
    assert list(readings) == ["a.md", "b.py", "c.py"]
    assert list(readings["b.py"].definitions) == split(NESTED.encode(), "python")
    assert readings["a.md"].skip_reason
    assert readings["c.py"].skip_reason == "binary"
    assert readings["c.py"].definitions == ()


def test_code_without_docstring(tmp_path: Path) -> None:
    """A definition's own documentation goes, that of an inner function stays; the margin is the definition's."""
    root = write_tree(tmp_path / "tree", {"a.py": NESTED})
    (reading,) = read_folder(root)
    code = {one.name: reading.code_without_docstring(one) for one in reading.definitions}
    assert (
        code["get"]
        == 'def get(self):\n    def inner():\n        """Inner words."""\n        return 1\n    return inner'
    )
    assert code["inner"] == "def inner():\n    return 1"
    assert code["send"].splitlines()[1].strip("; ") == "self.count += 1"


def test_comments_in_a_definition(tmp_path: Path) -> None:
    """Lines of comment that follow each other are one; what stands behind code is another."""
    root = write_tree(tmp_path / "tree", {"a.py": NESTED})
    (reading,) = read_folder(root)
    comments = {one.name: [found.text for found in reading.comments_in(one)] for one in reading.definitions}
    assert comments["send"] == ["wait for the other\nside to answer", "at the end"]
    assert comments["get"] == []
    assert comments["Queue"] == ["first line\nsecond line", *comments["send"]]


def test_documentation_above_is_not_in_the_code(tmp_path: Path) -> None:
    """Where the documentation stands before the function, there is nothing to cut out."""
    root = write_tree(tmp_path / "tree", {"a.go": "package a\n\n// Sums up.\nfunc Sum(a int) int {\n\treturn a\n}\n"})
    (reading,) = read_folder(root)
    (function,) = [one for one in reading.definitions if one.name == "Sum"]
    assert function.documentation == "Sums up."
    assert reading.code_without_docstring(function) == "func Sum(a int) int {\n\treturn a\n}"


def test_unwanted_files_are_not_opened(tmp_path: Path) -> None:
    """Only paths that are wanted are read; a folder that is not there is an error."""
    root = write_tree(tmp_path / "tree", {"a.py": NESTED, "test/b.py": NESTED})
    assert [one.path for one in read_folder(root, lambda path: not path.startswith("test/"))] == ["a.py"]
    with pytest.raises(FolderUnreadable):
        list(read_folder(tmp_path / "nothing"))
