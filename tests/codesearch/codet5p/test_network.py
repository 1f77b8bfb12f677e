"""The network against an independent numpy implementation (`reference`), on small random checkpoints."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from codesearch.codet5p.config import Architecture, CheckpointConfig, Pooling, SpecialTokens, StackConfig
from codesearch.codet5p.errors import CapabilityMissing
from codesearch.codet5p.network import Network, load_network
from tests.codesearch.codet5p import reference
from tests.codesearch.codet5p.folders import published, random_tensors

CLOSE = 2e-5  # float32 against float64 over two layers

TEXT = [[1, 70, 71, 262, 90, 2], [1, 100, 2], [1, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 2]]
CODE = [[1, 261, 80, 2], [1, *range(60, 130), 2], [1, 33, 2]]  # the second is longer than the exact position buckets

SPECIAL = SpecialTokens(pad=0, bos=1, eos=2, unknown=3, mask=4, decoder_start=0, match=297, text_start=298)
T5 = StackConfig(Architecture.T5, 300, 24, 40, 2, 4, 8, 1e-6)
DEEP_T5 = StackConfig(Architecture.T5, 300, 24, 16, 3, 2, 16, 1e-6, relative_buckets=16, relative_max_distance=20)
WIDE_T5 = StackConfig(Architecture.T5, 300, 32, 48, 2, 4, 8, 1e-6)
BERT = StackConfig(Architecture.BERT, 300, 24, 40, 2, 4, 6, 1e-12, positions=96)
WIDE_BERT = StackConfig(Architecture.BERT, 300, 32, 48, 1, 2, 16, 1e-12, positions=80)


pytestmark = pytest.mark.usefixtures("one_thread")


def batch(sequences):
    width = max(map(len, sequences))
    ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in sequences])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in sequences])
    return ids, mask


def make(encoder, decoder, pooling=Pooling.MEAN, projection=None):
    """Return a network of any two stacks with random weights, and those weights."""
    config = CheckpointConfig("made", encoder, decoder, pooling, projection, decoder is not None, 512, 64, 360, SPECIAL)
    tensors = random_tensors(config, seed=3)
    with torch.device("meta"):
        network = Network(config)
    network.load({name: torch.from_numpy(tensor) for name, tensor in tensors.items()})
    return network.eval(), tensors


def check_embeddings(network, tensors):
    with torch.no_grad():
        found = network.embed(*batch(TEXT + CODE)).numpy()
    expected = np.stack([reference.embed(tensors, network.config, ids) for ids in TEXT + CODE])
    assert np.abs(found - expected).max() < CLOSE
    assert found.dtype == np.float32


def check_matches(network, tensors):
    text_ids, text_mask = batch(TEXT)
    with torch.no_grad():
        states = network.encode(text_ids, text_mask)
        found = network.match_logits(states, text_mask, *batch(CODE)).numpy()
        scores = network.match_scores(states, text_mask, *batch(CODE)).numpy()
    expected = np.stack([reference.match(tensors, network.config, *pair) for pair in zip(TEXT, CODE, strict=True)])
    assert np.abs(found - expected).max() < 10 * CLOSE
    assert np.array_equal(scores, found[:, 1])


def check_writing(network, tensors):
    text_ids, text_mask = batch(TEXT)
    with torch.no_grad():
        logits = network.language_logits(network.encode(text_ids, text_mask), text_mask, batch(CODE)[0]).numpy()
    for row, text, code in zip(logits, TEXT, CODE, strict=True):
        expected = reference.language_logits(tensors, network.config, text, code)
        assert np.abs(row[: len(code)] - expected).max() < 20 * CLOSE
    for start in (None, SPECIAL.text_start):
        found = network.generate(*batch(TEXT), 7, start=start)
        for row, text in zip(found, TEXT, strict=True):
            expected = reference.write(tensors, network.config, text, 7, start)
            assert row[: len(expected)] == expected
            assert set(row[len(expected) :]) <= {0}


@pytest.mark.parametrize("file", ["pytorch_model.bin", "model.safetensors"])
def test_embedding_checkpoint(tmp_path, file):
    """The published embedding format gives the vectors of the formulas, from a full .bin or a shared-only file."""
    config, tensors = published(tmp_path, "codet5p_embedding", file=file, copies=file.endswith("bin"))
    network = load_network(tmp_path)
    assert network.config == config
    check_embeddings(network, tensors)
    with pytest.raises(CapabilityMissing):
        network.generate(*batch(TEXT), 5)


@pytest.mark.parametrize("file", ["pytorch_model.bin", "model.safetensors"])
def test_bimodal_checkpoint(tmp_path, file):
    """Vectors, matching logits and greedy writing of a bimodal checkpoint are those of the formulas."""
    _, tensors = published(tmp_path, "codet5p_bimodal", file=file, copies=file.endswith("bin"))
    network = load_network(tmp_path)
    check_embeddings(network, tensors)
    check_matches(network, tensors)
    check_writing(network, tensors)


def test_plain_t5_in_half_precision(tmp_path):
    """A float16 file without heads is computed in float32; there is no matching."""
    _, tensors = published(tmp_path, "t5", dtype="float16")
    network = load_network(tmp_path)
    rounded = {name: tensor.astype("f2").astype("f4") for name, tensor in tensors.items()}
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    check_embeddings(network, rounded)
    check_writing(network, rounded)
    with pytest.raises(CapabilityMissing):
        network.match_logits(torch.zeros(3, 1, 24), torch.ones(3, 1), *batch(CODE))


@pytest.mark.parametrize(
    ("encoder", "decoder"),
    [(T5, DEEP_T5), (T5, WIDE_T5), (BERT, None), (BERT, T5), (BERT, WIDE_T5), (BERT, BERT), (T5, WIDE_BERT)],
    ids=["other depth", "other width", "bert", "bert and t5", "bert and wide t5", "bert twice", "t5 and wide bert"],
)
def test_any_encoder_with_any_decoder(encoder, decoder):
    """Another encoder or decoder is another configuration: vectors, matching and writing follow the formulas."""
    network, tensors = make(encoder, decoder, projection=10)
    check_embeddings(network, tensors)
    if decoder is not None:
        check_matches(network, tensors)
        check_writing(network, tensors)


def test_matching_reads_the_last_end_of_sequence():
    """Of several `</s>` in the code (as with retrieved code appended) the last one under the mask counts."""
    network, tensors = make(T5, T5)
    code = [1, 50, 2, 2, 60, 2]
    ids, mask = batch([[*code, 9, 2]])
    mask[0, len(code) :] = 0
    text_ids, text_mask = batch(TEXT[:1])
    with torch.no_grad():
        found = network.match_logits(network.encode(text_ids, text_mask), text_mask, ids, mask)[0].numpy()
    assert np.abs(found - reference.match(tensors, network.config, TEXT[0], code)).max() < 10 * CLOSE
    assert ids[0, 0] == 1, "the caller's ids stay as they were"


def test_code_without_an_end_is_refused():
    """A row without `</s>` has no state to read."""
    network, _ = make(T5, T5)
    with pytest.raises(ValueError, match="end-of-sequence"):
        network.match_logits(torch.zeros(1, 2, 24), torch.ones(1, 2), *batch([[1, 50, 60]]))


@pytest.mark.parametrize("stack", [T5, BERT], ids=["t5", "bert"])
def test_beams_write_at_least_as_likely_a_sequence_as_greed(stack):
    """Beam search runs over the given encoder states and finds no less likely a text than the greedy one."""
    network, tensors = make(stack, stack)

    def likelihood(written):
        scores = reference.language_logits(tensors, network.config, TEXT[0], written[:-1])
        steps = np.log(reference.softmax(scores))[np.arange(len(written) - 1), written[1:]]
        return steps.mean()

    [greedy], [beam] = (network.generate(*batch(TEXT[:1]), 6, beams) for beams in (1, 8))
    assert likelihood(beam) >= likelihood(greedy) - 1e-9


def test_tied_tables_are_one_parameter():
    """A training step moves the encoder's, the decoder's and the output table together."""
    network, tensors = make(T5, T5)
    tables = {id(network.encoder.embed_tokens.weight), id(network.language_model.lm_head.weight)}
    tables |= {id(network.language_model.decoder.embed_tokens.weight), id(network.language_model.shared.weight)}
    assert len(tables) == 1
    assert sum(parameter.numel() for parameter in network.parameters()) == sum(one.size for one in tensors.values())


def test_tensors_come_back_under_their_published_names():
    """What `load` takes, `tensors` returns."""
    for encoder, decoder in [(T5, DEEP_T5), (T5, WIDE_T5), (BERT, T5), (BERT, None), (BERT, BERT), (T5, WIDE_BERT)]:
        network, tensors = make(encoder, decoder, projection=10)
        found = network.tensors()
        assert found.keys() == tensors.keys()
        assert all(np.array_equal(found[name].detach().numpy(), tensors[name]) for name in tensors)


def test_a_bert_decoder_has_one_table_and_trains_its_start():
    """Its head is its table, apart from the encoder's of equal shape; the row of padding, its start, has a gradient."""
    network, tensors = make(BERT, BERT)
    table = network.language_model.bert.embeddings.word_embeddings.weight
    assert table is network.language_model.cls.weight
    assert table is not network.encoder.embeddings.word_embeddings.weight
    assert sum(parameter.numel() for parameter in network.parameters()) == sum(one.size for one in tensors.values())
    ids, mask = batch(TEXT)
    states = network.language_model.bert(input_ids=torch.zeros(3, 2, dtype=torch.int64)).last_hidden_state
    network.match_logits(network.encode(ids, mask), mask, *batch(CODE)).sum().backward()
    assert table.grad[0].abs().max() == 0, "padding behind the code is not attended to"
    states.square().sum().backward()
    assert table.grad[0].abs().max() > 0


