"""Questions to small real repositories, indexed and searched for real, against ranks worked out by hand."""

from __future__ import annotations

import json
from math import log2
from typing import TYPE_CHECKING, Any

import pytest

from codesearch import CodeSearch, Mode, RerankedMode
from codesearch.errors import CheckoutsMissing, EvaluationFolderInvalid
from codesearch.evaluation.checkouts import revision_of
from codesearch.evaluation.question_files import read_questions

if TYPE_CHECKING:
    from pathlib import Path

LETTERS = "a" * 40, "b" * 40
UPLOAD = '''class Queue:
    def retry_upload(self, job):
        """Send a failed upload again."""
        return self.send(job)

    def drop_job(self, job):
        self.jobs.remove(job)
'''
FILES = {
    "shop/src/upload.py": UPLOAD,
    "shop/src/basket.py": "def add_item(basket, item):\n    basket.append(item)\n",
    "shop/docs/drop.py": "def drop_job_and_item(job):\n    pass\n",
    "clock/time.go": "package clock\n\n// Tick waits a second.\nfunc Tick() {\n\twait(1)\n}\n",
}
SHOP = [
    {"query": "retry a failed upload", "relevant": ["src/upload.py"], "category": "semantic"},
    {"query": "add_item", "relevant": ["basket.py"], "secondary": ["src/upload.py"], "category": "symbol"},
    {"query": "where is the moon", "relevant": ["src/basket.py"], "secondary": []},
]
CLOCK = [{"query": "wait a second", "relevant": [{"path": "time.go", "start_line": 90, "end_line": 99}]}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Questions to two repositories and their checkouts, of which docs/ is not searched."""
    for name, text in FILES.items():
        path = tmp_path / "checkouts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    target = tmp_path / "questions"
    target.mkdir()
    listed = [
        {"name": "shop", "language": "python", "benchmark_root": "src", "revision": LETTERS[0]},
        {"name": "clock", "language": "go", "benchmark_root": None},
    ]
    (target / "repos.json").write_text(json.dumps(listed))
    _ask(target, "shop", SHOP)
    _ask(target, "clock", CLOCK)
    return target


def _ask(folder: Path, name: str, questions: list[dict[str, Any]]) -> None:
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in questions))


def _measure(folder: Path, **choices: Any):
    with CodeSearch(library=folder.parent / "library") as engine:
        return engine.evaluate_repositories(folder, folder.parent / "checkouts", [Mode.LEXICAL], **choices)


def test_figures(folder: Path) -> None:
    """Two of three questions find a file, one of them the first of two; the other repository finds its only one."""
    report = _measure(folder)
    second = 1 / (1 + 1 / log2(3))  # add_item: one of two places, at rank 1
    assert report.values["lexical"]["ndcg@10"] == pytest.approx([1, second, 0, 1], abs=1e-6)
    assert report.values["lexical"]["recall@5"] == [1.0, 0.5, 0.0, 1.0]
    assert report.modes["lexical"]["ndcg@10"] == pytest.approx(((1 + second) / 3 + 1) / 2, abs=1e-4)
    assert report.modes["lexical"]["mrr@10"] == pytest.approx((2 / 3 + 1) / 2, abs=1e-4)
    assert (report.set, report.queries, report.model, report.missing) == ("questions", 4, "", [])
    by_category = report.by_category["lexical"]
    assert {name: figures["mrr@10"] for name, figures in by_category.items()} == {
        "": 0.5,
        "semantic": 1.0,
        "symbol": 1.0,
    }
    assert {name: figures["mrr@10"] for name, figures in report.by_language["lexical"].items()} == {
        "go": 1.0,
        "python": 0.6667,
    }
    low, high = report.intervals["lexical"]["mrr@10"]
    assert low < report.modes["lexical"]["mrr@10"] < high
    assert [(query.id, query.repository) for query in report.asked][2:] == [("shop:3", "shop"), ("clock:1", "clock")]


def test_what_was_indexed_is_kept(folder: Path) -> None:
    """Only the folder named is searched; a second run finds the index as it was and the same figures."""
    first, second = _measure(folder), _measure(folder)
    assert [(one.name, one.files, one.indexed_files) for one in first.repositories] == [("shop", 2, 2), ("clock", 1, 1)]
    assert [(one.name, one.files, one.indexed_files) for one in second.repositories] == [
        ("shop", 2, 0),
        ("clock", 1, 0),
    ]
    assert first.values == second.values
    assert all(one.definitions and one.passages for one in second.repositories)
    with CodeSearch(library=folder.parent / "library") as engine:
        assert engine.status() == []  # a user's own library has none of it


def test_truth_of_single_definitions(folder: Path) -> None:
    """A line means the innermost definition around it, a name the definition of it; what is none is named."""
    query = "drop job"
    places = ["src/upload.py:7", "src/upload.py::drop_job", "upload.py::Queue.retry_upload", "src/upload.py:700"]
    _ask(folder, "shop", [{"query": query, "relevant": [place]} for place in places])
    with CodeSearch(library=folder.parent / "library") as engine:
        root = folder.parent / "checkouts" / "shop" / "src"
        found = [match.definition.qualified_name for match in engine.search(query, [root], mode=Mode.LEXICAL).matches]
    report = _measure(folder, only=["shop"])
    dropped, retried = (
        found.index(name) + 1 if name in found else None for name in ("Queue.drop_job", "Queue.retry_upload")
    )
    assert dropped is not None
    expected = [1 / dropped, 1 / dropped, 1 / retried if retried else 0.0, 0.0]
    assert report.values["lexical"]["mrr@10"] == pytest.approx(expected, abs=1e-6)
    assert report.unresolved == ["shop/src/upload.py:700"]


def test_a_small_cutoff(folder: Path) -> None:
    """The cutoff is that of every figure."""
    assert list(_measure(folder, cutoff=3).modes["lexical"]) == ["ndcg@3", "mrr@3", "recall@1", "recall@3"]


def test_missing_checkouts_are_left_out(folder: Path) -> None:
    """One that is not there is named and does not count; without any there is nothing to measure."""
    checkouts = folder.parent / "checkouts"
    (checkouts / "shop" / "src").rename(checkouts / "shop" / "source")
    report = _measure(folder)
    assert (report.missing, report.queries, report.modes["lexical"]["mrr@10"]) == (["shop"], 1, 1.0)
    with pytest.raises(CheckoutsMissing) as nothing:
        _measure(folder, only=["shop"])
    assert (nothing.value.folder, nothing.value.names) == (checkouts, ("shop",))


def test_another_revision_is_named(folder: Path) -> None:
    """A checkout whose HEAD is another commit than the questions' is named; without .git nobody knows."""
    assert _measure(folder).other_revisions == []
    git = folder.parent / "checkouts" / "shop" / ".git"
    git.mkdir()
    (git / "HEAD").write_text(LETTERS[1])
    assert _measure(folder).other_revisions == ["shop"]
    (git / "HEAD").write_text(f"{LETTERS[0]}\n")
    assert _measure(folder).other_revisions == []


def test_revisions_of_checkouts(tmp_path: Path) -> None:
    """A branch is looked up in its own file, then among the packed ones; a worktree points to its folder."""
    assert revision_of(tmp_path) is None
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "packed-refs").write_text(f"# pack-refs\n{LETTERS[0]} refs/heads/main\n")
    assert revision_of(tmp_path) == LETTERS[0]
    (git / "refs" / "heads" / "main").write_text(f"{LETTERS[1]}\n")
    assert revision_of(tmp_path) == LETTERS[1]
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text("gitdir: ../.git\n")
    assert revision_of(tmp_path / "tree") == LETTERS[1]


