"""The README is executed: its commands run on this very repository and print what it says they print."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git tracks, without tests, benchmarks and weights, as a new user's checkout would show it."""
    folder = tmp_path_factory.mktemp("clone") / "codesearch"
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", "*.py", "*.scm", "README.md", ".gitignore"]
    listing += [":!tests", ":!benchmarks"]
    for name in filter(None, subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a new user: an empty library, the console script on the path."""
    library = tmp_path_factory.mktemp("library")
    return os.environ | {"CODESEARCH_LIBRARY": str(library), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def _sessions() -> list[tuple[str, str]]:
    """Return (command, output) of every `$ codesearch ...` in a console block."""
    found = []
    for block in _blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if command.startswith("codesearch "):
                found.append((command, output))
    return found


def _comparable(text: str) -> str:
    """Line numbers, scores and seconds change with every edit of the sources; names and order are the promise."""
    return re.sub(r"\d+", "0", text).strip()


def test_the_console_sessions_print_what_they_show(checkout: Path, environment: dict[str, str]) -> None:
    """Each command prints the output shown below it, up to digits; a session without output only has to succeed."""
    sessions = _sessions()
    assert len(sessions) >= 3
    for command, output in sessions:
        done = subprocess.run(
            shlex.split(command), cwd=checkout, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        if output.strip():
            assert _comparable(done.stdout) == _comparable(output), command


def test_the_python_example_runs(checkout: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """The five lines of Python run as they stand and find something."""
    program = tmp_path / "example.py"
    program.write_text(_blocks("python")[0], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(program)], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert ".py" in done.stdout


def test_every_command_is_mentioned() -> None:
    """The README names every command of the program."""
    from typer.main import get_command

    from cli.main import app

    commands = set(get_command(app).commands)
    assert {name for name in commands if f"codesearch {name}" not in README} == set()


def test_the_table_of_languages_is_complete() -> None:
    """The languages that are split into functions are those that the README lists."""
    from indexer.language_table import GRAMMAR_LANGUAGES

    listed = re.search(r"^Split into functions: (.+?)\.$", README, re.MULTILINE | re.DOTALL)
    assert listed is not None
    assert sorted(re.split(r",\s+", listed[1])) == sorted(language.name for language in GRAMMAR_LANGUAGES)
