"""The checkpoint that a run starts from, made out of a corpus: which texts, which encoder, which tokenizer."""

from __future__ import annotations

import pytest

from codesearch.codet5p.checkpoint import read_tensors_numpy
from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.tokenizer import load_decoder_tokenizer
from codesearch.training import StartingPoint, make_starting_point
from codesearch.training.errors import CorpusEmpty
from codesearch.training.starting_points import corpus_texts
from tests.codesearch.codet5p import folders
from tests.codesearch.training.small_runs import write_corpus


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("made") / "corpus")


def test_a_sample_of_the_corpus(learned):
    """Documentation and code of the first examples, up to the limit and not beyond; never the held-out ones."""
    every = list(corpus_texts(learned))
    assert len(every) == 54
    assert every[0] == ("Open the file that is given.\ndef open_file(one):\n    file = one.file\n    return open(file)")
    limit = len(every[0]) + len(every[1])
    assert list(corpus_texts(learned, limit)) == every[:2]
    assert list(corpus_texts(learned, limit - 1)) == every[:1]


def test_an_encoder_is_kept(learned, tmp_path):
    """The efficient start has the encoder's weights and the corpus's words in its decoder's tokenizer."""
    folders.published(tmp_path / "encoder", "codet5p_embedding")
    encoder = str(tmp_path / "encoder")
    config = make_starting_point(StartingPoint.EFFICIENT, learned, tmp_path / "start", encoder=encoder, vocabulary=430)
    before, after = read_tensors_numpy(tmp_path / "encoder"), read_tensors_numpy(tmp_path / "start")
    assert all((abs(after[name] - before[name]) < 1e-3 * (1 + abs(before[name]))).all() for name in before)
    assert config.decoder.vocabulary_size == 430
    assert config.matching_head
    tokenizer = load_decoder_tokenizer(tmp_path / "start", read_config(tmp_path / "start"))
    (returned,) = tokenizer.encode(["\n    return"], 50)
    assert len(returned) == 4  # <s>, the line break with all but one blank, the word with that one, </s>


def test_without_a_corpus(tmp_path):
    """Nothing to learn from is an error, and no checkpoint is begun."""
    with pytest.raises(CorpusEmpty):
        make_starting_point(StartingPoint.FROM_SCRATCH, tmp_path, tmp_path / "start", vocabulary=430)
    assert not (tmp_path / "start").exists()
