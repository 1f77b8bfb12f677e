"""An evaluation of judged pairs from the file to the figures, worked out by hand and against the formulas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from codesearch import CodeSearch, Progress
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from codesearch.errors import EvaluationFolderInvalid
from codesearch.evaluation.judged_pairs import JudgedPair, JudgedPairs
from codesearch.evaluation.matching import evaluate_matching
from tests.codesearch.codet5p import folders, reference, two_tokenizers
from tests.fakes import FakeEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PAIRS = (
    JudgedPair("read", "read", right=True),  # cosine 1
    JudgedPair("read", "write", right=False),  # vectors (1, 0, 1) and (0, 1, 1): cosine 1/2
    JudgedPair("read", "send it", right=True),  # 1/2
    JudgedPair("read", "nothing", right=False),  # 1 over the square root of 2: .7071
)
LOGITS = {"read": -1.0, "write": -2.0, "send it": 2.0, "nothing": 0.25}


class FakeMatcher:
    """Scores code by a table, whatever the text."""

    def scores(self, query: str, codes: Sequence[str]) -> np.ndarray:
        return np.array([LOGITS[code] for code in codes], np.float32)

    def pair_scores(self, texts: Sequence[str], codes: Sequence[str]) -> np.ndarray:
        assert set(texts) == {"read"}
        return self.scores("read", codes)


def test_three_scores_by_hand() -> None:
    """Logits -1 2 | -2 .25, cosines 1 .5 | .5 .7071, sums 0 2.5 | -1.5 .9571 of right | wrong pairs."""
    report = evaluate_matching(JudgedPairs("tiny", PAIRS), FakeEncoder(), FakeMatcher())
    assert (report.set, report.pairs, report.right, report.model) == ("tiny", 4, 2, "fake-1")
    assert report.scores == {
        "matching": {"auc": 0.75, "ap": 0.8333, "accuracy": 0.75, "threshold": 0.25, "accuracy@0": 0.5},
        "cosine": {"auc": 0.625, "ap": 0.75, "accuracy": 0.75, "threshold": 0.7071, "accuracy@0": 0.5},
        "sum": {"auc": 0.75, "ap": 0.8333, "accuracy": 0.75, "threshold": 0.9571, "accuracy@0": 0.5},
    }


def test_without_a_matching_head() -> None:
    """The cosine alone is measured, and progress counts pairs to the last."""
    steps: list[Progress] = []
    report = evaluate_matching(JudgedPairs("many", PAIRS * 20), FakeEncoder(), None, steps.append)
    assert list(report.scores) == ["cosine"]
    assert report.scores["cosine"]["auc"] == 0.625
    assert [(step.phase, step.done, step.total) for step in steps] == [("match", 64, 80), ("match", 80, 80)]


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """Six judged pairs in words that the small checkpoints know."""
    texts = ["parse a date", "return", "parse", "def a", "return a date", "a"]
    codes = ["def parse(a):", "return a", "date", "def a(date): return a", "parse(a)", "return (a)"]
    rows = [
        {"query": text, "code": code, "label": place % 2}
        for place, (text, code) in enumerate(zip(texts, codes, strict=True))
    ]
    folder = tmp_path / "judged"
    folder.mkdir()
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_a_checkpoint_folder_is_measured(judged: Path, tmp_path: Path) -> None:
    """From files to figures: the AUC is that of logits in numpy, by brute force; a limit keeps the first pairs."""
    config, tensors = two_tokenizers.write(tmp_path / "model")
    rows = [json.loads(line) for line in (judged / "pairs.jsonl").read_text().splitlines()]
    texts = load_tokenizer(tmp_path / "model", config).encode([row["query"] for row in rows], config.query_tokens)
    codes = load_decoder_tokenizer(tmp_path / "model", config).encode([row["code"] for row in rows], 64)
    logits = [reference.match(tensors, config, *pair)[1] for pair in zip(texts, codes, strict=True)]
    above = [right > wrong for right in logits[1::2] for wrong in logits[::2]]
    with CodeSearch(library=tmp_path / "library", model=str(tmp_path / "model")) as engine:
        report = engine.evaluate_matching(judged)
        first = engine.evaluate_matching(judged, limit=2)
    assert list(report.scores) == ["matching", "cosine", "sum"]
    assert report.scores["matching"]["auc"] == round(sum(above) / len(above), 4)
    assert report.scores["matching"]["accuracy@0"] == round(
        sum((logit > 0) == (place % 2) for place, logit in enumerate(logits)) / len(logits), 4
    )
    assert (report.set, report.pairs, report.right, first.pairs) == ("judged", 6, 3, 2)
    assert first.scores["matching"]["auc"] == float(logits[1] > logits[0])


def test_an_encoder_alone_is_measured(judged: Path, tmp_path: Path) -> None:
    """A checkpoint without a matching head has a cosine, and a set without pairs is an error."""
    (tmp_path / "model").mkdir()
    folders.published(tmp_path / "model", "codet5p_embedding", file="model.safetensors")
    with CodeSearch(library=tmp_path / "library", model=str(tmp_path / "model")) as engine:
        assert list(engine.evaluate_matching(judged).scores) == ["cosine"]
        with pytest.raises(EvaluationFolderInvalid):
            engine.evaluate_matching(tmp_path)
