"""How long indexing takes, and what memory.

Reading and splitting files, the first run by size, nothing changed, one file changed; semble and bm25s on the same
files.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import CODESEARCH, Figure
from benchmarks.material import functions, make_repository, questions
from benchmarks.peers.asking import PeerMissing, ask
from benchmarks.peers.models import static_vectors, tokenizer_file
from benchmarks.timing import codesearch, seconds
from indexer import read_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.settings import Settings

QUESTION = "indexing"
_EVERY_FUNCTION = 1_000_000


def measure(settings: Settings) -> Iterator[Figure]:
    """Yield the figures of indexing."""
    yield from _without_vectors(settings)
    for files in settings.sizes.indexed:
        folder = settings.work / f"indexed-{files}"
        count = make_repository(folder, files, settings.repository)
        library = settings.work / f"library-{files}"
        codesearch("models", library=library)
        yield from _runs(settings, folder, library, count)
        yield from _semble(settings, folder, count)
        yield from _bm25s(settings, folder, count)


def _without_vectors(settings: Settings) -> Iterator[Figure]:
    folder = settings.work / "parsed"
    files = make_repository(folder, settings.sizes.parsed, settings.repository)
    taken = median(seconds(lambda: list(read_folder(folder))) for _ in range(settings.sizes.repeats))
    yield Figure(QUESTION, CODESEARCH, "files read and split, one process", files / taken, "1/s", files, "files")
    runs = []
    for number in range(settings.sizes.repeats):
        library = settings.work / f"library-words-{number}"
        runs.append(codesearch("index", str(folder), "--lexical-only", library=library))
    taken = median(run.seconds for run in runs)
    yield Figure(QUESTION, CODESEARCH, "files indexed without vectors", files / taken, "1/s", files, "files")
    memory = max(run.peak_bytes for run in runs) / 1e6
    yield Figure(QUESTION, CODESEARCH, "memory without vectors", memory, "MB", files, "files")
    answers = []
    for number in range(settings.sizes.repeats):
        library = settings.work / f"library-first-{number}"
        [question] = questions(1)
        answers.append(codesearch("search", question, str(folder), "--lexical", library=library).seconds)
    yield Figure(QUESTION, CODESEARCH, "new repository, first answer by words", median(answers), "s", files, "files")
    library = settings.work / "library-words-0"
    again = median(
        codesearch("index", str(folder), "--lexical-only", library=library).seconds
        for _ in range(settings.sizes.repeats)
    )
    yield Figure(QUESTION, CODESEARCH, "nothing changed, without vectors", again, "s", files, "files")


def _runs(settings: Settings, folder: Path, library: Path, files: int) -> Iterator[Figure]:
    """Yield whole commands; the first is not repeated, since it takes longest and varies least."""
    first = codesearch("index", str(folder), library=library)
    yield Figure(QUESTION, CODESEARCH, "first index", first.seconds, "s", files, "files")
    yield Figure(QUESTION, CODESEARCH, "memory", first.peak_bytes / 1e6, "MB", files, "files")
    size = sum(path.stat().st_size for path in library.rglob("*") if path.is_file() and "runtimes" not in path.parts)
    yield Figure(QUESTION, CODESEARCH, "library on disk", size / 1e6, "MB", files, "files")
    repeats = range(settings.sizes.repeats)
    again = median(codesearch("index", str(folder), library=library).seconds for _ in repeats)
    yield Figure(QUESTION, CODESEARCH, "nothing changed", again, "s", files, "files")
    changed = []
    for number in repeats:
        (folder / "changed.py").write_text(f"def changed_{number}(value):\n    return value + {number}\n")
        changed.append(codesearch("index", str(folder), library=library).seconds)
    yield Figure(QUESTION, CODESEARCH, "one file changed", median(changed), "s", files, "files")


def _semble(settings: Settings, folder: Path, files: int) -> Iterator[Figure]:
    models = settings.work / "static"
    try:
        answer, process = ask(
            settings,
            "search_with_semble",
            repository=str(folder),
            questions=questions(settings.sizes.questions),
            repeats=settings.sizes.repeats,
            folder=str(models / "model"),
            vectors=str(static_vectors(models / "vectors.npy")),
            tokenizer=str(tokenizer_file(models)),
        )
    except PeerMissing as missing:
        yield Figure(QUESTION, "semble", "first index", None, "s", note=str(missing))
        return
    yield Figure(QUESTION, "semble", "first index", median(answer["index"]), "s", files, "files")
    yield Figure(QUESTION, "semble", "memory", process.peak_bytes / 1e6, "MB", files, "files")
    yield Figure(QUESTION, "semble", "library on disk", answer["bytes"] / 1e6, "MB", files, "files")
    for kind in ("lexical", "hybrid"):
        yield Figure(QUESTION, f"semble, {kind}", "warm query, p50", 1e3 * median(answer[kind]), "ms", files, "files")


def _bm25s(settings: Settings, folder: Path, files: int) -> Iterator[Figure]:
    texts = functions(folder, _EVERY_FUNCTION)
    try:
        asked = questions(settings.sizes.questions)
        answer, _ = ask(settings, "search_with_bm25s", texts=texts, questions=asked, repeats=settings.sizes.repeats)
    except PeerMissing as missing:
        yield Figure(QUESTION, "bm25s", "texts indexed", None, "1/s", note=str(missing))
        return
    yield Figure(QUESTION, "bm25s", "first index", median(answer["index"]), "s", files, "files")
    yield Figure(QUESTION, "bm25s", "warm query, p50", 1e3 * median(answer["search"]), "ms", files, "files")
