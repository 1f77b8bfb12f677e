"""What people type when they look for a function, made from what its author wrote about it.

Documentation is complete sentences about the code; people type keywords, questions, names and fragments. A model
that saw nothing but documentation ranks well for documentation only, so each example is asked for in several styles,
drawn anew each time it is seen. Everything is made from the example's own words; nothing is looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from store import STOP_WORDS, split_identifier

if TYPE_CHECKING:
    import random

    from codesearch.training.corpus import Example

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`'\"])")
_WORD = re.compile(r"[^\W_]+(?:[-_.'][^\W_]+)*")
_ARTICLES = re.compile(r"\b(?:the|an?|this|that|these|given|specified|provided|its|their)\s+", re.IGNORECASE)
_WHETHER = re.compile(r"^(?:returns?|checks?|tests?|determines?|tells?|verify|verifies)\s+(?:true\s+)?(?:if|whether|when|that)\s+")
_THIRD_PERSON = re.compile(r"^(\w+?)(?:(?<=[sxz])es|(?<=[cs]h)es|(?<=[^s])s)$")
_LEAST_WORDS = 2  # of a query; a single word says too little to tell one function from thousands
_MOST_PHRASE_WORDS = 12
_KEYWORDS = (3, 7)
_SPOKEN = {"javascript": "javascript", "typescript": "typescript", "csharp": "c#", "cpp": "c++", "go": "golang"}
_QUESTIONS = ("how to {0}", "how to {0} in {1}", "how to {0} {1}", "{1} how to {0}", "how do i {0} in {1}")
_COMMITS = ("add support to {0}", "fix: {0}", "{0}", "make it possible to {0}", "refactor how we {0}", "allow to {0}")
_PLACES = ("where do we {0}", "where is the code to {0}", "function to {0}", "code that can {0}", "which function {0}")


class QueryStyle(StrEnum):
    """How a query is put."""

    DOCUMENTATION = "documentation"  # the first paragraph as it stands
    OPENING = "opening"  # its first sentence
    WEB = "web"  # "python check if file exists", "how to check if file exists"
    PLACE = "place"  # "where do we check if file exists", as one asks about a repository
    KEYWORDS = "keywords"  # some of the words that tell, sometimes in another order
    COMMIT = "commit"  # "add support to check if file exists"
    NAME = "name"  # the words of the name, or of a test's name
    COMMENT = "comment"  # a comment inside the body


@dataclass(frozen=True, slots=True)
class Query:
    """A query and its style, from which `passages` knows what must not stand in the passage."""

    text: str
    style: QueryStyle


def make_query(example: Example, style: QueryStyle, random: random.Random) -> Query | None:
    """Return a query of `style` for `example`, or None when its words do not allow one."""
    text = _makers()[style](example, random)
    if text is None or len(_WORD.findall(text)) < _LEAST_WORDS:
        return None
    return Query(text, style)


def opening(documentation: str) -> str:
    """Return the first sentence, on one line."""
    return _SENTENCE_END.split(" ".join(documentation.split()), maxsplit=1)[0]


def phrase(documentation: str) -> str:
    """Return the first sentence as one would type it: "Returns true if the file exists." is "check if file exists"."""
    words = opening(documentation).rstrip(" .:;!").lower()
    words = re.split(r"[.;:(\[]\s|,\s(?:and|or|which|if|when|then|so)\b|\s-+\s", words, maxsplit=1)[0]
    words = _WHETHER.sub("check if ", words)
    words = _ARTICLES.sub("", words)
    first, _, rest = words.partition(" ")
    singular = _THIRD_PERSON.match(first)
    if singular and rest and not words.startswith("check if"):
        first = singular[1]
    return " ".join(f"{first} {rest}".split()[:_MOST_PHRASE_WORDS])


def _documentation(example: Example, _: random.Random) -> str | None:
    return " ".join(example.documentation.split()) or None


def _opening(example: Example, _: random.Random) -> str | None:
    return opening(example.documentation) or None


def _web(example: Example, random: random.Random) -> str | None:
    words = phrase(example.documentation)
    language = _SPOKEN.get(example.language, example.language)
    if not words:
        return None
    if random.random() < 0.4:  # the share of questions among queries typed into a search engine for code
        return random.choice(_QUESTIONS).format(words, language)
    return random.choice((f"{language} {words}", f"{words} {language}", f"{words} in {language}", words))


def _place(example: Example, random: random.Random) -> str | None:
    words = phrase(example.documentation)
    return random.choice(_PLACES).format(words) if words else None


def _commit(example: Example, random: random.Random) -> str | None:
    words = phrase(example.documentation)
    return random.choice(_COMMITS).format(words) if words else None


def _keywords(example: Example, random: random.Random) -> str | None:
    telling = [word for word in _WORD.findall(example.documentation.lower()) if word not in STOP_WORDS]
    telling = list(dict.fromkeys(telling))[: 3 * _KEYWORDS[1]]
    count = random.randint(*_KEYWORDS)
    if len(telling) > count:
        kept = sorted(random.sample(range(len(telling)), count))
        telling = [telling[place] for place in kept]
    if random.random() < 0.3:  # most people keep the order of a sentence
        random.shuffle(telling)
    return " ".join(telling) or None


def _name(example: Example, random: random.Random) -> str | None:
    words = [word for word in split_identifier(example.name) if word != "test"]
    if len(words) < _LEAST_WORDS or random.random() < 0.3:  # a type's name before a method's says which one is meant
        owner = example.qualified_name.removesuffix(example.name).rstrip(".:#/\\")
        words = [*split_identifier(owner.rpartition(".")[2]), *words]
    return " ".join(words) or None


def _comment(example: Example, random: random.Random) -> str | None:
    return random.choice(example.comments) if example.comments else None


def _makers() -> dict[QueryStyle, object]:
    return {
        QueryStyle.DOCUMENTATION: _documentation,
        QueryStyle.OPENING: _opening,
        QueryStyle.WEB: _web,
        QueryStyle.PLACE: _place,
        QueryStyle.KEYWORDS: _keywords,
        QueryStyle.COMMIT: _commit,
        QueryStyle.NAME: _name,
        QueryStyle.COMMENT: _comment,
    }
