"""The two streams of the process: results go to stdout, everything else goes to stderr.

Knows encodings, terminals and colour; knows nothing of what is written.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, RenderableType


class Color(StrEnum):
    """When the output is coloured."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def open_closed() -> None:
    """Let a stream that was closed before we began lead nowhere: Python has None for it, and files get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (it is to stay open)


def make_robust() -> None:
    """Let both streams replace what they cannot encode (unpaired surrogates, narrow consoles) instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def write(text: str) -> None:
    """Write a result: text and a line end, to stdout."""
    sys.stdout.write(f"{text}\n")


def flush() -> None:
    """Send what was written on its way, so that a reader who is gone is noticed now and not at the very end."""
    sys.stdout.flush()


def note(text: str) -> None:
    """Write one line that is no result, to stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def note_on_terminal(text: str) -> None:
    """Write one line to stderr where a person reads it, and nothing elsewhere."""
    if sys.stderr.isatty():
        note(text)


def error(text: str) -> None:
    """Write a sentence about what went wrong to stderr; its prefix is red on a terminal."""
    prefix = "error:"
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        prefix = typer.style(prefix, fg="red", bold=True)
    note(f"{prefix} {text}")


def close_quietly() -> None:
    """Give up stdout when its reader has gone or its disk is full, so that nothing complains when the process ends."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()  # what can be
    with contextlib.suppress(OSError):  # a stdout without a file descriptor has no pipe either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def wants_rich(color: Color) -> bool:
    """Return whether results are for a person's eyes: stdout is a terminal, or colour was asked for."""
    return color is Color.ALWAYS or sys.stdout.isatty()


def console_for(color: Color, stream: TextIO | None = None) -> Console:
    """Return a rich console on stdout (or `stream`) that colours as asked; `NO_COLOR` counts unless color is always."""
    from rich.console import Console

    uncoloured = color is Color.NEVER or (color is Color.AUTO and bool(os.environ.get("NO_COLOR")))
    target = stream or sys.stdout
    return Console(
        file=target,
        force_terminal=color is Color.ALWAYS or target.isatty(),  # else rich would take FORCE_COLOR for a terminal
        no_color=uncoloured,
        highlight=False,
        emoji=False,
        markup=False,
    )


def write_lines(lines: Iterable[RenderableType], color: Color) -> None:
    """Write lines of a report to stdout, each as long as it is."""
    console = console_for(color)
    for line in lines:
        console.print(line, soft_wrap=True)
