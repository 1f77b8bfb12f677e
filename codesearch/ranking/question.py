"""What a question says besides its words: which identifiers it names, and whether it is about tests.

Also makes words comparable: `word_stems` is used alike for questions, names and paths. The stems here are cruder than
those of the lexical index, since they only compare a question with a name of a few words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from store import STOP_WORDS, split_identifier

# The endings that separate "route", "routes", "router" and "routing", or "validate" and "validation"; longest first.
_ENDING_LIST = "ations ation ators ator ating ated ates ate ions ion ings ing ers er ors or ed es s e"
_ENDINGS = tuple(_ENDING_LIST.split())
_SHORTEST_STEM = 3
_CACHED_TEXTS = 50_000

# Han, kana and Hangul are written up to an identifier without a space between: "parse_url在哪里", "parse_url을".
_EAST_ASIAN = (
    r"\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
)

_WORD = re.compile(r"\w+")
_EAST_ASIAN_CHARACTER = re.compile(f"[{_EAST_ASIAN}]")
_IDENTIFIER = re.compile(rf"[^\W{_EAST_ASIAN}]+(?:(?:\.|::?|->|\#)[^\W{_EAST_ASIAN}]+)*")
_QUALIFIER = re.compile(r"\.|::?|->|\#")
_BACKTICKED = re.compile(r"(`+)([^`\n]+)\1")
_CALLED = re.compile(r"[!?]?\((?!e?s\))[^\s()]*(?:,\s*[^\s()]+)*\)")  # behind a name; not "the function(s)"
_WRITTEN_AS_CODE = re.compile(r"[a-z0-9][A-Z]|\w_\w|\w(?:\.|::?|->|\#)\w")

_TEST_WORD_LIST = """
    test tests testing tested spec specs mock mocks fixture fixtures testdata
    example examples sample samples demo demos benchmark benchmarks bench
"""
TEST_WORDS = frozenset(_TEST_WORD_LIST.split())


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the signals see it.

    `stems` are those of its words; `identifiers` are the names it spells as code does (`parse_url`, `Client.send`), and
    any question of one word is such a name; `mentioned` are other words that it calls (`send()`) or puts between
    backticks; `about_tests` says whether tests, examples or benchmarks are asked for.
    """

    stems: frozenset[str]
    identifiers: tuple[str, ...]
    mentioned: tuple[str, ...]
    about_tests: bool


def read_question(query: str) -> Question:
    """Return the question that the text of a query asks."""
    return Question(
        stems=word_stems(query),
        identifiers=_identifiers(query),
        mentioned=_mentioned(query),
        about_tests=not TEST_WORDS.isdisjoint(_WORD.findall(query.lower())),
    )


def is_east_asian(text: str) -> bool:
    """Return whether a text has Han, kana or Hangul: then a run without spaces may be a sentence."""
    return _EAST_ASIAN_CHARACTER.search(text) is not None


def _identifiers(query: str) -> tuple[str, ...]:
    names = _IDENTIFIER.findall(query)
    if len(names) == 1 and not _WORD.search(query.replace(names[0], "", 1)):
        return tuple(names)
    words = _WORD.findall(query)
    if len(words) > 1 or not is_east_asian(query):  # one word in those scripts: a name, or a sentence with names in it
        words = []
    return tuple(dict.fromkeys([*words, *filter(_WRITTEN_AS_CODE.search, names)]))


def _mentioned(query: str) -> tuple[str, ...]:
    quoted = [match.span(2) for match in _BACKTICKED.finditer(query)]
    names: dict[str, None] = {}
    for match in _IDENTIFIER.finditer(query):
        name = match.group()
        alone = any(query[start:end].strip().rstrip("()!?") == name for start, end in quoted)
        if (alone or _CALLED.match(query, match.end())) and not _WRITTEN_AS_CODE.search(name):
            names[name] = None
    return tuple(names)


@lru_cache(maxsize=_CACHED_TEXTS)
def word_stems(text: str) -> frozenset[str]:
    """Return the stems of the words in a text, identifiers split, without the words that only carry a sentence."""
    parts = (part for identifier in _WORD.findall(text) for part in split_identifier(identifier))
    return frozenset(stem(part) for part in parts if part not in STOP_WORDS)


def stem(word: str) -> str:
    """Return a lower-case word without its ending: "routing" and "routes" become "rout", "running" "run"."""
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= _SHORTEST_STEM), "")
    rest = word.removesuffix(ending)
    if rest.endswith("y"):  # "copy", "copies" and "copied"
        rest = rest[:-1] + "i"
    return rest[:-1] if len(rest) > _SHORTEST_STEM and rest[-1] == rest[-2] else rest


@lru_cache(maxsize=_CACHED_TEXTS)
def last_name(identifier: str) -> str:
    """Return the last part of a qualified name: `send` of `HttpClient.send`."""
    return _QUALIFIER.split(identifier)[-1]


@lru_cache(maxsize=_CACHED_TEXTS)
def folded(identifier: str) -> str:
    """Return an identifier in the one spelling of `getUser`, `get_user` and `GetUser`; `.` separates its parts."""
    return _QUALIFIER.sub(".", identifier).replace("_", "").lower()
