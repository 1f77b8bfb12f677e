"""Questions that were written for functions: what a person might ask whom the function would help.

Authors document what code does in words close to the code; who searches has never seen it. So for some functions of
the listed sources there are questions that a language model wrote after reading the code: one as typed into a web
search engine, one as asked by somebody who works on that project. They are data, `questions.tsv.gz` beside this module:
the digest of the function, then its questions, between tabs. A team can bring a file of its own, from its logs, say.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING

from codesearch.training.corpus.errors import QuestionsUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codesearch.training.corpus.records import Example

_FILE = "questions.tsv.gz"
_DIGEST_CHARACTERS = 16  # 64 bits: among a million functions two share them once in forty million corpora
_GZIP_MAGIC = b"\x1f\x8b"

Questions = dict[str, tuple[str, ...]]


def code_digest(code: str) -> str:
    """Return by what a function is known here: the beginning of its code's SHA-256 in hexadecimal digits."""
    return hashlib.sha256(code.encode()).hexdigest()[:_DIGEST_CHARACTERS]


def read_questions(file: Path | None) -> Questions:
    """Return questions by `code_digest`, of a file of tab-separated lines, gzipped or not; None: those that come along.

    Raises QuestionsUnreadable for a file that cannot be read or a line without a digest and a question.
    """
    try:
        content = (
            (resources.files("codesearch.training.corpus") / _FILE).read_bytes() if file is None else file.read_bytes()
        )
        text = (gzip.decompress(content) if content.startswith(_GZIP_MAGIC) else content).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise QuestionsUnreadable(file, f"{type(error).__name__}: {error}") from error
    questions: Questions = {}
    for number, line in enumerate(io.StringIO(text), start=1):
        digest, *asked = (field.strip() for field in line.split("\t"))
        if len(digest) != _DIGEST_CHARACTERS or not any(asked):
            raise QuestionsUnreadable(file, f"line {number} is no digest and questions: {line.strip()[:80]!r}")
        questions[digest] = (*questions.get(digest, ()), *filter(None, asked))
    return questions


def with_questions(example: Example, questions: Mapping[str, tuple[str, ...]]) -> Example:
    """Return the example with the questions that were written for its code, if there are any."""
    asked = questions.get(code_digest(example.code), ())
    return replace(example, questions=asked) if asked else example