def test_a_bert_decoder_writes_no_further_than_its_positions():
    """Asked for more tokens than it has positions, it stops there."""
    network, tensors = make(BERT, dataclasses.replace(BERT, positions=5))
    [found] = network.generate(*batch(TEXT[:1]), 40)
    assert len(found) <= 5
    assert found == reference.write(tensors, network.config, TEXT[0], 5)


def test_bfloat16_stays_close():
    """In bfloat16, as on a GPU, vectors keep their direction and are returned in float32."""
    network, tensors = make(T5, None, Pooling.FIRST, projection=10)
    with torch.no_grad():
        found = network.bfloat16().embed(*batch(TEXT)).numpy()
    expected = np.stack([reference.embed(tensors, network.config, ids) for ids in TEXT])
    assert (found * expected).sum(axis=1).min() > 0.995
    assert found.dtype == np.float32


@pytest.mark.parametrize("pooling", list(Pooling))
def test_pooling(pooling):
    """First and mean pooling are different vectors, each that of the formula."""
    network, tensors = make(T5, None, pooling)
    check_embeddings(network, tensors)
    other = dataclasses.replace(network.config, pooling=Pooling.MEAN if pooling is Pooling.FIRST else Pooling.FIRST)
    with torch.no_grad():
        found = network.embed(*batch(TEXT[:1]))[0].numpy()
    assert np.abs(found - reference.embed(tensors, other, TEXT[0])).max() > 0.01
