"""The JSON documents: what other programs read. Their fields are a promise.

A field is only ever added; a change of meaning raises SCHEMA. All text is ASCII with escapes, so that any stream takes
it, unpaired surrogates too. `search --json` prints one document:

    schema          1
    query, mode     as asked
    seconds         the search alone
    coverage        definitions, passages, embedded_passages, complete, stale, being_indexed,
                    out_of_time (--within: search again to go on), indexed_at (ISO 8601 or null)
    corrections     words of the query that no definition has, and what was searched for instead:
                    [{written, searched_for: [word, ...]}]
    results         best first; with --jsonl these alone, one a line

Each result has:

    path            relative to root, with forward slashes
    root            the repository's folder
    language, kind, name, qualified_name, signature, documentation
    summary         what a model wrote of a function without documentation; there only where there is one
    start_line, end_line    counted from 1, both included
    score           0 to 1, comparable within this answer only
    similarity      the cosine of query and passage, or null
    matching        the logit of the model's matching head, or null where it has not read the definition
    lexical_rank, dense_rank    counted from 1, or null where that side did not find it
    focus_lines     [first, last]: the part that matched best
    explanation     null, or with --explain: parts [{name, points, measure, weight, reason}], whose points add up to
                    score; words, mapping those of the query that it has to their BM25 scores
    code            the definition's text; of a type its outline; with --snippet-lines N as many lines of it as text
                    output shows, those that are left out as a line "…", and with 0 an empty text
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cli.excerpt import text_lines

if TYPE_CHECKING:
    from pathlib import Path

    from codesearch import (
        CompletedCode,
        Coverage,
        EvaluationReport,
        ExplainedDefinition,
        IndexReport,
        Match,
        MatchingReport,
        ModelStatus,
        RepositoryStatus,
        SearchResults,
        SimilarDefinitions,
        SkippedFile,
        VerificationReport,
        evaluation,
        generation,
        training,
    )

SCHEMA = 1

Document = dict[str, Any]


def dumps(document: Document, *, indent: int | None = 2) -> str:
    """Return the document as JSON text in ASCII; paths, dates and sets become text and lists."""
    return json.dumps(document, indent=indent, default=_plain_value)


def search_document(results: SearchResults, snippet_lines: int | None = None) -> Document:
    """Return an answer as the document that the module describes."""
    return {
        "schema": SCHEMA,
        "query": results.query,
        "mode": results.mode,
        "seconds": round(results.seconds, 6),
        "coverage": _coverage(results.coverage),
        "corrections": [asdict(correction) for correction in results.corrections],
        "results": [match_document(match, snippet_lines) for match in results.matches],
    }


def match_document(match: Match, snippet_lines: int | None = None) -> Document:
    """Return one match as an entry of `results`, with `snippet_lines` lines of code (None: all)."""
    definition = match.definition
    code = definition.code if snippet_lines is None else "\n".join(text_lines(match, snippet_lines))
    return {
        "path": match.path,
        "root": match.root,
        "language": match.language,
        "kind": definition.kind,
        "name": definition.name,
        "qualified_name": definition.qualified_name,
        "signature": definition.signature,
        "documentation": definition.documentation,
        **({"summary": definition.summary} if definition.summary else {}),
        "start_line": definition.start_line,
        "end_line": definition.end_line,
        "score": match.score,
        "similarity": match.similarity,
        "matching": match.matching,
        "lexical_rank": match.lexical_rank,
        "dense_rank": match.dense_rank,
        "focus_lines": list(match.focus_lines),
        "explanation": asdict(match.explanation) if match.explanation else None,
        "code": code,
    }


def similar_document(similar: SimilarDefinitions, snippet_lines: int | None = None) -> Document:
    """Return the document of a search with `definition`, what `query` means: an entry like those of `results`."""
    document = search_document(similar.results, snippet_lines)
    definition = match_document(similar.definition, snippet_lines)
    return {**{key: document[key] for key in ("schema", "query")}, "definition": definition, **document}


def explanation_document(explained: ExplainedDefinition) -> Document:
    """Return what is said of a definition: schema, summary ("" for nothing), score or null, model, definition."""
    return {
        "schema": SCHEMA,
        "summary": explained.summary,
        "score": explained.score,
        "model": explained.model,
        "definition": match_document(explained.definition),
    }


def completion_document(completed: CompletedCode) -> Document:
    """Return how code goes on: schema, path, line, text, new_line, complete, score, model, definition, sources.

    `definition` may be null; not `complete` is a text whose last line was cut.
    """
    return {
        "schema": SCHEMA,
        "path": completed.path,
        "line": completed.line,
        "text": completed.text,
        "new_line": completed.new_line,
        "complete": completed.complete,
        "score": completed.score,
        "model": completed.model,
        "definition": None if completed.definition is None else match_document(completed.definition),
        "sources": [match_document(source) for source in completed.sources],
    }


def generated_document(answer: generation.GeneratedAnswer) -> Document:
    """Return what was written: schema, prompt, text, code, language, usable, reason, writer, context, sources, ...

    `prompt` is without the filters in it. `text` is null where nothing could write; where it was cut, `complete` is
    false and `cut_at` the number of its tokens, else null. `reason` says why it is not usable, else null. `context` is
    what the writer read: {parts, tokens, room, cut}. `sources` (those that it read) and `found` are entries like those
    of `results`; `citations` are numbers of sources, from 1, and `false_citations` numbers of none, `remarks` what a
    server says besides the code. `seconds` has searching and writing.
    """
    context = answer.context
    return {
        "schema": SCHEMA,
        "prompt": answer.prompt,
        "text": answer.text,
        "code": answer.code,
        "complete": answer.complete,
        "cut_at": answer.cut_at,
        "language": answer.language,
        "usable": answer.usable,
        "reason": answer.reason,
        "writer": answer.writer,
        "context": {"parts": context.parts, "tokens": context.tokens, "room": context.room, "cut": context.cut},
        "sources": [match_document(match) for match in answer.sources],
        "found": [match_document(match) for match in answer.found],
        "citations": answer.citations,
        "false_citations": answer.false_citations,
        "remarks": answer.remarks,
        "seconds": {"searching": round(answer.seconds_searching, 6), "writing": round(answer.seconds_writing, 6)},
    }


def index_document(reports: list[tuple[Path, IndexReport]]) -> Document:
    """Return what indexing did: schema, repositories[{path, added, changed, ...}]."""
    return {"schema": SCHEMA, "repositories": [{"path": path, **asdict(report)} for path, report in reports]}


def status_document(library: Path, statuses: list[RepositoryStatus]) -> Document:
    """Return what the library holds: schema, library, repositories[{root, files, skipped, definitions, ...}]."""
    return {"schema": SCHEMA, "library": library, "repositories": [asdict(status) for status in statuses]}


def skipped_document(root: Path, skipped: list[SkippedFile]) -> Document:
    """Return which files are not searched: schema, root, skipped[{path, reason}]."""
    return {"schema": SCHEMA, "root": root, "skipped": [asdict(file) for file in skipped]}


def models_document(models: list[ModelStatus]) -> Document:
    """Return the models: schema, models[{name, description, present, location, dimension, default}]."""
    return {"schema": SCHEMA, "models": [asdict(model) for model in models]}


def verification_document(report: VerificationReport) -> Document:
    """Return whether a model computes what it should: schema, name, passed, checks[{name, passed, detail}]."""
    return {
        "schema": SCHEMA,
        "name": report.name,
        "passed": report.passed,
        "checks": [{"name": check.name, "passed": check.passed, "detail": check.detail} for check in report.checks],
    }


def evaluation_document(report: EvaluationReport | None, matching: MatchingReport | None = None) -> Document:
    """Return an evaluation: set, queries, documents, model, modes, by_language, seconds, ...; and matching.

    `modes` maps each mode (hybrid, hybrid+rerank, ...) to its figures: mrr@10, ndcg@10, recall@10 (of a published set
    mrr and recall@1, 5, 10 over all of it); `by_language` maps each mode to each language to the same; `intervals` to
    [low, high] of each figure (95 %), `latency` to p50_ms and p95_ms, `values` to each query's own figures, in the
    order of `asked` [{id, query, repository, category, language}]; `summarised` is null, or with --summaries how many
    documents have one. `matching` is there for the mode of that name, and
    alone where no other was asked for: {set, pairs, right, model, scores, seconds}, `scores` mapping matching, cosine
    and sum (without a head cosine alone) to auc, ap, accuracy, threshold, accuracy@0.
    """
    document = {} if report is None else asdict(report)
    return document if matching is None else {**document, "matching": asdict(matching)}


def repositories_document(report: evaluation.RepositoriesReport) -> Document:
    """Return what was measured by questions to repositories: schema, set, queries, model, modes, ...

    `modes`, `intervals`, `latency`, `asked` and `values` are as in `evaluation_document`; `by_category` and
    `by_language` map a mode to a group to figures; `repositories` has [{name, language, queries, files, indexed_files,
    definitions, passages, index_seconds, modes, latency}]; `missing`, `other_revisions` and `unresolved` are names.
    """
    return {"schema": SCHEMA, **asdict(report)}


def comparison_document(comparison: evaluation.Comparison) -> Document:
    """Return two runs side by side: schema, first, second, set, queries, unpaired, modes.

    `modes` has [{first_mode, second_mode, metrics, metric, better, worse, changed}], `metrics` of it [{metric, first,
    second, difference, low, high, p_value}], `better` and `worse` [{id, query, repository, first, second}].
    """
    return {"schema": SCHEMA, **asdict(comparison)}


def history_document(runs: list[evaluation.Run]) -> Document:
    """Return kept runs, the oldest first: schema, runs[{file, date, set, model, version, cores, queries, modes}]."""
    return {
        "schema": SCHEMA,
        "runs": [
            {
                "file": run.path,
                "date": run.moment,
                "set": run.set,
                "model": run.model,
                "version": run.version,
                "cores": run.cores,
                "queries": len(run.asked),
                "modes": run.modes,
            }
            for run in runs
        ],
    }


def generation_document(report: evaluation.GenerationReport) -> Document:
    """Return what was measured of a decoder: corpus, model, functions, retrievable, settings, tasks, by_language.

    `tasks` maps code, summary and completion to retrieval, generation and augmented, as far as they were measured, and
    these to figures of 0 to 100 (exact_match, bleu, code_bleu, edit_similarity, smoothed_bleu) and to milliseconds a
    function (p50_ms, p95_ms); `by_language` maps each language to the same for code.
    """
    return {"schema": SCHEMA, **asdict(report)}


def problems_document(report: evaluation.ProblemsReport) -> Document:
    """Return how many problems were solved: file, model, problems, settings, pass_at, verdicts, protections, seconds.

    `pass_at` maps pass@1, pass@10 and pass@100, as far as there were samples, to figures of 0 to 100; `verdicts` counts
    programs: passed, failed, timed out; `protections` of the sandbox: network, files.
    """
    return {"schema": SCHEMA, **asdict(report)}


def training_document(report: training.TrainingReport) -> Document:
    """Return what came of a training run: schema, checkpoint, finished, steps, of_steps, mrr, curves, ..."""
    return {"schema": SCHEMA, **asdict(report)}


def _coverage(coverage: Coverage) -> Document:
    return {**asdict(coverage), "complete": coverage.complete}


def _plain_value(value: object) -> object:
    """Return what JSON has no type for as text or list."""
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)
