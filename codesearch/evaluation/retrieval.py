"""Running a judged set through the search: index its documents, ask its queries, average the metrics.

The documents go through the same splitting, passages, library and fusion as a repository's files; each is one
definition under its id. What the metrics mean is in `metrics`, how a set is read in `judged_set`.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from codesearch.evaluation.figures import intervals_of, latency_of, means_by_group, means_of, values_of
from codesearch.evaluation.metrics import ndcg, recall, reciprocal_rank
from codesearch.evaluation.report import AskedQuery, EvaluationReport
from codesearch.reranking import MATCHING_WEIGHT, REPLACING, Reranker
from codesearch.results import Mode, RerankedMode
from codesearch.search import Place, find
from indexer import describe, split, summarise_repository
from store import (
    Definition,
    FileEntry,
    Filters,
    Kind,
    Passage,
    Progress,
    ProgressCallback,
    Repository,
    SourceFile,
    StoredDefinition,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from codesearch.codet5p import LoadedEncoder, Matcher
    from codesearch.evaluation.figures import Row
    from codesearch.evaluation.judged_set import Document, JudgedSet
    from codesearch.summarising import Summariser

CUTOFF = 10
DOCUMENTS_PER_TRANSACTION = 500
PASSAGES_PER_BATCH = 2048

# A definition stands for its whole document when it covers at least this share of it.
WHOLE_DOCUMENT = 0.6

_BY_MODE = ("modes", "by_language", "intervals", "latency", "values")  # the fields of a report

METRICS: dict[str, Callable[[Sequence[str], Mapping[str, float], int], float]] = {
    f"mrr@{CUTOFF}": reciprocal_rank,
    f"ndcg@{CUTOFF}": ndcg,
    f"recall@{CUTOFF}": recall,
}


class Measured(NamedTuple):
    """The parts of the model that are measured, as far as the modes need them.

    With a summariser each document without documentation is found by the words of its summary, too.
    """

    encoder: LoadedEncoder | None = None
    matcher: Matcher | None = None
    summariser: Summariser | None = None


def evaluate_retrieval(
    judged: JudgedSet,
    repository: Repository,
    measured: Measured,
    modes: Sequence[Mode | RerankedMode],
    progress: ProgressCallback | None = None,
) -> EvaluationReport:
    """Return the metrics of each mode, by its text; a mode that is reranked needs the matcher, lexical no encoder.

    The documents are kept in `repository`, so that a second run is quick. One that was measured with a summariser keeps
    the summaries.
    """
    started = time.perf_counter()
    encoder, matcher, summariser = measured
    lexical_only = all(_searched(mode) == Mode.LEXICAL for mode in modes)
    keep_documents(judged, repository, None if lexical_only else encoder, summariser, progress)
    languages = _languages_of(judged)
    place = Place(repository, Filters(), encoder)
    answers = {str(mode): _ask(judged, place, mode, matcher, progress) for mode in modes}
    figures = {mode: rows for mode, (rows, _) in answers.items()}
    return EvaluationReport(
        set=judged.name,
        queries=len(judged.queries),
        documents=len(judged.documents),
        model=encoder.fingerprint if encoder else "",
        modes={mode: means_of(rows) for mode, rows in figures.items()},
        by_language={mode: means_by_group(rows, languages) for mode, rows in figures.items()},
        seconds=time.perf_counter() - started,
        intervals={mode: intervals_of(rows) for mode, rows in figures.items()},
        latency={mode: latency_of(seconds) for mode, (_, seconds) in answers.items()},
        asked=[
            AskedQuery(query.id, query.text, language=",".join(its))
            for query, its in zip(judged.queries, languages, strict=True)
        ],
        values={mode: values_of(rows) for mode, rows in figures.items()},
        summarised=repository.summaries.count() if summariser else None,
    )


def joined(reports: Sequence[EvaluationReport], order: Sequence[str]) -> EvaluationReport:
    """Return one report of the modes of several, all of the same queries, in the order of the modes' names."""
    first = reports[0]
    if len(reports) == 1:
        return first
    merged: dict[str, Any] = {
        name: {mode: part[mode] for mode in order for part in (getattr(one, name) for one in reports) if mode in part}
        for name in _BY_MODE
    }
    return replace(first, seconds=sum(one.seconds for one in reports), **merged)


def keep_documents(
    judged: JudgedSet,
    repository: Repository,
    encoder: LoadedEncoder | None,
    summariser: Summariser | None = None,
    progress: ProgressCallback | None = None,
) -> None:
    """Bring the documents in `repository` up to date, their summaries and embeddings; None makes none."""
    with repository.writing():
        passages = dict(_save_documents(judged, repository, progress))
        if summariser is not None:
            summarise_repository(repository, summariser, progress or _silent)
        if encoder is not None:
            _embed(passages, repository, encoder, progress)


def passages_of_document(stored: StoredDefinition) -> Sequence[Passage]:
    """Return the passages of a document, which has no path worth reading: its id stands in the place of one."""
    return describe("", stored.language, stored.definition)


