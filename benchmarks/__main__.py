"""The command: `python -m benchmarks [--quick | --full] [--only embedding,searching] [--repository FOLDER]`.

Measures what is asked, writes one JSON file below benchmarks/results and prints the report of it. `--peers` (or the
variable BENCH_PEERS) is the Python of the peers' virtual environment; without it their rows say so. `--repository` (or
BENCH_REPOSITORY) is a folder whose files are indexed in place of the files of installed packages.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import logging
import os
import re
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import settings
from benchmarks.figures import CODESEARCH, Figure, Run, write_run
from benchmarks.machine import describe
from benchmarks.report import markdown
from benchmarks.timing import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = Path(__file__).parent / "results"
_PATH = re.compile(r"(?:/[^\s/:'\"]+){2,}")
QUESTIONS = ("embedding", "indexing", "searching", "vectors")


def main(arguments: list[str] | None = None) -> Path:
    """Measure, write and report; return the file of the run."""
    asked = _parser().parse_args(arguments)
    sizes = settings.FULL if asked.full else settings.QUICK if asked.quick else settings.DEFAULT
    machine = describe()
    figures = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as work:
        chosen = settings.Settings(sizes, asked.repository, Path(work), asked.peers)
        for question in asked.only:
            for figure in _measured(question, chosen):
                value = figure.note if figure.value is None else f"{figure.value:.4g} {figure.unit}"
                size = f" ({figure.size:,} {figure.size_unit})" if figure.size else ""
                sys.stderr.write(f"{question}: {figure.subject}: {figure.name}{size}: {value}\n")
                figures.append(figure)
    kind = "full" if asked.full else "quick" if asked.quick else "default"
    described: dict[str, str | int | bool] = {"sizes": kind, "own_repository": asked.repository is not None}
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    run = Run(date, machine, described, tuple(figures))
    file = RESULTS / f"{date}-{asked.name}.json"
    write_run(run, file)
    sys.stdout.write(markdown(run))
    return file


def _measured(question: str, chosen: settings.Settings) -> Iterator[Figure]:
    """Yield the figures of one question; where a command fails, why instead of the rest. No note names a path."""
    try:
        for figure in import_module(f"benchmarks.{question}").measure(chosen):
            yield dataclasses.replace(figure, note=_PATH.sub("...", figure.note))
    except CommandFailed as error:
        yield Figure(question, CODESEARCH, "what follows", None, "", note=_PATH.sub("...", str(error)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, allow_abbrev=False)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="two minutes on two cores")
    size.add_argument("--full", action="store_true", help="an hour, with a million vectors")
    parser.add_argument("--only", type=_questions, default=QUESTIONS, help=f"some of {','.join(QUESTIONS)}")
    parser.add_argument("--repository", type=Path, default=_path("BENCH_REPOSITORY"))
    parser.add_argument("--peers", type=Path, default=_path("BENCH_PEERS"))
    parser.add_argument("--name", type=_name, default="run", help="what the file is called, after the date")
    return parser


def _questions(text: str) -> tuple[str, ...]:
    asked = tuple(text.split(","))
    if unknown := set(asked) - set(QUESTIONS):
        raise argparse.ArgumentTypeError(f"no such question: {', '.join(sorted(unknown))}")
    return asked


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+", text):
        raise argparse.ArgumentTypeError("a name is made of a to z, 0 to 9 and -")
    return text


def _path(variable: str) -> Path | None:
    return Path(os.environ[variable]) if os.environ.get(variable) else None


if __name__ == "__main__":
    logging.disable(logging.INFO)
    main()
