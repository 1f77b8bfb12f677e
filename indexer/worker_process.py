"""One process that parses for this one: starting it, asking it, noticing that it died.

A plain child with two pipes, and not `multiprocessing`: that would run the program's main module once more (or copy a
process in the middle of its threads), and refuses to work in daemonic processes and for scripts without a guard. What
the child does is in `parse_worker`; sharing work out among several is `parallel_parsing`.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.parse_worker import READY, receive, send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.parsing import Examined, ToExamine

WORKER_MODULE = "indexer.parse_worker"

# Not from the working folder (-P): it may be the one that is indexed, and a `signal.py` in it is not ours to run. The
# first statement keeps Ctrl-C, which reaches the whole group of processes, from ending the child before the parent
# has taken what it wants. The child then imports from where its parent does.
_START = """
import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)
import sys; sys.path[:] = sys.argv[2:]
import importlib; importlib.import_module(sys.argv[1]).main()
"""

_INTERPRETERS = ("python", "pypy")


class WorkerUnavailable(Exception):
    """No process can be started here: the caller parses itself."""


class WorkerDied(Exception):
    """The process ended before it answered; the text says how."""


class WorkerProcess:
    """A running parser; for one thread at a time. `module` has the function `main` that it runs.

    Raises WorkerUnavailable.
    """

    def __init__(self, module: str = WORKER_MODULE) -> None:
        if not can_start():
            raise WorkerUnavailable
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, module, *(path for path in sys.path if isinstance(path, str))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise WorkerUnavailable from error
        assert self._process.stdout is not None
        if self._process.stdout.read(len(READY)) != READY:
            self.close()
            raise WorkerUnavailable

    def examine(self, root: str, tasks: Sequence[ToExamine]) -> list[Examined]:
        """Return what `parsing.examine` makes of each task. Raises WorkerDied; this object is of no more use then."""
        assert self._process.stdin is not None
        try:
            send(self._process.stdin, (root, tasks))
        except OSError:
            self._bury()
        examined, notes = self._receive()
        for name, level, text in notes:
            logging.getLogger(name).log(level, "%s", text)
        return list(examined)

    def end(self) -> None:
        """End the process at once; whoever waits for its answer gets WorkerDied. May be called by another thread."""
        self._process.kill()

    def close(self) -> None:
        """End the process if it still runs, wait for it, and close the pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:  # what it still held was for a process that is gone
                continue

    def _receive(self) -> Any:  # noqa: ANN401 - what was sent
        assert self._process.stdout is not None
        try:
            message = receive(self._process.stdout)
        except OSError:
            message = None
        return self._bury() if message is None else message

    def _bury(self) -> None:
        """Raise WorkerDied, saying how."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:  # it closed its output and lives on
            code = None
        self.close()
        raise WorkerDied(_manner_of_death(code))


def can_start() -> bool:
    """Tell whether this program runs in a Python interpreter of its own, which can be started once more.

    A frozen program, or one that Python is embedded in, would start itself.
    """
    name = Path(sys.executable or "").name.lower()
    return not getattr(sys, "frozen", False) and name.startswith(_INTERPRETERS)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _manner_of_death(code: int | None) -> str:
    if code is None or code >= 0:
        return "the parser ended" if not code else f"the parser ended with code {code}"
    try:
        return f"the parser was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"the parser was ended by signal {-code}"
