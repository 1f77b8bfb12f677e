"""Answers that cannot be written, and folders that are gone: a sentence and an exit code, whatever was asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")  # a device on which there is never any space
ARGUMENTS = (["--help"], ["--version"], ["search", "--help"], ["models"])


def codesearch(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    code = "import sys; from cli.main import main; sys.argv[0] = 'codesearch'; main()"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False, **options)


@pytest.mark.skipif(not FULL.exists(), reason="no device is always full here")
@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_a_full_disk_is_said_once(arguments):
    """Also where typer writes: one sentence, exit code 2, and no traceback."""
    with FULL.open("w") as full:
        finished = codesearch(*arguments, stdout=full)
    said = "error: the answer cannot be written: No space left on device; free some space, or write it elsewhere\n"
    assert (finished.stderr, finished.returncode) == (said, 2)


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_a_reader_who_is_gone_is_no_error(arguments):
    """Exit code 0, as of a command that was read to its end; 1 would be "nothing found"."""
    reader, writer = os.pipe()
    os.close(reader)
    finished = codesearch(*arguments, stdout=writer)
    os.close(writer)
    assert (finished.stderr, finished.returncode) == ("", 0)


@pytest.mark.skipif(os.name != "posix", reason="a current folder cannot be removed there")
def test_the_current_folder_is_gone(tmp_path):
    """It is said to be, not that something unexpected has happened."""
    (tmp_path / "gone").mkdir()
    code = (
        "import os, sys; from cli.main import main; os.rmdir(os.getcwd());"
        f"sys.argv = ['codesearch', 'search', 'q', '--library', {str(tmp_path / 'library')!r}]; main()"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "gone",
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = "error: the current folder is gone; change to one that is there\n"
    assert (finished.stdout, finished.stderr, finished.returncode) == ("", said, 2)
