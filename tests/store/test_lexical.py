"""Splitting of identifiers and texts, compared with tables worked out by hand."""

from __future__ import annotations

import hashlib

import pytest

from store.lexical import STOP_WORDS, indexed_text, query_terms, split_identifier, terms
from store.tables import SCHEMA_VERSION


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("readFile", "read file"),
        ("read_file", "read file"),
        ("READ_FILE", "read file"),
        ("__init__", "init"),
        ("HTTPServer", "http server"),
        ("parseHTTPResponse2", "parse http response 2"),
        ("sha256sum", "sha 256 sum"),
        ("URLs", "urls"),
        ("parseURLsFast", "parse urls fast"),
        ("userIDs", "user ids"),
        ("x", "x"),
        ("X", "x"),
        ("IOError", "io error"),
        ("Größe", "größe"),
        ("straßenName", "straßen name"),
        ("ÜberHTTPÄnderung", "über http änderung"),
        ("имяФайла", "имя файла"),
        ("获取用户", "获取 取用 用户"),
        ("get用户Name", "get 用户 name"),
        ("表", "表"),
        ("_", ""),
    ],
)
def test_identifiers_are_split(identifier: str, parts: str) -> None:
    """An identifier is split at underscores, changes of case, digits and changes of script."""
    assert split_identifier(identifier) == tuple(parts.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("getUser", "get user getuser"),
        ("get_user", "get user getuser"),
        ("get user", "get user"),
        ("a.b->cD(1)", "a b c d cd 1"),
        ("", ""),
        ("()[]{}!?\"'*:^", ""),
        ("cafe\u0301", "café"),  # composed: one word, and the accent is the tokenizer's affair
        ("\uff26\uff55\uff4c\uff4c", "full"),
        ("x" * 129, ""),  # data, not a word
        ("a" * 128, "a" * 128),
        ("\ud800 broken \udc80", "broken"),
    ],
)
def test_terms(text: str, expected: str) -> None:
    """A text becomes the parts of its identifiers, each followed by the whole; data and signs are left out."""
    assert terms(text) == expected.split()
    assert indexed_text(text) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("where do we retry failed uploads?", ["retry", "failed", "uploads"]),
        ("what is it", ["what", "is", "it"]),  # nothing else: they are asked
        ("retry RETRY retry", ["retry"]),
        ("", []),
        ("?!", []),
    ],
)
def test_query_terms(query: str, expected: list[str]) -> None:
    """Stop words and repetitions are dropped, but never all of the words."""
    assert query_terms(query) == expected


def test_stop_words_are_single_terms() -> None:
    """Each stop word is what splitting makes of it: otherwise it would never be met."""
    assert all(terms(word) == [word] for word in STOP_WORDS)


def test_splitting_belongs_to_the_format() -> None:
    """What splitting makes of a sample is the same as when this version of the format was fixed.

    If this fails, libraries on disk hold other words than are asked now: raise SCHEMA_VERSION, then pin anew.
    """
    sample = "def parseHTTPResponse2(self, raw_bytes): return URLs[_x] + Größe + 获取用户 # sha256 of the READ_ONLY"
    pinned = {1: "2180c0906ae91f3e"}
    assert hashlib.sha256(indexed_text(sample).encode()).hexdigest()[:16] == pinned[SCHEMA_VERSION]
