"""How long an answer takes: by size with everything warm, and as a whole command; memory; ripgrep over the files.

The larger sizes are files of installed packages whose passages have vectors that no encoder computed: mixtures of real
ones, which cost a search exactly as much. So a library of 100,000 definitions is made in a minute.
"""

from __future__ import annotations

import hashlib
import re
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.figures import CODESEARCH, Figure
from benchmarks.material import functions, make_repository, questions
from benchmarks.mixtures import mixed
from benchmarks.peers.asking import NOT_INSTALLED
from benchmarks.peers.models import MODEL
from benchmarks.timing import codesearch, execute, percentiles, seconds
from codesearch import CodeSearch, CodesearchError, Mode
from codesearch.codet5p import load_encoder
from indexer import index_repository
from store import Library

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.settings import Settings

QUESTION = "searching"
_REAL_VECTORS = 500  # that mixtures are made of
_DEFINITIONS_PER_FILE = 18  # of installed packages, roughly; figures name the number that there were
# How an engine is asked, by what the figure is called.
_KINDS: dict[str, dict[str, Any]] = {
    "lexical": {"mode": Mode.LEXICAL, "rerank": False, "refresh": False},
    "dense": {"mode": Mode.DENSE, "rerank": False, "refresh": False},
    "hybrid": {"rerank": False, "refresh": False},
    "reranked": {"rerank": True, "refresh": False},
    "refreshing": {"rerank": False, "refresh": True},  # looks for changed files first, as by default
}
_SHORTEST_WORD = 4  # letters; shorter ones are in every file


class MixingEncoder:
    """Stands in for the bundled encoder of passages: a vector that the text decides, at no cost. See `Encoder`."""

    def __init__(self, fingerprint: str, real: NDArray[np.float32]) -> None:
        self.fingerprint = fingerprint
        self.dimension = int(real.shape[1])
        self._real = real

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""
        seed = int.from_bytes(hashlib.sha256("".join(texts).encode("utf-8", "replace")).digest()[:8], "big")
        return mixed(self._real, len(texts), seed)


def measure(settings: Settings) -> Iterator[Figure]:
    """Yield the figures of searching."""
    yield from _help(settings)
    encoder = load_encoder(MODEL, cache_folder=settings.work / "runtimes", device="cpu")
    folder = settings.work / "seeds"
    make_repository(folder, _REAL_VECTORS // _DEFINITIONS_PER_FILE + 1)
    real = encoder.encode_passages(functions(folder, _REAL_VECTORS))
    stand_in = MixingEncoder(encoder.fingerprint, real)
    for definitions in settings.sizes.definitions:
        root = settings.work / f"searched-{definitions}"
        make_repository(root, definitions // _DEFINITIONS_PER_FILE + 1, settings.repository)
        library = settings.work / f"library-searched-{definitions}"
        with Library.open(library) as opened:
            repository = opened.repository(root)
            index_repository(repository, stand_in)
            size = sum(repository.statistics().definitions.values())
        yield from _warm(settings, root, library, size)
        yield from _whole_commands(settings, root, library, size)
        yield from _ripgrep(settings, root, size)


def _help(settings: Settings) -> Iterator[Figure]:
    runs = [codesearch("--help", library=settings.work / "empty") for _ in range(2 * settings.sizes.repeats + 1)]
    yield Figure(QUESTION, CODESEARCH, "--help", median(run.seconds for run in runs), "s")


def _warm(settings: Settings, root: Path, library: Path, size: int) -> Iterator[Figure]:
    asked = questions(settings.sizes.questions)
    with CodeSearch(library) as engine:
        for kind, options in _KINDS.items():
            ask = partial(_ask, engine, root, options)
            try:
                for question in asked[:3]:
                    ask(question)
            except CodesearchError as error:
                yield Figure(QUESTION, CODESEARCH, f"warm {kind} query", None, "ms", note=type(error).__name__)
                continue
            taken = [seconds(partial(ask, question)) for question in asked]
            for name, value in zip(("p50", "p95"), percentiles(taken), strict=True):
                yield Figure(QUESTION, CODESEARCH, f"warm {kind} query, {name}", 1e3 * value, "ms", size, "definitions")


def _ask(engine: CodeSearch, root: Path, options: dict[str, Any], question: str) -> None:
    engine.search(question, [root], **options)


def _whole_commands(settings: Settings, root: Path, library: Path, size: int) -> Iterator[Figure]:
    asked = questions(2 * settings.sizes.repeats + 1)
    runs = [codesearch("search", question, str(root), library=library) for question in asked]
    yield Figure(QUESTION, CODESEARCH, "whole command", median(run.seconds for run in runs), "s", size, "definitions")
    memory = max(run.peak_bytes for run in runs) / 1e6
    yield Figure(QUESTION, CODESEARCH, "memory of a command", memory, "MB", size, "definitions")


def _ripgrep(settings: Settings, root: Path, size: int) -> Iterator[Figure]:
    """Lines that hold any word of the question: what one does without an index."""
    program = settings.peers_python.with_name("rg") if settings.peers_python else None
    if program is None or not program.is_file():
        yield Figure(QUESTION, "ripgrep", "whole command", None, "s", note=NOT_INSTALLED)
        return
    taken = []
    for question in questions(2 * settings.sizes.repeats + 1):
        words = [word for word in re.findall(r"\w+", question) if len(word) >= _SHORTEST_WORD]
        taken.append(execute([str(program), "-i", "-n", "|".join(words), str(root)]).seconds)
    yield Figure(QUESTION, "ripgrep", "whole command", median(taken), "s", size, "definitions")
