"""Which ones mean this? The public API: semantic code search over the repositories on this machine.

    from codesearch import CodeSearch

    with CodeSearch() as engine:
        for match in engine.search("where do we retry failed uploads?", ["."]).matches:
            print(match.path, match.definition.start_line, match.definition.qualified_name)

Importing this package is light: a name is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesearch.lazy_names import lazy_names

if TYPE_CHECKING:
    from codesearch.codet5p import ModelStatus, VerificationReport
    from codesearch.engine import CodeSearch
    from codesearch.evaluation.report import EvaluationReport, MatchingReport
    from codesearch.results import (
        CompletedCode,
        Correction,
        Coverage,
        ExplainedDefinition,
        Match,
        Mode,
        ModelChange,
        RepositoryStatus,
        RerankedMode,
        SearchResults,
        SimilarDefinitions,
        SkippedFile,
    )
    from indexer import IndexReport
    from store import CodesearchError, Definition, Filters, Kind, Progress

__version__ = "0.1.0"

__all__ = [
    "CodeSearch",
    "CodesearchError",
    "CompletedCode",
    "Correction",
    "Coverage",
    "Definition",
    "EvaluationReport",
    "ExplainedDefinition",
    "Filters",
    "IndexReport",
    "Kind",
    "Match",
    "MatchingReport",
    "Mode",
    "ModelChange",
    "ModelStatus",
    "Progress",
    "RepositoryStatus",
    "RerankedMode",
    "SearchResults",
    "SimilarDefinitions",
    "SkippedFile",
    "VerificationReport",
    "__version__",
]

_HOMES = {
    "CodeSearch": "codesearch.engine",
    "CodesearchError": "store.errors",
    "CompletedCode": "codesearch.results",
    "Correction": "codesearch.results",
    "Coverage": "codesearch.results",
    "Definition": "store.records",
    "EvaluationReport": "codesearch.evaluation.report",
    "ExplainedDefinition": "codesearch.results",
    "Filters": "store.records",
    "IndexReport": "indexer",
    "Kind": "store.records",
    "Match": "codesearch.results",
    "MatchingReport": "codesearch.evaluation.report",
    "Mode": "codesearch.results",
    "ModelChange": "codesearch.results",
    "ModelStatus": "codesearch.codet5p",
    "Progress": "store.records",
    "RepositoryStatus": "codesearch.results",
    "RerankedMode": "codesearch.results",
    "SearchResults": "codesearch.results",
    "SimilarDefinitions": "codesearch.results",
    "SkippedFile": "codesearch.results",
    "VerificationReport": "codesearch.codet5p",
}

__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
