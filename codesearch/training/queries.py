"""What people type when they look for a function, made from what its author wrote about it.

Documentation is complete sentences about the code; people type keywords, questions, names and fragments. A model
that saw nothing but documentation ranks well for documentation only, so each example is asked for in several styles,
drawn anew each time it is seen. Everything is made from the example's own words; nothing is looked up. How a sentence
becomes a phrase is for `phrases`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from codesearch.training.phrases import opening, phrase, plain
from store import STOP_WORDS, split_identifier

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from codesearch.training.corpus import Example

_WORD = re.compile(r"[^\W_]+(?:[-_.'][^\W_]+)*")
_LEAST_WORDS = 2  # of a query; a single word says too little to tell one function from thousands
_KEYWORDS = (3, 7)
_SPOKEN = {"csharp": "c#", "cpp": "c++", "go": "golang", "tsx": "typescript", "objc": "objective c"}
_QUESTION_SHARE = 0.4  # of what is typed into a search engine for code
_SHUFFLED_SHARE = 0.3  # of keywords; most people keep the order of a sentence
_OWNER_SHARE = 0.3  # of names; a type's name before a method's says which one is meant
_KEYED = ("{1} {0}", "{0} {1}", "{0} in {1}", "{0}")
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
    ASKED = "asked"  # a question that was written for this function


@dataclass(frozen=True, slots=True)
class Query:
    """A query and its style, from which `passages` knows what must not stand in the passage."""

    text: str
    style: QueryStyle


def make_query(example: Example, style: QueryStyle, random: random.Random) -> Query | None:
    """Return a query of `style` for `example`, or None when its words do not allow one.

    Documentation that does not begin with a verb allows no PLACE, no COMMIT and no "how to".
    """
    text = _MAKERS[style](example, random)
    if text is None or len(_WORD.findall(text)) < _LEAST_WORDS:
        return None
    return Query(text, style)


def _documentation(example: Example, _: random.Random) -> str | None:
    return " ".join(example.documentation.split()) or None


def _opening(example: Example, _: random.Random) -> str | None:
    return opening(example.documentation) or None


def _web(example: Example, random: random.Random) -> str | None:
    words, is_action = phrase(example.documentation, example.name)
    language = _SPOKEN.get(example.language, example.language)
    if not words:
        return None
    if is_action and random.random() < _QUESTION_SHARE:
        return random.choice(_QUESTIONS).format(words, language)
    return random.choice(_KEYED).format(words, language)


def _place(example: Example, random: random.Random) -> str | None:
    return _asked(example, random.choice(_PLACES))


def _commit(example: Example, random: random.Random) -> str | None:
    return _asked(example, random.choice(_COMMITS))


def _asked(example: Example, form: str) -> str | None:
    words, is_action = phrase(example.documentation, example.name)
    return form.format(words) if is_action else None


def _keywords(example: Example, random: random.Random) -> str | None:
    telling = [word for word in _WORD.findall(plain(example.documentation).lower()) if word not in STOP_WORDS]
    telling = list(dict.fromkeys(telling))[: 3 * _KEYWORDS[1]]
    count = random.randint(*_KEYWORDS)
    if len(telling) > count:
        kept = sorted(random.sample(range(len(telling)), count))
        telling = [telling[place] for place in kept]
    if random.random() < _SHUFFLED_SHARE:
        random.shuffle(telling)
    return " ".join(telling) or None


def _name(example: Example, random: random.Random) -> str | None:
    words = [word for word in split_identifier(example.name) if word != "test"]
    if len(words) < _LEAST_WORDS or random.random() < _OWNER_SHARE:
        owner = example.qualified_name.removesuffix(example.name).rstrip(".:#/\\")
        words = [*split_identifier(owner.rpartition(".")[2]), *words]
    return " ".join(words) or None


def _comment(example: Example, random: random.Random) -> str | None:
    return random.choice(example.comments) if example.comments else None


def _asked_for(example: Example, random: random.Random) -> str | None:
    return random.choice(example.questions) if example.questions else None


_MAKERS: dict[QueryStyle, Callable[[Example, random.Random], str | None]] = {
    QueryStyle.DOCUMENTATION: _documentation,
    QueryStyle.OPENING: _opening,
    QueryStyle.WEB: _web,
    QueryStyle.PLACE: _place,
    QueryStyle.KEYWORDS: _keywords,
    QueryStyle.COMMIT: _commit,
    QueryStyle.NAME: _name,
    QueryStyle.COMMENT: _comment,
    QueryStyle.ASKED: _asked_for,
}
