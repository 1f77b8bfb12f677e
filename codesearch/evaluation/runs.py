"""Runs of the search that were kept: a JSON file for each, named for when it was, what was asked and of which model.

A run is the document that `codesearch eval search --json` or `eval repositories --json` prints; a kept one begins with
when and where it was made. What two runs say of each other is in `comparison`, of many in `history`.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from codesearch.errors import RunUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE_MOMENT = "%Y-%m-%dT%H-%M-%S"  # without colons, which Windows has no files with; sorted as text is by date
_UNFIT = re.compile(r"[^A-Za-z0-9.+-]+")  # of a file's name
_NO_MODEL = "words"  # of a run that needed no model


@dataclass(frozen=True, slots=True)
class RunQuery:
    """A query of a run; `repository` is "" in a judged set."""

    id: str
    query: str
    repository: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run: `modes` maps a mode to its metrics, `values` to each metric's values in the order of `asked`.

    `moment` is None, `version` "" and `cores` 0 for a document that was not kept by `keep_run`; `asked` is empty in one
    of an older version. `repositories` tells a run over real repositories from one of a judged set.
    """

    path: Path
    set: str
    model: str
    repositories: bool
    modes: dict[str, dict[str, float]]
    asked: tuple[RunQuery, ...]
    values: dict[str, dict[str, list[float]]]
    moment: datetime | None
    version: str
    cores: int


def keep_run(folder: Path, document: Mapping[str, Any], moment: datetime) -> Path:
    """Write a run into `folder`, which is made, and return its file; `moment` must know its time zone.

    Added are the date, the version of codesearch and the number of the machine's cores. A second run of the same second
    gets a number.
    """
    from codesearch import __version__

    head = {"date": moment.isoformat(timespec="seconds"), "version": __version__, "cores": os.cpu_count() or 0}
    text = json.dumps({**head, **document}, default=str)
    folder.mkdir(parents=True, exist_ok=True)
    model = str(document.get("model") or "").partition("@")[0] or _NO_MODEL
    parts = (moment.strftime(_FILE_MOMENT), str(document.get("set", "")), model.rstrip("/").rpartition("/")[2])
    stem = "_".join(_UNFIT.sub("-", part) for part in parts)
    for number in range(1, 1_000):
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}.json"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(f"{text}\n")
        except FileExistsError:
            continue
        return path
    raise RunUnreadable(folder, "it has a thousand runs of this second")


def read_run(path: Path) -> Run:
    """Read the run in a file. Raises RunUnreadable."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunUnreadable(path, "there is no such file") from error
    except (OSError, ValueError) as error:
        raise RunUnreadable(path, f"it is not JSON ({error})") from error
    if not isinstance(document, dict) or not isinstance(document.get("modes"), dict) or not document["modes"]:
        raise RunUnreadable(path, "it has no figures of modes")
    try:
        return _run(path, document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunUnreadable(path, f"its fields are not those of a run ({error})") from error


def kept_runs(folder: Path) -> list[Run]:
    """Return the runs in a folder, the oldest first; files that are none are left out. Raises RunUnreadable."""
    if not folder.is_dir():
        raise RunUnreadable(folder, "there is no such folder")
    runs = []
    for path in sorted(folder.glob("*.json")):
        try:
            run = read_run(path)
        except RunUnreadable:
            continue
        if run.moment is not None:
            runs.append(run)
    if not runs:
        raise RunUnreadable(folder, "no run was kept in it")
    return sorted(runs, key=lambda run: (run.moment, run.path.name))


def _run(path: Path, document: dict[str, Any]) -> Run:
    asked = tuple(
        RunQuery(str(one["id"]), str(one["query"]), str(one.get("repository", ""))) for one in document.get("asked", ())
    )
    values = {
        mode: {metric: [float(value) for value in its] for metric, its in metrics.items()}
        for mode, metrics in document.get("values", {}).items()
    }
    if any(len(its) != len(asked) for metrics in values.values() for its in metrics.values()):
        raise ValueError("a value for each query")
    date = document.get("date")
    return Run(
        path=path,
        set=str(document["set"]),
        model=str(document.get("model", "")),
        repositories="repositories" in document,
        modes={mode: {name: float(value) for name, value in its.items()} for mode, its in document["modes"].items()},
        asked=asked,
        values=values,
        moment=None if date is None else datetime.fromisoformat(date).astimezone(),
        version=str(document.get("version", "")),
        cores=int(document.get("cores", 0)),
    )
