"""What is worth learning from: the paper's filters and what goes with them, each with a name that reports count by.

The paper (CodeT5+, section 4.1 and appendix) drops queries of fewer than 3 or more than 256 tokens and follows
CodeSearchNet (Husain et al., 2019, section 2): functions of at least three lines, no tests, no constructors and
standard methods, no near-duplicates. A function whose documentation is not good enough is still a function: it becomes
unimodal. Duplicates are `near_duplicates`' part, judged sets `overlap`'s, generated and minified files the indexer's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from store import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_WORDS, MOST_WORDS = 3, 256  # of documentation (CodeT5+, fine-tuning of retrieval)
LEAST_LINES, MOST_LINES = 3, 400  # of code, blank ones not counted; the first is CodeSearchNet's
LEAST_PHRASE, MOST_PHRASE = 3, 20  # words of a comment inside a function that may stand for a question
MOST_COMMENTS = 4  # of one function

FUNCTION_KINDS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CONSTRUCTOR, Kind.MACRO})

_ASCII_SHARE = 0.9  # of the letters; a name or two with accents stay above it in a sentence
_LETTER_SHARE = 0.55  # of all characters; a formula, a path or a table is below it, prose about 0.8
_SENTENCE_WORDS = 9  # a text this long in English has one of the words below
_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at be by can does for from has have if in into is it its not of on or returns return that
        the then this to used using when whether which will with you your all each no""",
    )
)
_CODE_SIGNS = re.compile(
    r"[;{}]\s*$|\w\(.*\)\s*;|^\s*(?:if|for|while)\s*\(|^\s*(?:def|func|function|var|let|const)\s\w+\s*[=(]|==|&&|\|\|"
)
_NO_DESCRIPTION = re.compile(
    r"""^(?:
        (?:todo|fixme|xxx|hack|note\ to\ self)\b
      | \{?@?inherit-?doc | \(non-javadoc\) | :nodoc: | missing\ documentation | undocumented
      | see\ (?:also\b|base\ class|super|the\ parent|above\b|below\b)
      | (?:the\ )?(?:copyright|licen[cs]e) | licen[cs]ed\ (?:to|under) | all\ rights\ reserved | spdx
      | (?:auto-?|automatically[ ])generated | generated\ (?:by|from)
      | this\ (?:code|method|function)\ was\ generated
      | (?:a\ )?(?:helper|internal|private|public|static)\ (?:function|method|api|use)?\W*$
      | (?:eslint|jshint|jslint|istanbul|tslint|prettier|pylint|noqa|nolint|nosec|rubocop|phpcs|clang-format|go:|lint:)
      | type: | deprecated\b\W*$ | \#?(?:region|endregion|pragma)\b | -\*- | vim?:
      | (?:getter|setter|constructor|destructor|default\ constructor)s?\b.{0,12}$
      | class:\s+\w+\s+method:
      | (?:tests?|test\ case|testing|verif(?:y|ies)\ that\ the\ test)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_TEST_PATH = re.compile(
    r"(?:^|/)(?:tests?|testing|spec|specs|testdata|test_?utils|__tests__|__mocks__|mocks?|fixtures?|benchmarks?|e2e)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*_test|[^/]*[._-](?:test|spec)s?|conftest|[^/]*(?<=[a-z])Tests?)\.\w+$",
)
_TEST_NAME = re.compile(r"^(?:test(?:_|[A-Z]|$)|Test[A-Z_]|Benchmark[A-Z]|it_|should_)")
_VENDORED = re.compile(
    r"(?:^|/)(?:_?vendor(?:ed)?|third[-_]?party|3rd[-_]?party|externals?|extern|_?bundled|node_modules|contrib/3rdparty"
    r"|Godeps|site-packages|submodules?|deps)/"
)
_COSTLY = (".pl", ".pm")  # the parser takes gigabytes for some of them, and few are documented
_DUNDER = re.compile(r"^__\w+__$|^__\w+$(?<=__construct|___destruct)")
_STANDARD = frozenset(
    {
        *("toString", "hashCode", "equals", "clone", "finalize", "compareTo", "ToString", "GetHashCode", "Equals"),
        *("Dispose", "String", "GoString", "Error", "initialize", "inspect", "to_s", "constructor", "main"),
    }
)
_WORD = re.compile(r"\S*[^\W\d_]\S*")


def words(text: str) -> list[str]:
    """Return the words of prose: what stands between blanks and has a letter in it; a name is one word."""
    return _WORD.findall(text)


def why_not_documentation(documentation: str) -> str:
    """Return which filter drops a documentation paragraph, or "" for one to learn from."""
    if not documentation:
        return "no documentation"
    count = len(words(documentation))
    if count < LEAST_WORDS:
        return "documentation too short"
    if count > MOST_WORDS:
        return "documentation too long"
    if _NO_DESCRIPTION.match(documentation):
        return "documentation describes nothing"
    return _why_not_english(documentation)


def why_not_function(kind: Kind, name: str, code: str) -> str:
    """Return which filter drops a function altogether, or ""."""
    if kind not in FUNCTION_KINDS:
        return "not a function"
    if not name or name == "<anonymous>":
        return "no name"
    lines = sum(bool(line.strip()) for line in code.splitlines())
    if lines < LEAST_LINES:
        return "code too short"
    return "code too long" if lines > MOST_LINES else ""


def why_not_pair(kind: Kind, name: str) -> str:
    """Return why a function, however well it is documented, is no answer to a question, or ""."""
    if _TEST_NAME.match(name):
        return "test function"
    if kind is Kind.CONSTRUCTOR:
        return "constructor"
    return "standard method" if _DUNDER.match(name) or name in _STANDARD else ""


def why_not_file(path: str) -> str:
    """Return why the functions of a file are left out by its path, or "".

    Tests repeat what they test; a file that belongs to another project that this one carries along has a licence and
    an origin that are not known here.
    """
    if _VENDORED.search(path):
        return "vendored"
    if _TEST_PATH.search(path):
        return "test"
    return "Perl" if path.endswith(_COSTLY) else ""


def phrases(comments: Iterable[str]) -> tuple[str, ...]:
    """Return the comments of a function that read like phrases, the first `MOST_COMMENTS` of them, on one line each."""
    kept: list[str] = []
    for comment in comments:
        text = " ".join(comment.split())
        if LEAST_PHRASE <= len(words(text)) <= MOST_PHRASE and not why_not_documentation(text) and text not in kept:
            kept.append(text)
    return tuple(kept[:MOST_COMMENTS])


def _why_not_english(text: str) -> str:
    letters = [character for character in text if character.isalpha()]
    if sum(letter.isascii() for letter in letters) < _ASCII_SHARE * len(letters):
        return "documentation not English"
    if _CODE_SIGNS.search(text) or len(letters) < _LETTER_SHARE * len(text):
        return "documentation is code"
    found = [word.lower().strip(".,:;!?()\"'") for word in words(text)]
    if len(found) >= _SENTENCE_WORDS and _ENGLISH.isdisjoint(found):
        return "documentation not English"
    return ""