def test_replacing_is_refused(folder: Path) -> None:
    """A search has no mode in which a head replaces its order."""
    with CodeSearch(library=folder.parent / "library") as engine, pytest.raises(ValueError, match="replace"):
        engine.evaluate_repositories(folder, folder, [RerankedMode(Mode.DENSE, replacing=True)])


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ({"relevant": ["a"]}, "clock.jsonl, line 1: no field 'query', only relevant"),
        ({"query": "x"}, "clock.jsonl, line 1: no field 'relevant', only query"),
        ({"query": "x", "relevant": []}, "clock.jsonl, line 1: the question 'x' needs places that answer it"),
        ({"query": "x", "relevant": ["a.py", 7]}, "clock.jsonl, line 1: the question 'x' needs places that answer it"),
        ({"query": "x", "relevant": "a.py"}, "clock.jsonl, line 1: the places that answer 'x' are not a list"),
        ({"query": "?", "relevant": ["a.py"]}, "clock.jsonl, line 1: the question '?' has no letter and no digit"),
    ],
)
def test_wrong_questions_are_named(folder: Path, question: dict[str, Any], detail: str) -> None:
    """What is wrong with a question is said, before anything is indexed."""
    _ask(folder, "clock", [question])
    with pytest.raises(EvaluationFolderInvalid) as wrong:
        read_questions(folder)
    assert wrong.value.detail == detail
    assert [one.name for one in read_questions(folder, ["shop"])] == ["shop"]


def test_wrong_lists_are_named(folder: Path, tmp_path: Path) -> None:
    """A list that is missing, no list, or without the repository that is asked for."""
    with pytest.raises(EvaluationFolderInvalid, match=r"repos\.json has no repository moon"):
        read_questions(folder, ["shop", "moon"])
    with pytest.raises(EvaluationFolderInvalid, match=r"repos\.json is missing"):
        read_questions(tmp_path)
    (folder / "repos.json").write_text('{"name": "shop"}')
    with pytest.raises(EvaluationFolderInvalid, match="is not a list of objects"):
        read_questions(folder)
    (folder / "repos.json").write_text('[{"name": "shop"}, {"revision": "1"}]')
    with pytest.raises(EvaluationFolderInvalid, match=r"repos\.json, entry 2: no field 'name', only revision"):
        read_questions(folder)
    _ask(folder, "shop", [])
    (folder / "repos.json").write_text('[{"name": "shop"}]')
    with pytest.raises(EvaluationFolderInvalid, match="there is no question to shop"):
        read_questions(folder)
