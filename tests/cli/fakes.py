"""A hand-made engine: it answers what it was given, and remembers what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from codesearch import (
    Coverage,
    Definition,
    EvaluationReport,
    IndexReport,
    Kind,
    Match,
    MatchingReport,
    Mode,
    ModelChange,
    ModelStatus,
    Progress,
    RepositoryStatus,
    SearchResults,
    SkippedFile,
    VerificationReport,
    evaluation,
)

ROOT = Path("/work space/shop")
INDEXED_AT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)

RETRY_CODE = '''\
def retry(self, job):
        """Send a failed upload again."""
        for attempt in range(3):
            if self.send(job):
                return attempt
        raise UploadFailed(job)'''

PARSE_CODE = "\n".join(["func Parse(text string) (Date, error) {", *(f"\tstep{n}(text)" for n in range(20)), "}"])

OUTLINE_CODE = 'class Basket:\n    """What a customer wants to buy."""\n\n    def add(self, item):'


def definition(
    kind: Kind, qualified_name: str, code: str, lines: tuple[int, int], documentation: str = ""
) -> Definition:
    """Return a definition whose name and signature follow from what is given."""
    name = qualified_name.rsplit(".", 1)[-1]
    signature = code.split("\n", 1)[0]
    return Definition(kind, name, qualified_name, signature, documentation, code, *lines, 0, len(code))


def match(path: str, language: str, found: Definition, score: float, focus: tuple[int, int] | None = None) -> Match:
    """Return a match that both sides found, at ranks 1 and 2."""
    focus = focus or (found.start_line, found.end_line)
    return Match(ROOT, path, language, found, score, 1, 2, 0.5, focus)


RETRY = match(
    "upload/queue.py",
    "python",
    definition(Kind.METHOD, "Queue.retry", RETRY_CODE, (41, 46), "Send a failed upload again."),
    0.913,
)
PARSE = match(
    "dates.go",
    "go",
    definition(Kind.FUNCTION, "Parse", PARSE_CODE, (7, 28), "Parse reads a date in any of the usual forms."),
    0.5,
    (20, 22),
)
BASKET = match("basket.py", "python", definition(Kind.CLASS, "Basket", OUTLINE_CODE, (1, 30)), 0.25)


@dataclass(frozen=True)
class FakeCheck:
    """One check of a verification."""

    name: str
    passed: bool
    detail: str


REPORT = IndexReport(
    added=12,
    removed=1,
    unchanged=2000,
    skipped={"binary": 2, "empty": 1},
    definitions=4100,
    passages=5000,
    embedded=4850,
    reused=150,
    seconds=2.345,
)

VERIFICATION = VerificationReport("bundled", (FakeCheck("norm", True, "1.0000"),))

MODELS = [
    ModelStatus("bundled", "A compact CodeT5+ encoder.", True, "codesearch/weights/bundled", 256, True),
    ModelStatus("codet5p-220m-bimodal", "The full-quality engine.", False, "/hub/big", 256, False),
]

EVALUATION = EvaluationReport(
    "shop",
    200,
    1000,
    "bundled",
    {
        "lexical": {"mrr@10": 0.5, "ndcg@10": 0.55, "recall@10": 0.7},
        "hybrid": {"mrr@10": 0.8125, "ndcg@10": 0.83, "recall@10": 0.9},
    },
)

MATCHING = MatchingReport(
    "shop",
    600,
    310,
    "bundled",
    {
        "matching": {"auc": 0.75, "threshold": -1.25, "accuracy@0": 0.6},
        "cosine": {"auc": 0.7, "threshold": 0.6, "accuracy@0": 0.5},
    },
)

WRITTEN = evaluation.GenerationReport(
    "shop",
    "bundled@0123abcd",
    500,
    20_000,
    evaluation.WritingSettings(),
    {
        "code": {
            "retrieval": {"exact_match": 0.0, "bleu": 12.5, "p50_ms": 4.0},
            "augmented": {"exact_match": 3.25, "bleu": 31.0, "p50_ms": 1250.0},
        },
        "summary": {"generation": {"smoothed_bleu": 17.125, "p50_ms": 300.0}},
    },
    {"python": {"augmented": {"exact_match": 3.25}}},
)

PROBLEMS = evaluation.ProblemsReport(
    "human.jsonl",
    "bundled@0123abcd",
    164,
    evaluation.ProblemSettings(samples=10),
    {"pass@1": 12.0, "pass@10": 20.5},
    {"failed": 1440, "passed": 197, "timed out": 3},
    ("files", "network"),
)

COVERAGE = Coverage(4100, 5000, 5000, INDEXED_AT, stale=False)

STATUS = RepositoryStatus(
    ROOT,
    {"python": 800, "go": 300},
    {"binary": 4, "not source code (json)": 12, "not source code (text)": 8},
    {"function": 2500, "method": 1600},
    5000,
    4850,
    "bundled@0123abcd",
    INDEXED_AT,
)


@dataclass
class FakeCodeSearch:
    """Answers with `matches` whatever is asked; `raises` is raised by every call instead, if given."""

    matches: tuple[Match, ...] = (RETRY, PARSE, BASKET)
    coverage: Coverage = COVERAGE
    statuses: tuple[RepositoryStatus, ...] = (STATUS,)
    skipped: tuple[SkippedFile, ...] = (SkippedFile("logo.png", "binary"), SkippedFile("vendor/", "ignored"))
    report: IndexReport = REPORT
    verification: VerificationReport = VERIFICATION
    change: ModelChange | None = None
    raises: BaseException | None = None
    library_folder: Path = Path("/library")
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, library: Path | None, model: str) -> FakeCodeSearch:
        """Be one's own factory."""
        self.calls.append(("open", library, model))
        return self

    def __enter__(self) -> FakeCodeSearch:
        return self

    def __exit__(self, *_: object) -> None:
        self.calls.append(("close",))

    def _called(self, *call: object) -> None:
        self.calls.append(call)
        if self.raises is not None:
            raise self.raises

    def search(self, query, paths=(), *, top_k=10, mode=Mode.HYBRID, filters=None, refresh=True, progress, **others):
        self._called("search", query, tuple(paths), top_k, mode, filters, refresh, others)
        progress(Progress("walk", 1, 1))
        return SearchResults(query, mode, self.matches[:top_k], self.coverage, 0.021)

    def index(self, path, *, progress=None, lexical_only=False, summaries=None):
        self._called("index", path, lexical_only, *([] if summaries is None else [summaries]))
        return self.report

    def status(self, path=None):
        self._called("status", path)
        return list(self.statuses)

    def skipped_files(self, path):
        self._called("skipped_files", path)
        return list(self.skipped)

    def skip_reason(self, path):
        self._called("skip_reason", path)
        return ""

    def clear(self, path=None):
        self._called("clear", path)
        return [status.root for status in self.statuses]

    def model_change(self, path):
        self._called("model_change", path)
        return self.change

    def models(self):
        self._called("models")
        return list(MODELS)

    def verify_model(self, name):
        self._called("verify_model", name)
        return self.verification

    def evaluate(self, folder, modes, *, progress=None, limit=None, code_field="code", summaries=False):
        self._called("evaluate", folder, tuple(modes), limit, code_field, *(["summaries"] if summaries else []))
        return EVALUATION

    def evaluate_matching(self, folder, *, progress=None, limit=None, code_field="code"):
        self._called("evaluate_matching", folder, limit, code_field)
        return MATCHING

    def evaluate_generation(self, corpus, settings=None, *, progress=None, written=None):
        self._called("evaluate_generation", corpus, settings, written)
        return WRITTEN

    def evaluate_problems(self, path, settings=None, *, progress=None):
        self._called("evaluate_problems", path, settings)
        return PROBLEMS
