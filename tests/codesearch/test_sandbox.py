"""Programs that misbehave, really run."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from codesearch.evaluation.sandbox import Limits, Outcome, Verdict, run_program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX limits")

BRIEF = Limits(seconds=0.5)
PATIENT = Limits(seconds=60.0, memory=1 << 28)  # a slow machine is no reason to fail


def refused(outcome: Outcome, error: str = "PermissionError") -> bool:
    """Whether a program failed with this error."""
    return outcome.verdict is Verdict.FAILED and error in outcome.output


def test_a_program_that_runs_to_its_end() -> None:
    """The standard library is there, output is kept, nothing of the environment is seen."""
    outcome = run_program(
        "import collections, json, math, os, re, sys\n"
        "assert dict(os.environ) in ({}, {'LC_CTYPE': 'C.UTF-8'}), os.environ\n"
        "assert not any('site-packages' in path for path in sys.path)\n"
        "if __name__ == '__main__':\n    print('héllo', sys.stdin.read())",
        PATIENT,
    )
    assert (outcome.verdict, outcome.passed, outcome.output) == (Verdict.PASSED, True, "héllo \n")


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("assert 1 == 2", "AssertionError"),
        ("def f(:", "SyntaxError"),
        ("x = '\0'", "null bytes"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import numpy", "ModuleNotFoundError"),
    ],
)
def test_a_program_that_fails(program: str, error: str) -> None:
    """The error is in the output."""
    assert refused(run_program(program, PATIENT), error)


@pytest.mark.parametrize("leave", ["import sys; sys.exit(0)", "import os; os._exit(0)", "raise SystemExit"])
def test_leaving_early_is_no_success(leave: str) -> None:
    """A program that ends before its tests has not passed them, whatever its exit code."""
    assert run_program(f"{leave}\nassert False", PATIENT).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    "loop", ["while True: pass", "import time; time.sleep(60)", "print('x', flush=True)\nwhile True: pass"]
)
def test_an_endless_program(loop: str) -> None:
    """Busy or asleep, it ends with its time."""
    assert run_program(loop, BRIEF).verdict is Verdict.TIMED_OUT


def test_memory_is_limited() -> None:
    """A program that wants more gets a MemoryError."""
    assert refused(run_program("x = [0] * (1 << 30)", PATIENT), "MemoryError")
    assert refused(run_program("x = []\nwhile True: x.append(bytearray(1 << 24))", PATIENT), "MemoryError")


@pytest.mark.parametrize(
    "bomb",
    [
        "import os\nwhile True: os.fork()",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''])",
        "import os\nos.system('true')",
        "import os\nos.posix_spawn('/bin/true', ['true'], {})",
        "import multiprocessing\nmultiprocessing.Process(target=print).start()",
    ],
)
def test_no_processes(bomb: str) -> None:
    """A program cannot start another one."""
    assert refused(run_program(bomb, PATIENT))


@pytest.mark.parametrize(
    "act",
    [
        "open({!r}, 'w')",
        "import os\nos.remove({!r})",
        "import os\nos.rename({!r}, 'mine')",
        "import os\nos.mkdir({!r} + '.d')",
        "import os\nos.symlink('here', {!r} + '.l')",
        "import os\nos.symlink({!r}, 'link')\nopen('link', 'a')",
        "import os\nos.open({!r}, os.O_RDWR)",
        "import pathlib\npathlib.Path({!r}).write_text('gone')",
        "import shutil\nshutil.rmtree({!r})",
    ],
)
def test_no_writing_outside(act: str, tmp_path: Path) -> None:
    """Files outside of the folder stay as they are, and nothing comes to them."""
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    assert refused(run_program(act.format(str(kept)), PATIENT))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("kept.txt", "kept")]


def test_writing_inside() -> None:
    """The folder is the program's own, and does not outlive it."""
    outcome = run_program(
        "import os, pathlib\n"
        "pathlib.Path('a').mkdir()\npathlib.Path('a/b.txt').write_text('b')\nos.rename('a/b.txt', 'c.txt')\n"
        "open(os.devnull, 'w').write('x')\n"
        "assert open('c.txt').read() == 'b'\nprint(os.getcwd())",
        PATIENT,
    )
    assert outcome.passed, outcome.output
    assert not Path(outcome.output.strip()).exists()


def test_a_file_cannot_grow_without_end() -> None:
    """Neither a file nor the output passes the limit, and of the output the end is kept."""
    assert refused(
        run_program("open('big', 'wb').write(bytes(1 << 20))", Limits(seconds=60.0, file_size=1 << 16)), "OSError"
    )
    outcome = run_program("for n in range(3000): print(n)\nprint('end')", Limits(seconds=60.0, output=50))
    assert outcome.passed
    assert outcome.output.endswith("2999\nend\n")
    assert len(outcome.output) == 50


@pytest.mark.parametrize(
    "call",
    [
        "import socket\nsocket.socket()",
        "import socket\nsocket.create_connection(('127.0.0.1', 9))",
        "import socket\nsocket.getaddrinfo('example.org', 80)",
        "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')",
        "import ctypes\nctypes.CDLL(None).socket(2, 1, 0)",
    ],
)
def test_no_network(call: str) -> None:
    """A program cannot open a socket, nor call native code that does."""
    assert refused(run_program(call, PATIENT))


@pytest.mark.skipif(sys.platform != "linux", reason="protections of Linux")
def test_the_kernel_says_what_it_gave() -> None:
    """With a network namespace there is no interface that is up; the protections are among those that exist."""
    outcome = run_program("print(open('/proc/self/net/route').read().count('\\n'))", PATIENT)
    assert outcome.passed
    assert set(outcome.protections) <= {"network", "files"}
    if "network" in outcome.protections:
        assert int(outcome.output) <= 1  # the head line
