"""Matchers against the network one pair at a time, an independent numpy implementation, and their limits."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from codesearch.codet5p import load_matcher
from codesearch.codet5p.errors import CapabilityMissing, DeviceUnavailable, ModelNotFound
from codesearch.codet5p.network import Network, load_network
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from codesearch.codet5p.torch_matcher import TorchMatcher
from tests.codesearch.codet5p import folders, reference, two_tokenizers

TEXTS = ["parse a date", "return", "parse a date", "", "a [SEP] </s>", "return def", "return"]
CODES = ["def a(s):\n\treturn s", "", "x" * 90, "return </s> <s>", "é ∑ 漢字 \x00", "return a", "def a(s):\n\treturn s"]


pytestmark = pytest.mark.usefixtures("one_thread")


def write_shared(folder):
    return folders.published(folder, "codet5p_bimodal", file="model.safetensors")


def write_bert_decoder(folder):
    return two_tokenizers.write(folder, decoder=two_tokenizers.BERT_DECODER)


WRITERS = {"own tokenizer": two_tokenizers.write, "shared": write_shared, "bert decoder": write_bert_decoder}


@pytest.fixture(scope="module", params=WRITERS.values(), ids=WRITERS.keys())
def checkpoint(request, tmp_path_factory):
    """Write a small checkpoint with a matching head: its folder, configuration and tensors."""
    folder = tmp_path_factory.mktemp("checkpoint")
    return folder, *request.param(folder)


def one_by_one(folder, config, texts, codes):
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


@pytest.mark.parametrize("batch_tokens", [1, 60, 10_000])
def test_pairs_equal_the_network_one_by_one(checkpoint, batch_tokens):
    """Each alone, a few or all in a batch, in the order of the pairs; long code is cut, texts come twice."""
    folder, config, _ = checkpoint
    found = TorchMatcher(folder, "cpu", batch_tokens).pair_scores(TEXTS, CODES)
    assert found.dtype == np.float32
    assert np.abs(found - one_by_one(folder, config, TEXTS, CODES)).max() < 1e-5
    assert len(set(np.round(found, 3))) == len(TEXTS)


def test_pairs_follow_the_formulas(checkpoint):
    """The head's second logit, in numpy."""
    folder, config, tensors = checkpoint
    reader, writer = load_tokenizer(folder, config), load_decoder_tokenizer(folder, config)
    text_ids, code_ids = reader.encode(TEXTS, config.query_tokens), writer.encode(CODES, config.passage_tokens)
    expected = [reference.match(tensors, config, *pair)[1] for pair in zip(text_ids, code_ids, strict=True)]
    assert np.abs(TorchMatcher(folder, "cpu").pair_scores(TEXTS, CODES) - expected).max() < 5e-4


def test_a_query_is_encoded_once(checkpoint, monkeypatch):
    """Its scores are those of pairs, whatever the batches, and the encoder runs once; without code, never."""
    folder, config, _ = checkpoint
    matcher, encode, calls = TorchMatcher(folder, "cpu", 40), Network.encode, []

    def counted(network, ids, mask):
        calls.append(len(ids))
        return encode(network, ids, mask)

    expected = one_by_one(folder, config, [TEXTS[0]] * len(CODES), CODES)
    monkeypatch.setattr(Network, "encode", counted)
    assert np.abs(matcher.scores(TEXTS[0], CODES) - expected).max() < 1e-5
    assert calls == [1]
    assert matcher.scores("anything", []).shape == matcher.pair_scores([], []).shape == (0,)
    assert calls == [1]


def test_what_does_not_fit_is_halved(checkpoint, monkeypatch):
    """A device with room for two pairs gives the same scores; with room for none it says so."""
    folder, _, _ = checkpoint
    matcher, match = TorchMatcher(folder, "cpu", 10_000), Network.match_scores
    expected, room = matcher.pair_scores(TEXTS, CODES), 2

    def limited(network, states, text_mask, code_ids, code_mask):
        if len(code_ids) > room:
            raise torch.OutOfMemoryError
        return match(network, states, text_mask, code_ids, code_mask)

    monkeypatch.setattr(Network, "match_scores", limited)
    assert np.abs(matcher.pair_scores(TEXTS, CODES) - expected).max() < 1e-5
    assert np.abs(matcher.scores("return", CODES)[1] - expected[1]) < 1e-5
    room = 0
    with pytest.raises(torch.OutOfMemoryError):
        matcher.pair_scores(TEXTS, CODES)


def test_half_precision_orders_finely(checkpoint):
    """In bfloat16 the scores are about those of float32, and have more digits than bfloat16 holds."""
    folder, _, _ = checkpoint
    exact = TorchMatcher(folder, "cpu").pair_scores(TEXTS, CODES)
    half = TorchMatcher(folder, "cpu", dtype=torch.bfloat16).pair_scores(TEXTS, CODES)
    assert np.corrcoef(exact, half)[0, 1] > 0.99
    assert not np.array_equal(half, torch.from_numpy(half).bfloat16().float().numpy())


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_orders_as_the_cpu_does(checkpoint):
    """Scores on the GPU, in bfloat16, against float32 on the CPU."""
    folder = checkpoint[0]
    found = load_matcher(str(folder), "cuda").pair_scores(TEXTS, CODES)
    assert np.corrcoef(TorchMatcher(folder, "cpu").pair_scores(TEXTS, CODES), found)[0, 1] > 0.99


def test_what_cannot_match(checkpoint, tmp_path):
    """No matching head, no model, no such device, and texts without their code."""
    folders.published(tmp_path, "codet5p_embedding", file="model.safetensors")
    with pytest.raises(CapabilityMissing) as caught:
        load_matcher(str(tmp_path))
    assert caught.value.capability == "matching head"
    with pytest.raises(ModelNotFound):
        load_matcher(str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="device"):
        load_matcher(str(checkpoint[0]), "tpu")
    with pytest.raises(ValueError, match="2 texts for 1 codes"):
        TorchMatcher(checkpoint[0], "cpu").pair_scores(["a", "b"], ["c"])
    if not torch.cuda.is_available():
        with pytest.raises(DeviceUnavailable):
            load_matcher(str(checkpoint[0]), "cuda")


def test_a_model_without_a_head_loads_no_torch():
    """Asking the bundled encoder alone for its matching head costs nothing heavy; the package itself neither."""
    program = (
        "import sys, dataclasses\n"
        "from codesearch.codet5p import matcher, errors\n"
        "read = matcher.read_config\n"
        "matcher.read_config = lambda folder: read(folder).encoder_part\n"
        "try:\n    matcher.load_matcher('bundled')\n"
        "except errors.CapabilityMissing as error:\n    print(error.capability, 'torch' in sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "matching head False\n"
