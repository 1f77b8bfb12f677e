"""The matching head on a CPU against the network in torch; its batches, its graphs and what it loads."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import platformdirs
import pytest
import torch

from codesearch.codet5p import load_matcher
from codesearch.codet5p.checkpoint import write_checkpoint
from codesearch.codet5p.config import Architecture, StackConfig
from codesearch.codet5p.cpu_matcher import CpuMatcher
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.codet5p.graph_cache import GraphCache, Part
from codesearch.codet5p.network import load_network
from codesearch.codet5p.onnx_matching import match_graph, text_graph
from codesearch.codet5p.quantisation import Precision
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from tests.codesearch.codet5p import folders, two_tokenizers

PROJECT = Path(__file__).parents[3]
TEXTS = ["parse a date", "return", "parse a date", "", "a [SEP] </s>", "return def", "def a ( date ) : " * 9]
# The longest is cut where there are 64 tokens, and elsewhere reaches beyond every bucket of T5's positions.
CODES = [
    "def a(s):\n\treturn s",
    "",
    "x y" * 70,
    "return </s> <s>",
    "é ∑ 漢字 \x00",
    "return a",
    "def a(s):\n\treturn s",
]

pytestmark = pytest.mark.usefixtures("one_thread")

BERT = dataclasses.replace(two_tokenizers.BERT_DECODER, layers=3)
NARROW = dataclasses.replace(BERT, layers=2, hidden_size=16, head_size=4)
# Wide enough that rounding errors average out as they do in a real decoder
WIDE_READER = dataclasses.replace(two_tokenizers.BERT, hidden_size=96, head_size=24, feed_forward_size=192)
WIDE_BERT = dataclasses.replace(BERT, hidden_size=128, head_size=32, feed_forward_size=256)
WIDE_T5 = StackConfig(Architecture.T5, two_tokenizers.ROWS, 128, 256, 3, 4, 32, 1e-6)


def write_shared(folder):
    return folders.published(folder, "codet5p_bimodal", file="model.safetensors")


def write_apart(decoder):
    return lambda folder: two_tokenizers.write(folder, decoder=decoder)


def write_wide(folder, decoder):
    """Write a checkpoint of wide stacks.

    Weights are smaller, so that states do not explode. Without biases: random ones, alike for all code, would be most
    of every state, and scores would hardly differ.
    """
    config, tensors = two_tokenizers.write(folder, WIDE_READER, decoder)
    for name, tensor in tensors.items():
        factor = 0 if name.endswith(".bias") else 1 if tensor.ndim == 1 else 0.45
        tensors[name] = tensor * np.float32(factor)
    write_checkpoint(folder, config, tensors, two_tokenizers.word_pieces(), two_tokenizers.byte_pairs())


WRITERS = {
    "bert": write_apart(BERT),
    "one layer": write_apart(two_tokenizers.BERT_DECODER),
    "narrow bert": write_apart(NARROW),
    "t5": write_apart(two_tokenizers.DECODER),
    "shared t5": write_shared,
}


@pytest.fixture(scope="module", params=WRITERS.values(), ids=WRITERS.keys())
def checkpoint(request, tmp_path_factory):
    """Write a small checkpoint with a matching head: its folder, configuration and tensors."""
    folder = tmp_path_factory.mktemp("checkpoint")
    return folder, *request.param(folder)


@pytest.fixture
def bert(tmp_path):
    """Write a small checkpoint with a decoder of BERT's kind; return its folder."""
    two_tokenizers.write(tmp_path / "bert", decoder=BERT)
    return tmp_path / "bert"


def in_torch(folder, config, texts, codes):
    """Return `Network.match_scores` of each pair alone: nothing is padded."""
    network, limits = load_network(folder), (config.query_tokens, config.passage_tokens)
    tokenizers = load_tokenizer(folder, config), load_decoder_tokenizer(folder, config)
    found = []
    for text, code in zip(texts, codes, strict=True):
        (ids, mask), code_tensors = (
            [torch.from_numpy(one) for one in tokenizer.pad(tokenizer.encode([part], limit))]
            for tokenizer, part, limit in zip(tokenizers, (text, code), limits, strict=True)
        )
        with torch.no_grad():
            found.append(float(network.match_scores(network.encode(ids, mask), mask, *code_tensors)[0]))
    return np.array(found, np.float32)


