"""Between two checkpoints: every weight by hand, what only one has, what cannot be mixed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from codesearch.codet5p.checkpoint import read_tensors_numpy, write_checkpoint
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.tensors import expected_shapes
from codesearch.codet5p.tokenizer import tokenizer_text
from codesearch.codet5p.verify import verify_folder
from codesearch.training import average_checkpoints
from codesearch.training.byte_pairs import train_byte_pairs
from codesearch.training.errors import CheckpointsDiffer
from codesearch.training.initial import assemble_from_scratch
from tests.codesearch.codet5p import folders
from tests.codesearch.training.small_runs import SHAPE, write_start


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two checkpoints of one shape and tokenizer, with other weights."""
    made = tmp_path_factory.mktemp("made")
    return write_start(made / "a", seed=1), write_start(made / "b", seed=2)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_every_weight_lies_between(pair, tmp_path, share):
    """Each is (1 - share) of the first and share of the second, to half precision; golden values fit it."""
    average_checkpoints(*map(str, pair), share, tmp_path / "mixed")
    first, second, mixed = (read_tensors_numpy(folder) for folder in (*pair, tmp_path / "mixed"))
    for name, weights in mixed.items():
        np.testing.assert_allclose(weights, (1 - share) * first[name] + share * second[name], rtol=1e-3, atol=1e-3)
    assert verify_folder("mixed", tmp_path / "mixed").passed
    assert tokenizer_text(tmp_path / "mixed") == tokenizer_text(pair[0])


def test_what_only_the_first_has_stays(pair, tmp_path):
    """A second model without a decoder moves the encoder and nothing else; the result is the first in all else."""
    config = read_config(pair[1])
    encoder = config.encoder_part
    tensors = {name: tensor for name, tensor in read_tensors_numpy(pair[1]).items() if name in expected_shapes(encoder)}
    write_checkpoint(tmp_path / "encoder", encoder, tensors, tokenizer_text(pair[1]))
    average_checkpoints(str(pair[0]), str(tmp_path / "encoder"), 1.0, tmp_path / "mixed")
    first, mixed = read_tensors_numpy(pair[0]), read_tensors_numpy(tmp_path / "mixed")
    for name, weights in mixed.items():
        np.testing.assert_array_equal(weights, tensors.get(name, first[name]))
    assert read_config(tmp_path / "mixed") == dataclasses.replace(read_config(pair[0]), name="mixed")


def test_what_cannot_be_mixed(pair, tmp_path):
    """Other shapes and other tokenizers are refused with what differs, and nothing is written."""
    wide = dataclasses.replace(SHAPE, feed_forward=40)
    tokenizer = train_byte_pairs(["def add(left, right): return left + right\n" * 9], 420)
    assemble_from_scratch(tokenizer, tmp_path / "wide", shape=wide)
    assemble_from_scratch(tokenizer, tmp_path / "read", shape=SHAPE)
    folders.published(tmp_path / "published", "codet5p_bimodal")
    for other in ("wide", "read", "published"):
        with pytest.raises(CheckpointsDiffer) as raised:
            average_checkpoints(str(pair[0]), str(tmp_path / other), 0.5, tmp_path / "mixed")
        assert (raised.value.first, raised.value.second) == (pair[0], tmp_path / other)
    assert not (tmp_path / "mixed").exists()
    with pytest.raises(ValueError, match="share"):
        average_checkpoints(str(pair[0]), str(pair[1]), 1.5, tmp_path / "mixed")
