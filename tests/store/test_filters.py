"""Path globs, compared with a table worked out by hand."""

from __future__ import annotations

import re

import pytest

from store.filters import glob_expression

PATHS = ["main.py", "src/main.py", "src/a/b/test_x.py", "src/test_y.py", "tests/x.go", "lib/tests/y.go", "src2/main.py"]


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("*.py", "main.py src/main.py src/a/b/test_x.py src/test_y.py src2/main.py"),
        ("tests", "tests/x.go lib/tests/y.go"),
        ("main.py", "main.py src/main.py src2/main.py"),
        ("/main.py", "main.py"),
        ("./main.py", "main.py"),
        ("src/", "src/main.py src/a/b/test_x.py src/test_y.py"),
        ("tests/", "tests/x.go"),
        ("src/a", "src/a/b/test_x.py"),
        ("src/*", "src/main.py src/a/b/test_x.py src/test_y.py"),
        ("src/**/test_*", "src/a/b/test_x.py src/test_y.py"),
        ("**/tests/", "tests/x.go lib/tests/y.go"),
        ("**/main.py", "main.py src/main.py src2/main.py"),
        ("src?", "src2/main.py"),
        ("src[0-9]/", "src2/main.py"),
        ("test_[!x].py", "src/test_y.py"),
        ("test_[xy].py", "src/a/b/test_x.py src/test_y.py"),
        ("mai", ""),
        ("ain.py", ""),
        ("src/a/b/", "src/a/b/test_x.py"),
        ("a.b", ""),  # a full stop is itself
        ("[", ""),
        ("[z-a]", ""),
        ("", "ALL"),
        ("./", "ALL"),
    ],
)
def test_globs(glob: str, expected: str) -> None:
    """A glob finds the files, and the files in the folders, that it names."""
    pattern = re.compile(glob_expression([glob]))
    found = [path for path in PATHS if pattern.search(path)]
    assert found == (PATHS if expected == "ALL" else [path for path in PATHS if path in expected.split()])


def test_any_glob_is_enough() -> None:
    """Several globs find what any of them finds."""
    pattern = re.compile(glob_expression(["lib/", "/main.py"]))
    assert [path for path in PATHS if pattern.search(path)] == ["main.py", "lib/tests/y.go"]


@pytest.mark.parametrize("glob", ["(", "[]", "[[]", "a{1}", "\\", "+", "[^]", "**", "***/x", "[a-", "$^|", "[\\]"])
def test_any_text_is_a_glob(glob: str) -> None:
    """No text makes an invalid expression."""
    re.compile(glob_expression([glob]))
