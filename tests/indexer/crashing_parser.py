"""A worker's main function, for tests: the real one, with a `split` that ends the process for texts that ask for it."""

from __future__ import annotations

import logging
import os
import signal
from pathlib import Path

from indexer import parse_worker, parsing

_real_split = parsing.split


def main() -> None:
    """Run the worker."""
    parsing.split = _split
    parse_worker.main()


def _split(source: bytes, language: str):
    if b"CRASH" in source:
        os.kill(os.getpid(), signal.SIGKILL)
    if b"EXIT" in source:
        os._exit(3)
    if b"ONCE:" in source:  # ends the first process that reads it: what follows is the path of a file to make
        mark = Path(source.split(b"ONCE:")[1].split()[0].decode())
        if not mark.exists():
            mark.touch()
            os._exit(1)
    if b"PRINT" in source:
        print("a library that talks", flush=True)  # noqa: T201
    if b"WARN" in source:
        logging.getLogger("indexer.grammars").warning("odd: %s", language)
    return _real_split(source, language)
