"""Runs one command and says what it took.

A process of its own that imports next to nothing: the kernel counts the memory of a process from its fork on, so that
a large parent would be counted with its children.
Called as `launcher.py FILE COMMAND...`; FILE becomes JSON with `seconds`, `peak_bytes` and `code`.
"""

from __future__ import annotations

import json
import os
import sys
import time

_BYTES_PER_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Run the command with the standard streams of this process."""
    file, *command = sys.argv[1:]
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    taken = time.perf_counter() - started
    peak = usage.ru_maxrss * _BYTES_PER_RSS_UNIT
    with open(file, "w", encoding="utf-8") as output:
        json.dump({"seconds": taken, "peak_bytes": peak, "code": os.waitstatus_to_exitcode(status)}, output)


if __name__ == "__main__":
    main()
