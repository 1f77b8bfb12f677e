"""Ctrl-C before a command runs, in the middle of an import, and after it has ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is no signal there")


def python(code: str) -> tuple[str, int]:
    """Return what a process of its own writes to stderr, and its exit code."""
    finished = subprocess.run(
        [sys.executable, "-c", f"import os, signal, sys\nsys.argv = ['codesearch', '--version']\n{code}"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return finished.stderr, finished.returncode


# A finder is asked by Python's own import, so that the frame that calls it is one of those. `module` is what is
# imported when `act`, which gets that frame, is called.
FINDER = """
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            sys.meta_path.remove(self)
            act(sys._getframe(1))
sys.meta_path.insert(0, Finder())
"""


def test_before_anything_is_loaded():
    """Ctrl-C while the command line itself is imported: a word, 130, and no traceback."""
    code = f"""
module = 'typer'
def act(frame): signal.raise_signal(signal.SIGINT)
{FINDER}
from cli.start import main
main()
"""
    assert python(code) == ("stopped\n", 130)


def test_in_the_middle_of_an_import():
    """The handler raises nothing where Python imports: the lock of all imports would be kept. It ends the process."""
    code = f"""
from cli import start
module = 'cli.main'
def act(frame):
    try: start.interrupt(signal.SIGINT, frame)
    except KeyboardInterrupt: os._exit(1)
{FINDER}
start.main()
"""
    assert python(code) == ("stopped\n", 130)


def test_while_a_command_runs():
    """It is KeyboardInterrupt there, with which the command ends as it likes."""
    code = """
from cli import main, start
def run():
    try: signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt: sys.exit(7)
main.main = run
start.main()
"""
    assert python(code) == ("", 7)


def test_after_the_command_has_ended():
    """While Python waits for a thread, Ctrl-C ends it, without a traceback of the shutdown."""
    code = """
import threading, time
from cli import main, start
class Waiting:
    def join(self): signal.raise_signal(signal.SIGINT)
main.main = lambda: threading._register_atexit(Waiting().join)
start.main()
"""
    assert python(code) == ("stopped\n", 130)


def test_where_interruptions_are_ignored():
    """Who starts it so that Ctrl-C is ignored, as shells start what runs in the background, is not overruled."""
    code = """
signal.signal(signal.SIGINT, signal.SIG_IGN)
from cli.start import main
try: main()
finally: print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN, file=sys.stderr)
"""
    assert python(code) == ("True\n", 0)
