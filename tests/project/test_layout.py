"""The tree keeps its own rules: names, sizes, front doors, documentation of what is public."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("codesearch", "indexer", "store", "cli")
MEASURING = "benchmarks"  # beside the packages, not in the wheel; it measures what is inside them
SOURCES = sorted(path for package in (*PACKAGES, MEASURING) for path in (ROOT / package).rglob("*.py"))
FRONT_DOORS = {"codesearch": 28, "indexer": 16, "store": 28}  # the largest number of public names of each

LONGEST_FILE = 300
LONGEST_FUNCTION = 60
JUNK_DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "lib", "tools"}


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_file_is_long() -> None:
    """Every source file stays within the budget; a table of data in Python is the one exception."""
    long = {str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text().splitlines()) > LONGEST_FILE}
    assert long == set()


def test_no_function_is_long() -> None:
    """Every function fits on a screen."""
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in SOURCES
        for function in _functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_names_say_what_is_inside() -> None:
    """No junk drawer, and no file that repeats the name of its folder."""
    modules = [path for path in SOURCES if path.name != "__init__.py"]
    assert [path for path in modules if path.stem in JUNK_DRAWERS] == []
    assert [path for path in modules if path.stem == path.parent.name] == []


def test_nobody_imports_an_underscore() -> None:
    """A private name stays in its module."""
    offenders = [
        f"{path.relative_to(ROOT)}: {alias.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert offenders == []


def test_folders_are_entered_by_the_front_door() -> None:
    """An import from another of the four packages names the package, never a module inside it."""
    offenders = []
    for path in SOURCES:
        own = path.relative_to(ROOT).parts[0]
        if own == MEASURING:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                package, _, inside = name.partition(".")
                if package in PACKAGES and package != own and inside:
                    offenders.append(f"{path.relative_to(ROOT)}: {name}")
    assert offenders == []


@pytest.mark.parametrize("package", sorted(FRONT_DOORS))
def test_front_doors_are_small_and_documented(package: str) -> None:
    """`__all__` exists, is short, names what is there, and everything in it has a docstring."""
    module = importlib.import_module(package)
    assert len(module.__all__) <= FRONT_DOORS[package]
    values = {name: getattr(module, name) for name in module.__all__}
    own = {name: value for name, value in values.items() if inspect.isclass(value) or inspect.isfunction(value)}
    assert [name for name, value in own.items() if not (value.__doc__ or "").strip()] == []


def test_every_source_file_says_what_it_is_for() -> None:
    """A module opens with a docstring."""
    silent = [path for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_tests_use_fakes_not_mocks() -> None:
    """No test replaces a piece by a mock."""
    offenders = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("unittest"):
                offenders.append(str(path))
            if isinstance(node, ast.Import) and any(alias.name.startswith("unittest") for alias in node.names):
                offenders.append(str(path))
    assert offenders == []
