"""Reading questions to real repositories: a folder with `repos.json`, and a file of questions for each repository.

`repos.json` lists {name, language, benchmark_root, revision}: the folder of the checkout that is searched (all of it
where there is none), and the commit that the answers were found in. `NAME.jsonl[.gz]` has {query, relevant, secondary,
category}; what is in `secondary`, which may be left out, is as relevant. How places are written is said in `truth`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesearch.errors import EvaluationFolderInvalid
from codesearch.evaluation.json_lines import Row, read_rows
from codesearch.evaluation.truth import RelevantPlace, read_place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

REPOSITORIES_FILE = "repos.json"


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its kind ("" for none) and the places that answer it, each once; there is at least one."""

    text: str
    category: str
    places: tuple[RelevantPlace, ...]


@dataclass(frozen=True, slots=True)
class RepositoryQuestions:
    """The questions to one repository; `searched` is the folder of its checkout that is searched, "" for all."""

    name: str
    language: str
    searched: str
    revision: str
    questions: tuple[Question, ...]


def read_questions(folder: Path, only: Sequence[str] = ()) -> tuple[RepositoryQuestions, ...]:
    """Read the questions in `folder`, to all repositories or to those named. Raises EvaluationFolderInvalid."""
    listed = _read_list(folder)
    unknown = sorted(set(only) - {str(entry.get("name")) for entry in listed})
    if unknown:
        raise EvaluationFolderInvalid(folder, f"{REPOSITORIES_FILE} has no repository {', '.join(unknown)}")
    chosen = [entry for entry in listed if not only or str(entry.get("name")) in only]
    if not chosen:
        raise EvaluationFolderInvalid(folder, f"{REPOSITORIES_FILE} lists no repository")
    return tuple(_questions_of(folder, entry) for entry in chosen)


def _read_list(folder: Path) -> list[Row]:
    path = folder / REPOSITORIES_FILE
    if not path.is_file():
        raise EvaluationFolderInvalid(folder, f"{REPOSITORIES_FILE} is missing")
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationFolderInvalid(folder, f"{REPOSITORIES_FILE}: {error}") from error
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise EvaluationFolderInvalid(folder, f"{REPOSITORIES_FILE} is not a list of objects")
    return [Row(folder, f"{REPOSITORIES_FILE}, entry {number}", entry) for number, entry in enumerate(listed, 1)]


def _questions_of(folder: Path, entry: Row) -> RepositoryQuestions:
    name = str(entry.field("name"))
    questions = tuple(_question(row) for row in read_rows(folder, name))
    if not questions:
        raise EvaluationFolderInvalid(folder, f"there is no question to {name}")
    return RepositoryQuestions(
        name=name,
        language=str(entry.get("language") or ""),
        searched=str(entry.get("benchmark_root") or ""),
        revision=str(entry.get("revision") or ""),
        questions=questions,
    )


def _question(row: Row) -> Question:
    text = str(row.field("query"))
    entries = row.field("relevant")
    secondary = row.get("secondary") or []
    if not isinstance(entries, list) or not isinstance(secondary, list):
        raise row.wrong(f"the places that answer {text!r} are not a list")
    places = [read_place(entry) for entry in (*entries, *secondary)]
    known = tuple(dict.fromkeys(place for place in places if place is not None))
    if len(known) == 0 or None in places:
        raise row.wrong(f"the question {text!r} needs places that answer it")
    if not any(character.isalnum() for character in text):
        raise row.wrong(f"the question {text!r} has no letter and no digit")
    return Question(text, str(row.get("category") or ""), known)
