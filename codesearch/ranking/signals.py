"""The signs that a definition is meant: each a pure function of question and definition, with a weight and a reason.

A value is between 0 and 1. Weights are in units of the fused score, in which the best a definition can have is 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from codesearch.ranking.question import TEST_WORDS, Question, folded, last_name, word_stems
from store import Heading, Kind

Measure = Callable[[Question, Heading], float]

# How well an identifier fits a name: it may be spelt otherwise, or be asked as a part of something else.
SAME_SPELLING, OTHER_SPELLING, OTHER_OWNER = 1.0, 0.8, 0.6

# How much a plain word counts that is called (`send()`) or stands between backticks. Short questions mean it, while
# documentation mentions parameters and helpers. MRR@10 (lexical) of the 67 queries of `csn_docstring` that have such
# words at 0, .25, .5, 1: .478, .496, .470, .434; of 57 of `repoexec` .883, .865, .857, .819. To take what is called so
# into the candidates, as for identifiers, costs .2 and .05 more.
MENTIONED = 0.25

# A name of a file is evidence by what it explains of the question: "line" in a question of ten words hardly means
# `line.py`. A name counts in full when it has the n-th part of the question's words, n being this. At 2, 3, 4, 5 and
# without end, measured as in `SIGNALS`: .834, .845, .851, .853 and .853 lexical, .871, .873, .876, .876 and .874
# hybrid, and .390, .386, .385, .380 and .377 of functions.
WORDS_PER_NAME = 4

_NAMELESS = (Kind.BLOCK, Kind.WINDOW)
_TYPES = (Kind.CLASS, Kind.STRUCT, Kind.INTERFACE, Kind.TRAIT, Kind.ENUM, Kind.TYPE)

# Files that are called so in every folder: they stand for their folder.
_STANDS_FOR_FOLDER = frozenset({"__init__", "index", "init", "main", "mod", "lib", "package-info"})

_CACHED_PATHS = 50_000

_SEPARATOR = re.compile(r"[._\-]")
_TEST_MODULE = re.compile(r"\b(tests?|bench(es)?)::")
_TEST_CLASS = re.compile(r"[a-z0-9](Tests?|Spec|Benchmark|Example)$")


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign that a definition is meant, what it adds to the score at most, and why it is one."""

    measure: Measure
    weight: float
    reason: str

    @property
    def name(self) -> str:
        """What people call it: the name of its measure, in words."""
        return self.measure.__name__.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Place:
    """What the path of a file says: the stems of its name and of its folder's, and whether it is beside the program.

    Beside the program are tests, examples and benchmarks.
    """

    title: frozenset[str]
    folder: frozenset[str]
    beside_the_program: bool


def identifier_fit(question: Question, heading: Heading) -> float:
    """Return how well the definition's name fits an identifier in the question, or a word that it mentions as one."""
    if not question.identifiers and not question.mentioned:  # most questions
        return 0.0
    written = max((_fit(identifier, heading) for identifier in question.identifiers), default=0.0)
    mentioned = max((_fit(name, heading) for name in question.mentioned), default=0.0)
    return max(written, MENTIONED * mentioned)


def type_named(question: Question, heading: Heading) -> float:
    """Return how well a type's name fits as an identifier; 0 for what is no type."""
    return identifier_fit(question, heading) if heading.kind in _TYPES else 0.0


def file_asked(question: Question, heading: Heading) -> float:
    """Return the share of the words in the file's name that the question has, less where it asks for much else."""
    return _share_asked(read_place(heading.path).title, question)


def folder_asked(question: Question, heading: Heading) -> float:
    """Return the same for the name of the file's folder."""
    return _share_asked(read_place(heading.path).folder, question)


def is_beside_the_program(heading: Heading) -> bool:
    """Return whether a definition is a test, an example or a benchmark, by its file or by the module that it is in.

    Rust has its tests in a module of the file that they test.
    """
    return read_place(heading.path).beside_the_program or _TEST_MODULE.search(heading.qualified_name) is not None


@lru_cache(maxsize=_CACHED_PATHS)
def read_place(path: str) -> Place:
    """Return what the path of a file says."""
    *folders, file = path.split("/")
    title = file.rsplit(".", 1)[0] or file
    words = {*_SEPARATOR.split(file.lower()), *(folder.lower() for folder in folders)}
    beside = not TEST_WORDS.isdisjoint(words) or _TEST_CLASS.search(title) is not None
    if title in _STANDS_FOR_FOLDER and folders:
        title = folders.pop()
    return Place(word_stems(title), word_stems(folders[-1] if folders else ""), beside)


# NDCG@10 of files, lexical and hybrid, mean over 19 real repositories with 379 questions: .692 and .750 as fused, .851
# and .876 with all that is here and in `rank`; without identifiers and types .838 and .862, without types .848 and
# .871, without files .812 and .847, without folders .847 and .875. The words of a definition's name are in BM25
# already: a signal for them changed nothing there and lost .005 MRR on `cosqa_dev`.
# Questions that describe one function gain less from what names its file: hybrid MRR@10 of that function is .428 as
# fused, .385 with all, and would be .391 without files and .398 without `rank.COHERENCE`, over 492 questions about 13
# other packages, written for training (`training/corpus/questions`). Weights are chosen to serve both.
SIGNALS = (
    Signal(identifier_fit, 1.0, "Who writes the name of a function wants that function."),
    Signal(type_named, 0.4, "Constructors and implementations share a type's name; the type says what it is."),
    Signal(file_asked, 0.6, "A file is named for its subject, which each of its functions need not repeat."),
    Signal(folder_asked, 0.2, "So is a folder, of a wider subject."),
)


def _fit(identifier: str, heading: Heading) -> float:
    last = last_name(identifier)
    if heading.kind in _NAMELESS or folded(last) != folded(heading.name):
        return 0.0
    if not folded(heading.qualified_name).endswith(folded(identifier)):
        return OTHER_OWNER
    return SAME_SPELLING if last == heading.name else OTHER_SPELLING


def _share_asked(stems: frozenset[str], question: Question) -> float:
    asked = len(stems & question.stems)
    return asked / len(stems) * min(1.0, WORDS_PER_NAME * asked / len(question.stems)) if asked else 0.0