@pytest.mark.parametrize("threads", [1, 3])
def test_float32_equals_torch(checkpoint, tmp_path, threads):
    """Pairs of mixed lengths in padded batches, some of them cut, of several texts and of one."""
    folder, config, _ = checkpoint
    matcher = CpuMatcher(folder, tmp_path, Precision.FLOAT32, threads)
    pairs = matcher.pair_scores(TEXTS, CODES)
    assert pairs.dtype == np.float32
    assert np.abs(pairs - in_torch(folder, config, TEXTS, CODES)).max() < 1e-4
    assert len(set(np.round(pairs, 3))) == len(TEXTS)
    found = matcher.scores(TEXTS[0], CODES)
    assert np.abs(found - in_torch(folder, config, [TEXTS[0]] * len(CODES), CODES)).max() < 1e-4
    assert np.abs(found - matcher.pair_scores([TEXTS[0]] * len(CODES), CODES)).max() < 1e-5


def pairs_of(words, number):
    """Return `number` texts and codes, drawn from `words`."""
    draw = np.random.default_rng(2)
    texts, codes = ([" ".join(draw.choice(words, draw.integers(1, 24))) for _ in range(number)] for _ in range(2))
    return texts, codes


@pytest.mark.parametrize("decoder", [WIDE_BERT, WIDE_T5], ids=["bert", "t5"])
def test_integers_stay_close_to_float32(tmp_path, decoder):
    """Over 60 random pairs int8 orders as float32 does (correlation above .98) and misses by little of the spread."""
    write_wide(tmp_path / "wide", decoder)
    texts, codes = pairs_of(["parse", "a", "date", "return", "def", "x(y)", "for", "=="], 60)
    exact, eight, seven = (
        CpuMatcher(tmp_path / "wide", tmp_path / "cache", one).pair_scores(texts, codes)
        for one in (Precision.FLOAT32, Precision.INT8, Precision.INT7)
    )
    assert np.corrcoef(exact, eight)[0, 1] > 0.98
    assert np.abs(exact - eight).mean() < 0.2 * exact.std()
    assert 0 < np.abs(exact - eight).mean() < np.abs(exact - seven).mean()


def test_company_order_and_threads_do_not_matter(checkpoint, tmp_path):
    """In int8 a pair has one score: among repeated others, reversed, alone, for one query or as a pair of many."""
    folder, _, _ = checkpoint
    matcher, alone = CpuMatcher(folder, tmp_path, threads=2), CpuMatcher(folder, tmp_path, threads=1)
    together = matcher.scores(TEXTS[0], CODES * 20)[: len(CODES)]
    # A last bit of float32 can move a value over a rounding step; the scores of different code are much further apart.
    for other in (
        matcher.scores(TEXTS[0], CODES[::-1])[::-1],
        np.concatenate([alone.scores(TEXTS[0], [code]) for code in CODES]),
        matcher.pair_scores([*TEXTS, *[TEXTS[0]] * len(CODES)], CODES * 2)[len(CODES) :],
    ):
        assert np.abs(together - other).max() < 2e-2
    assert together[0] == pytest.approx(together[-1], abs=1e-5)


def test_nothing_to_score(bert, tmp_path):
    """No code gives no scores; texts without their code, and a checkpoint without a head, are refused."""
    matcher = CpuMatcher(bert, tmp_path)
    assert matcher.scores("anything", []).shape == matcher.pair_scores([], []).shape == (0,)
    with pytest.raises(ValueError, match="2 texts for 1 codes"):
        matcher.pair_scores(["a", "b"], ["c"])
    folders.published(tmp_path / "encoder", "codet5p_embedding", file="model.safetensors")
    with pytest.raises(CapabilityMissing) as caught:
        CpuMatcher(tmp_path / "encoder", tmp_path)
    assert caught.value.capability == "matching head"


class _Counted:
    """A session that notes how many texts or codes each run has."""

    def __init__(self, session, runs):
        self.session, self.runs = session, runs

    def run(self, outputs, feeds):
        self.runs.append((outputs[0], len(feeds["ids"])))
        return self.session.run(outputs, feeds)


def test_a_query_is_read_once(bert, tmp_path, monkeypatch):
    """One run for the text, before those of all batches of code."""
    open_session, runs = GraphCache.session, []
    monkeypatch.setattr(GraphCache, "session", lambda cache, precision: _Counted(open_session(cache, precision), runs))
    matcher = CpuMatcher(bert, tmp_path, threads=2)
    runs.clear()
    matcher.scores("parse a date", CODES * 30)
    assert runs[0] == ("keys", 1)
    assert {name for name, _ in runs[1:]} == {"logits"}
    assert len(runs) > 3
    assert sum(codes for _, codes in runs[1:]) == len(CODES) * 30