def _save_documents(
    judged: JudgedSet, repository: Repository, progress: ProgressCallback | None
) -> Iterator[tuple[bytes, str]]:
    """Keep the documents that are new or changed, drop those that are gone; yield every passage (digest, text)."""
    known = repository.files()
    batch: list[FileEntry] = []
    for number, document in enumerate(judged.documents, 1):
        definition = definition_of(document)
        passages = describe("", document.language, definition)  # as in `passages_of_document`
        yield from ((passage.digest, passage.text) for passage in passages)
        entry = _entry(document, definition, passages)
        if document.id not in known or known[document.id].digest != entry.source_file.digest:
            batch.append(entry)
        if len(batch) >= DOCUMENTS_PER_TRANSACTION:
            repository.save_files(batch)
            batch = []
        if progress and number % DOCUMENTS_PER_TRANSACTION == 0:
            progress(Progress("parse", number, len(judged.documents)))
    repository.save_files(batch)
    repository.remove_files(sorted(known.keys() - {document.id for document in judged.documents}))


def _entry(document: Document, definition: Definition, passages: Sequence[Passage]) -> FileEntry:
    # The digest covers the passages too: another way of writing them is another document.
    digest = hashlib.blake2b(b"".join(passage.digest for passage in passages), digest_size=16).digest()
    source = SourceFile(document.id, document.language, len(document.code), 0, digest)
    return FileEntry(source, [(definition, passages)])


def definition_of(document: Document) -> Definition:
    """Return the document as one definition: named and documented as its main function is, with all of its code."""
    source = document.code.encode("utf-8", "replace")
    whole = Definition(
        kind=Kind.FUNCTION,
        name="",
        qualified_name="",
        signature="",
        documentation="",
        code=document.code,
        start_line=1,
        end_line=max(1, document.code.count("\n") + 1),
        start_byte=0,
        end_byte=len(source),
    )
    named = [one for one in split(source, document.language) if one.kind not in (Kind.BLOCK, Kind.WINDOW)]
    main = max(named, key=lambda one: one.end_byte - one.start_byte, default=None)
    if main is None or main.end_byte - main.start_byte < WHOLE_DOCUMENT * len(source):
        return whole
    return replace(
        whole,
        name=main.name,
        qualified_name=main.qualified_name,
        signature=main.signature,
        documentation=main.documentation,
    )


def _embed(
    passages: Mapping[bytes, str], repository: Repository, encoder: LoadedEncoder, progress: ProgressCallback | None
) -> None:
    missing = sorted(repository.missing_digests(encoder.fingerprint, list(passages)), key=lambda d: len(passages[d]))
    for start in range(0, len(missing), PASSAGES_PER_BATCH):
        digests = missing[start : start + PASSAGES_PER_BATCH]
        vectors = encoder.encode_passages([passages[digest] for digest in digests])
        repository.save_embeddings(encoder.fingerprint, digests, vectors)
        if progress:
            progress(Progress("embed", start + len(digests), len(missing)))
    repository.set_model(encoder.fingerprint)
    repository.sync_vectors(encoder.fingerprint, encoder.dimension)


def _ask(
    judged: JudgedSet,
    place: Place,
    mode: Mode | RerankedMode,
    matcher: Matcher | None,
    progress: ProgressCallback | None,
) -> tuple[list[Row], list[float]]:
    """Return the metrics of every query and how long it took, in seconds, in the order of the queries."""
    rows: list[Row] = []
    seconds: list[float] = []
    reranker = _reranker(mode, matcher)
    for number, query in enumerate(judged.queries, 1):
        started = time.perf_counter()
        found = find(query.text, [place], _searched(mode), reranker)
        seconds.append(time.perf_counter() - started)
        ranking = [stored.path for _, stored in found[:CUTOFF]]
        rows.append({name: metric(ranking, query.relevance, CUTOFF) for name, metric in METRICS.items()})
        if progress:
            progress(Progress(f"ask {mode}", number, len(judged.queries)))
    return rows, seconds


def _searched(mode: Mode | RerankedMode) -> Mode:
    return mode.mode if isinstance(mode, RerankedMode) else mode


def _reranker(mode: Mode | RerankedMode, matcher: Matcher | None) -> Reranker | None:
    if not isinstance(mode, RerankedMode):
        return None
    if matcher is None:
        raise ValueError(f"{mode} needs a matcher")
    weight = REPLACING if mode.replacing else MATCHING_WEIGHT
    return Reranker(matcher, mode.candidates, weight, passages_of_document)


def _silent(progress: Progress) -> None:
    """Tell nobody."""
    del progress


def _languages_of(judged: JudgedSet) -> list[list[str]]:
    """Return for each query the languages of its relevant documents."""
    languages = {document.id: document.language for document in judged.documents}
    return [
        sorted({languages.get(document, "") for document, grade in query.relevance.items() if grade > 0})
        for query in judged.queries
    ]
