"""What fingerprints see and what they do not, and the estimate of similarity against the exact one."""

from __future__ import annotations

import random

import pytest

from codesearch.training.corpus.fingerprints import GRAM, fingerprint, similarity, tokens
from tests.codesearch.training.corpus.examples import CHECKSUM, DEBOUNCE, RETRY, RETRY_WITHOUT_WORDS, SPREADSHEET


def test_tokens_by_hand() -> None:
    """Names, numbers, strings and signs in their order; no white space, no comment, no documentation."""
    code = 'def one(a):\n    """Say."""\n    # note\n    return a["b # c"] + 1.5\n'
    assert tokens(code, "python") == ["def", "one", "(", "a", ")", ":", "return", "a", "[", '"b # c"', "]", "+", "1.5"]


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("f(a) { // no\n  /* no\n no */ return 'http://x'; }", "java"),
        ("f(a) { # no\n  // no\n return 'http://x'; }", "php"),
        ("f(a) { # no\n return 'http://x'; }", "bash"),
        ("f(a) { -- no\n return 'http://x'; }", "lua"),
    ],
)
def test_comments_of_other_languages(code: str, language: str) -> None:
    """Each language's own comments go, and what looks like one in a string stays."""
    assert tokens(code, language) == ["f", "(", "a", ")", "{", "return", "'http://x'", ";", "}"]


@pytest.mark.parametrize(
    "other",
    [
        RETRY_WITHOUT_WORDS,
        RETRY.replace("    ", "\t"),
        RETRY.replace("\n", "\r\n"),
        RETRY.replace('"""', "'''"),
        RETRY_WITHOUT_WORDS.replace(":\n", ":\n    'Send again.'\n", 1),
        "@backoff.on(OSError, tries=(1, 2))\n@logged\n" + RETRY,
        "    " + RETRY.replace("\n", "\n    "),
    ],
)
def test_exact_sees_only_the_code(other: str) -> None:
    """White space, comments, documentation and decorators make no difference."""
    assert fingerprint(other, "python") == fingerprint(RETRY, "python")


def test_exact_sees_every_name() -> None:
    """Another name is another function, but of the same body."""
    one, other = fingerprint(RETRY, "python"), fingerprint(RETRY.replace("retry_upload", "resend"), "python")
    assert one.exact != other.exact
    assert one.body == other.body != b""


def test_body_does_not_see_what_stands_before_it() -> None:
    """Export, visibility, types and default values are the signature's."""
    moved = DEBOUNCE.replace("export function debounce(call, wait)", "debounce = function ({call}, wait = {ms: 9})")
    assert moved != DEBOUNCE
    assert fingerprint(moved, "javascript").body == fingerprint(DEBOUNCE, "javascript").body != b""


def test_short_bodies_have_no_fingerprint() -> None:
    """Getters are alike by chance."""
    assert fingerprint("int size() { return this.size; }", "java").body == b""
    assert fingerprint("int size() { return this.size; }", "java").renamed == b""


def test_renamed_code_is_the_same() -> None:
    """Consistent renaming is seen through; exchanging two names is not the same code."""
    renamed = SPREADSHEET
    for old, new in (
        ("read_table", "Func"),
        ("rows", "var_0"),
        ("stream", "arg_2"),
        ("fields", "z"),
        ("path", "arg_0"),
    ):
        renamed = renamed.replace(old, new)
    one = fingerprint(SPREADSHEET, "python")
    assert fingerprint(renamed, "python").renamed == one.renamed != b""
    assert fingerprint(renamed, "python").exact != one.exact
    swapped = SPREADSHEET.replace("in line.strip", "in rows.strip").replace("= line.strip", "= rows.strip")
    assert fingerprint(swapped, "python").renamed != one.renamed


def test_similarity_estimates_jaccard() -> None:
    """Against the exact similarity of the sets of 5-grams, within three standard errors of 64 samples on the mean."""
    generator = random.Random(7)
    words = [f"w{number}" for number in range(40)]
    errors = []
    for edits in range(0, 60, 2):
        first = [generator.choice(words) for _ in range(200)]
        second = list(first)
        for _ in range(edits):
            second[generator.randrange(200)] = generator.choice(words)
        sets = [{tuple(some[i : i + GRAM]) for i in range(len(some) - GRAM + 1)} for some in (first, second)]
        exact = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
        sketches = [fingerprint(" ".join(some), "java").sketch for some in (first, second)]
        errors.append(similarity(*sketches) - exact)
    assert abs(sum(errors) / len(errors)) < 0.035
    assert max(map(abs, errors)) < 0.25


def test_different_functions_are_not_similar() -> None:
    """Two real functions share hardly a 5-gram."""
    assert similarity(fingerprint(RETRY, "python").sketch, fingerprint(SPREADSHEET, "python").sketch) < 0.1
    assert similarity(fingerprint(CHECKSUM, "go").sketch, fingerprint(CHECKSUM, "go").sketch) == 1.0


@pytest.mark.parametrize("code", ["", "\n", "x", '"""', "def f(:\n", "\ud800 = 1", "/* never closed", "(" * 5000])
def test_odd_code_has_fingerprints(code: str) -> None:
    """Nothing is raised for any text."""
    for language in ("python", "java", "ruby", "php", "lua", "klingon"):
        assert len(fingerprint(code, language).exact) == 16
