"""Runs a program that a model has written, where it can do little harm.

What holds, and where:

- Everywhere: a process and a process group of its own, an empty environment, nothing on standard input, a temporary
  folder as the current one (removed afterwards), Python without site packages or user settings, a limit of wall time
  after which the group is killed, and of what is kept of the output.
- By the kernel on POSIX systems: limits of memory, CPU time, size of a file, open files and processes (`Limits`). The
  limit of processes does not bind the superuser.
- By the kernel on Linux, where it allows it: a network namespace without any network, and by Landlock (5.13) no writing
  outside of the folder. `Outcome.protections` says which of the two were had.
- By hooks inside the interpreter, everywhere: no sockets, no processes, no native code through ctypes, no writing
  outside of the folder.

That stops what code does by mistake, which is what a model's attempts at small problems do. It is no wall against
someone who means harm: a program may read any file that its user may read, and hooks of an interpreter can be got
round. For hostile programs use a virtual machine.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from codesearch.errors import SandboxUnavailable

_CHILD = Path(__file__).with_name("sandbox_child.py")
_PROGRAM = "program.py"
_FINISHED = b"finished"  # what the child says on a pipe of its own, so that an early `exit(0)` is not taken for success
_TIMES_UP = (-signal.SIGXCPU, -signal.SIGKILL) if hasattr(signal, "SIGXCPU") else ()


class Verdict(StrEnum):
    """How a program ended."""

    PASSED = "passed"  # its last line was reached
    FAILED = "failed"  # an error, an exit, or a limit other than time
    TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: seconds of wall and of CPU time, bytes of memory and of a file, processes and open files.

    Threads count as processes; `output` is how many bytes of output are kept.
    """

    seconds: float = 10.0
    memory: int = 1 << 30
    file_size: int = 1 << 24
    processes: int = 1
    open_files: int = 64
    output: int = 4_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended, the end of what it and its errors printed, and which kernel protections it ran under."""

    verdict: Verdict
    output: str
    seconds: float
    protections: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the program ran to its end."""
        return self.verdict is Verdict.PASSED


def run_program(program: str, limits: Limits | None = None) -> Outcome:
    """Run the text of a Python program and say how it ended; see the module for what it may do.

    Raises SandboxUnavailable where the system has no POSIX limits.
    """
    if os.name != "posix":
        raise SandboxUnavailable(sys.platform)
    limits = limits or Limits()
    with tempfile.TemporaryDirectory(prefix="sandbox-") as outer:
        folder = Path(outer, "folder")
        folder.mkdir()
        (folder / _PROGRAM).write_text(program, encoding="utf-8", errors="replace")
        output = Path(outer, "output")
        started = time.perf_counter()
        said, code = _run(folder, output, limits)
        seconds = time.perf_counter() - started
        text = _tail(output, limits.output)
    protections, _, end = said.partition(b"\n")
    return Outcome(_verdict(end, code), text, seconds, tuple(protections.decode().split()))


def _run(folder: Path, output: Path, limits: Limits) -> tuple[bytes, int | None]:
    """Return what the child said on its pipe, and its exit code, None for one that ran out of time."""
    reader, writer = os.pipe()
    settings = json.dumps({**asdict(limits), "program": _PROGRAM, "pipe": writer, "finished": _FINISHED.decode()})
    command = [sys.executable, "-I", "-S", "-B", "-X", "utf8", str(_CHILD), settings]
    with os.fdopen(reader, "rb") as said:
        try:
            with output.open("wb") as sink:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd=folder, env={},
                    pass_fds=(writer,), start_new_session=True,
                )  # fmt: skip
        finally:
            os.close(writer)
        try:
            code: int | None = process.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _kill_group(process)
        return said.read(), code


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever the child has left behind, and itself."""
    with suppress(ProcessLookupError, PermissionError):  # nothing is left; on macOS the latter is said of the dead
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _verdict(end: bytes, code: int | None) -> Verdict:
    if code is None or code in _TIMES_UP:
        return Verdict.TIMED_OUT
    return Verdict.PASSED if end == _FINISHED and code == 0 else Verdict.FAILED


def _tail(path: Path, size: int) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - size))
        return stream.read(size).decode("utf-8", "replace")