@pytest.mark.parametrize(("decoder", "activation"), [(BERT, "Gelu"), (two_tokenizers.DECODER, "Relu")])
def test_the_last_layer_computes_one_token_of_each_code(tmp_path, decoder, activation):
    """Feed-forward layers but the last have a row for every token, the last one for every code."""
    config, tensors = two_tokenizers.write(tmp_path, decoder=decoder)
    model = match_graph(config, tensors, Precision.FLOAT32)
    wide = [node.output[0] for node in model.graph.node if node.op_type == activation]
    model.graph.output.extend(type(model.graph.output[0])(name=name) for name in wide)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    context = np.ones((decoder.layers, 1, decoder.heads, 6, 6), np.float32)
    ends, mask = np.array([5, 1, 3]), np.ones((1, 6), np.int64)
    feeds = {"ids": np.ones((3, 8), np.int64), "ends": ends, "text_mask": mask, "keys": context, "values": context}
    found = session.run(["logits", *wide], feeds)
    assert [len(rows) for rows in found] == [3, *[24] * (decoder.layers - 1), 3]


def test_integers_are_what_onnxruntime_multiplies(tmp_path):
    """Every linear layer but bridge and head: 6 a layer of the encoder, 2 + 8 of the decoder, and the probe."""
    config, tensors = two_tokenizers.write(tmp_path, decoder=NARROW)
    graphs = [write(config, tensors, Precision.INT8).graph for write in (text_graph, match_graph)]
    kinds = [[node.op_type for node in graph.node] for graph in graphs]
    assert [one.count("MatMulIntegerToFloat") for one in kinds] == [6 * 2 + 2 * 2 + 1, 8 * 2]
    assert [one.count("Gemm") for one in kinds] == [1, 1]


def test_the_graphs_are_kept(bert, tmp_path):
    """One for texts and one for code, read again by the next matcher; another decoder has its own."""
    cache = tmp_path / "cache"
    first = CpuMatcher(bert, cache).pair_scores(TEXTS, CODES)
    kept = sorted(path.name for path in cache.iterdir())
    assert [name.split("-")[2] for name in kept] == [Part.MATCH, Part.TEXT]
    assert np.array_equal(CpuMatcher(bert, cache, threads=1).pair_scores(TEXTS, CODES).round(1), first.round(1))
    assert sorted(path.name for path in cache.iterdir()) == kept
    config, tensors = two_tokenizers.write(bert, decoder=BERT)
    tensors["itm_head.bias"] = tensors["itm_head.bias"] + np.float32(1)
    write_checkpoint(bert, config, tensors, two_tokenizers.word_pieces(), two_tokenizers.byte_pairs())
    assert CpuMatcher(bert, cache).pair_scores(TEXTS, CODES) == pytest.approx(first + 1, abs=0.05)
    assert len(list(cache.iterdir())) == 4


def test_graphs_have_a_place_where_none_is_named(bert, tmp_path, monkeypatch):
    """Without a cache folder they go to the platform's, below its folder for what may be deleted."""
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name, appauthor: tmp_path / "caches" / name)
    assert isinstance(load_matcher(str(bert), "cpu"), CpuMatcher)
    assert len(list((tmp_path / "caches" / "codesearch" / "runtimes").iterdir())) == 2


def test_scoring_loads_neither_torch_nor_onnx(bert, tmp_path):
    """In a fresh process with kept graphs, scoring loads tokenizers, numpy and onnxruntime only."""
    expected = load_matcher(str(bert), "cpu", cache_folder=tmp_path / "cache").scores("parse a date", CODES)
    program = (
        "import sys, json; from pathlib import Path; from codesearch.codet5p import load_matcher\n"
        "matcher = load_matcher(sys.argv[1], 'cpu', cache_folder=Path(sys.argv[2]))\n"
        "scores = matcher.scores('parse a date', json.loads(sys.argv[3])).tolist()\n"
        "print(json.dumps([scores, [name for name in sys.modules if '.' not in name]]))"
    )
    command = [sys.executable, "-c", program, str(bert), str(tmp_path / "cache"), json.dumps(CODES)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    scores, loaded = json.loads(shown.stdout)
    assert scores == pytest.approx(expected.tolist(), abs=2e-2)
    assert "onnxruntime" in loaded
    assert not set(loaded) & {"torch", "transformers", "onnx", "safetensors"}
