"""The console script: it takes Ctrl-C over before anything else is loaded, and then runs `main`.

What a command does when it is stopped is the business of `boundary`; here is where nothing of it runs yet or any more,
or where the exception that Ctrl-C raises would do harm.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

STOPPED = 130  # as in `errors`, which is not loaded yet

# Where Python itself imports. An exception that is raised there may be lost, as one in the callback of a weak reference
# is, and the lock of all imports kept: the thread that loads the model then waited for it for ever.
_IMPORTING = "<frozen importlib"

_SHOW_CURSOR = b"\x1b[?25h"  # progress bars hide it


def main() -> None:
    """Run the command line and end the process with its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else who started us wants it to be ignored
        signal.signal(signal.SIGINT, interrupt)
    try:
        from cli.main import main as run

        run()
    except KeyboardInterrupt:
        end_at_once()
    finally:
        if signal.getsignal(signal.SIGINT) is interrupt:
            signal.signal(signal.SIGINT, end_at_once)  # all was said and written


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt in what the process is doing; in the middle of an import, end it at once."""
    if frame is not None and frame.f_code.co_filename.startswith(_IMPORTING):
        end_at_once(number, frame)
    raise KeyboardInterrupt


def end_at_once(number: int = signal.SIGINT, frame: FrameType | None = None) -> NoReturn:  # noqa: ARG001 (a signal's handler)
    """End the process: what was saved stays saved, and processes that parse for this one end with it."""
    try:
        if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb":
            os.write(2, _SHOW_CURSOR)
        os.write(2, b"stopped\n")
    finally:
        os._exit(STOPPED)
