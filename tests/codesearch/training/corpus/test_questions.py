"""Questions that were written for functions: read from a file, found by the code, and those that come along."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from codesearch.training.corpus import read_questions
from codesearch.training.corpus.errors import QuestionsUnreadable
from codesearch.training.corpus.questions import code_digest, with_questions
from codesearch.training.corpus.records import from_line, to_line
from tests.codesearch.training.examples import LOAD

DIGEST = hashlib.sha256(LOAD.code.encode()).hexdigest()[:16]


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_questions_are_found_by_the_code(tmp_path, compress):
    """A function gets the questions of its digest, from all lines with it; another function none."""
    file = tmp_path / "asked.tsv"
    lines = f"{DIGEST}\tread settings\twhere is it parsed\n{'0' * 16}\tother\n{DIGEST}\t grüße lesen \t\n"
    file.write_bytes(compress(lines.encode()))
    questions = read_questions(file)
    assert code_digest(LOAD.code) == DIGEST
    asked = with_questions(LOAD, questions)
    assert asked.questions == ("read settings", "where is it parsed", "grüße lesen")
    assert from_line(to_line(asked)) == asked
    assert with_questions(LOAD, {"0" * 16: ("other",)}) is LOAD


@pytest.mark.parametrize(
    "content",
    [b"abc\tread it\n", f"{DIGEST}\t\n".encode(), b"\xff\xfe", b"\x1f\x8bno", gzip.compress(b"")[:10] + b"\xff" * 9],
)
def test_what_is_no_file_of_questions(tmp_path, content):
    """A line without a digest or without a question, and what is no text, is refused with the file's name."""
    file = tmp_path / "asked.tsv"
    file.write_bytes(content)
    with pytest.raises(QuestionsUnreadable) as caught:
        read_questions(file)
    assert caught.value.path == file
    with pytest.raises(QuestionsUnreadable):
        read_questions(tmp_path / "none")


def test_those_that_come_along():
    """Every question that comes along is a phrase of two words or more, and no function has the same one twice."""
    questions = read_questions(None)
    assert len(questions) > 15_000
    for asked in questions.values():
        assert len({*asked}) == len(asked)
        assert all(len(question.split()) > 1 for question in asked)
