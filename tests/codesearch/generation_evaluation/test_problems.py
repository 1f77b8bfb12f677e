"""Problems read in the published formats, and solved by programs that are really run."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING

import pytest

from codesearch.codet5p.writer import Task
from codesearch.errors import ProblemsUnreadable
from codesearch.evaluation.generation.problems import evaluate_problems, read_problems
from codesearch.evaluation.generation.report import ProblemSettings
from tests.codesearch.generation_evaluation.corpora import FakeWriter

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the sandbox needs POSIX limits")

BEGUN = 'import math\n\n\ndef double(n: int) -> int:\n    """ Return twice\n    the number.\n    """\n'
HUMAN = {
    "task_id": "HumanEval/0",
    "prompt": BEGUN,
    "entry_point": "double",
    "canonical_solution": "    return 2 * n\n",
    "test": "def check(candidate):\n    assert candidate(3) == 6\n    assert candidate(0) == 0\n",
}
MBPP = {
    "task_id": 7,
    "text": "Write a function to add.",
    "code": "def add(a, b): return a + b",
    "test_setup_code": "import math",
    "test_list": ["assert add(1, 2) == 3", "assert add(math.floor(1.5), 0) == 1"],
}
PATIENT = ProblemSettings(seconds=60.0)


def write(path: Path, *rows: dict[str, object]) -> Path:
    """Write rows as JSON lines, gzipped by name."""
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def answers(task: Task, parts: tuple[str, ...], prefix: str) -> str:
    """Solve both problems, and go on writing after the first."""
    if prefix:
        return "    return n + n\n\nprint(undefined)\n"
    return "def add(a, b):\n    return a + b\n"


def test_human_eval(tmp_path: Path) -> None:
    """The docstring is what is asked, the prompt what is gone on with; what follows the function is cut off."""
    (problem,) = read_problems(write(tmp_path / "human.jsonl", HUMAN))
    assert (problem.id, problem.text, problem.begun) == ("HumanEval/0", "Return twice the number.", BEGUN)
    program = problem.program("    return 2 * n\n\ndef other(): oops")
    assert program == BEGUN + "    return 2 * n\n" + "\n\n" + HUMAN["test"] + "\n\ncheck(double)\n"


def test_mbpp(tmp_path: Path) -> None:
    """The text and the assertions are what is asked; what the tests need comes first, also of the sanitised file."""
    sanitised = {"task_id": 8, "prompt": "Add.", "test_imports": ["import re"], "test_list": ["assert add(1, 1) == 2"]}
    first, second = read_problems(write(tmp_path / "mbpp.jsonl.gz", MBPP, sanitised))
    assert first.text == "Write a function to add.\nassert add(1, 2) == 3\nassert add(math.floor(1.5), 0) == 1"
    assert first.program("x").startswith("import math\nx\n\nassert add(1, 2)")
    assert second.program("x") == "import re\nx\n\nassert add(1, 1) == 2\n"
    assert read_problems(tmp_path / "mbpp.jsonl.gz", limit=1) == [first]


def test_solved_by_tests(tmp_path: Path) -> None:
    """Right programs pass; one greedy program each, of which the prompt is the prefix."""
    writer = FakeWriter(answers)
    path = write(tmp_path / "both.jsonl", HUMAN, MBPP)
    report = evaluate_problems(path, writer, "fake-1", PATIENT)
    assert (report.file, report.model, report.problems) == ("both.jsonl", "fake-1", 2)
    assert (report.pass_at, report.verdicts) == ({"pass@1": 100.0}, {"passed": 2})
    assert writer.asked[0] == (Task.CODE, ("Return twice the number.",), BEGUN)
    assert (writer.asked[1][2], writer.decodings[0].samples) == ("", False)


def test_several_samples(tmp_path: Path) -> None:
    """Of ten programs one passes: pass@1 is 10, pass@10 100; each is drawn with a seed of its own."""
    texts = iter(["    return 1\n"] * 4 + ["    return 2 * n\n"] + ["    while True: pass\n"] + ["    return (\n"] * 4)
    writer = FakeWriter(lambda *_: next(texts))
    settings = ProblemSettings(samples=10, seed=5, seconds=2.0)
    report = evaluate_problems(write(tmp_path / "one.jsonl", HUMAN), writer, "fake-1", settings)
    assert report.pass_at == {"pass@1": 10.0, "pass@10": 100.0}
    assert report.verdicts == {"failed": 8, "passed": 1, "timed out": 1}
    assert [one.seed for one in writer.decodings] == list(range(5, 15))
    assert {(one.temperature, one.top_p) for one in writer.decodings} == {(0.2, 0.95)}


@pytest.mark.parametrize("rows", [[], [{"task_id": 1}], [{"task_id": 1, "test_list": []}]])
def test_what_is_no_problem(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    """An empty file and rows without the fields are errors of ours."""
    with pytest.raises(ProblemsUnreadable):
        read_problems(write(tmp_path / "bad.jsonl", *rows))


def test_no_file(tmp_path: Path) -> None:
    """A missing file and one that is no JSON are errors of ours."""
    with pytest.raises(ProblemsUnreadable):
        read_problems(tmp_path / "none.jsonl")
    (tmp_path / "bad.jsonl").write_text("{")
    with pytest.raises(ProblemsUnreadable):
        read_problems(tmp_path / "bad.jsonl")
