"""Batches of a tiny BERT with a decoder and of a tiny CodeT5+: which vocabulary, which special tokens, which limits."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from codesearch.training.batches import BatchMaker
from tests.codesearch.codet5p import folders
from tests.codesearch.training.tiny_runs import PAIRS, READING, SETTINGS, WRITING, write_bert

IGNORED = -100
CODES = [pair.example.code for pair in PAIRS]
LONG = "def one(two):\n    " + " = ".join(f"value{first}{second}" for first in "abcdef" for second in "ghijkl")


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("bert") / "tiny")


@pytest.fixture(scope="module")
def t5(tmp_path_factory):
    folder = tmp_path_factory.mktemp("t5") / "tiny"
    folders.published(folder, "codet5p_bimodal")
    return folder


def opened(folder, settings=SETTINGS):
    config = read_config(folder)
    tokenizers = load_tokenizer(folder, config), load_decoder_tokenizer(folder, config)
    return BatchMaker(folder, config, settings), *tokenizers, config


def rows(batch):
    """Source, decoder input and labels of each row, without padding."""
    for ids, mask, written, labels in zip(*batch.source, batch.decoder_input, batch.labels, strict=True):
        kept = labels != IGNORED
        assert kept.tolist() == sorted(kept.tolist(), reverse=True)
        yield ids[mask == 1].tolist(), written[kept].tolist(), labels[kept].tolist()


@pytest.mark.parametrize("folder", ["bert", "t5"])
def test_pairs_in_their_order(folder, request):
    """Queries and passages in the encoder's ids, passages and summaries in the decoder's, all framed; groups."""
    maker, reader, writer, config = opened(request.getfixturevalue(folder))
    batch = maker.pairs(PAIRS)
    queries, passages = [pair.query for pair in PAIRS], [pair.passage for pair in PAIRS]
    assert [ids[mask == 1].tolist() for ids, mask in zip(*batch.text, strict=True)] == reader.encode(queries, 24)
    assert batch.code == reader.encode(passages, 48)
    assert batch.matched_code == writer.encode(passages, 48)
    assert batch.written_code == writer.encode(CODES, 40)
    summaries = [pair.example.documentation for pair in PAIRS]  # they are one sentence
    assert batch.written_text == writer.encode(summaries, 24)
    matched = [ids[mask == 1].tolist() for ids, mask in zip(*maker.matched(batch), strict=True)]
    assert matched == batch.matched_code
    assert batch.groups.tolist() == [pair.group for pair in PAIRS]
    assert (batch.text.ids[batch.text.mask == 0] == config.special.pad).all()
    assert (maker.decoder.bos, maker.decoder.eos) == (config.writing.bos, config.writing.eos)


def test_widths_are_multiples_where_that_is_asked(bert):
    """A network computes few shapes then; what is in them is the same."""
    config = read_config(bert)
    narrow, wide = (BatchMaker(bert, config, SETTINGS, multiple) for multiple in (1, 16))
    for made in (
        lambda maker: maker.text_to_code(maker.pairs(PAIRS)),
        lambda maker: maker.denoising(CODES, Random(1)),
    ):
        batch = made(wide)
        assert list(rows(batch)) == list(rows(made(narrow)))
        assert [tensor.shape[1] % 16 for tensor in (*batch.source, batch.decoder_input, batch.labels)] == [0] * 4
    assert wide.pairs(PAIRS).text.ids.shape[1] in (16, 32)
    assert wide.pairs(PAIRS, written=False).written_code == []


def test_limits(bert):
    """Nothing is longer than its limit, and what is cut keeps its end."""
    maker, *_ = opened(bert)
    long = [dataclasses.replace(pair, query=LONG, passage=LONG) for pair in PAIRS]
    batch = maker.pairs(long)
    assert batch.text.ids.shape == (len(PAIRS), 24)
    assert {(len(ids), ids[-1]) for ids in batch.code} == {(48, READING.eos)}
    assert {(len(ids), ids[-1]) for ids in batch.matched_code} == {(48, WRITING.eos)}
    long = [dataclasses.replace(pair, example=dataclasses.replace(pair.example, code=LONG)) for pair in PAIRS]
    assert {(len(ids), ids[-1]) for ids in maker.pairs(long).written_code} == {(40, WRITING.eos)}
    for seed in range(20):
        for made in (maker.denoising([LONG], Random(seed)), maker.continuation([LONG], Random(seed))):
            assert made.source.ids.shape[1] <= 48
            assert made.labels.shape[1] <= 40


@pytest.mark.parametrize("folder", ["bert", "t5"])
def test_generation_starts_with_its_task(folder, request):
    """[CDEC] begins a text's code, [TDEC] a code's text: each in the decoder's ids, from the encoder's."""
    maker, reader, writer, config = opened(request.getfixturevalue(folder))
    batch = maker.pairs(PAIRS)
    queries, passages = [pair.query for pair in PAIRS], [pair.passage for pair in PAIRS]
    summaries = [pair.example.documentation for pair in PAIRS]
    special = config.writing
    forms = (
        (maker.text_to_code(batch), special.code_start, reader.encode(queries, 24), writer.encode(passages, 40)),
        (maker.code_to_text(batch), special.text_start, reader.encode(passages, 48), writer.encode(summaries, 24)),
    )
    for made, start, sources, targets in forms:
        for (source, written, labels), read, wanted in zip(rows(made), sources, targets, strict=True):
            assert source == read
            assert labels == wanted[1:]
            assert written == [start, *wanted[1:-1]]


@pytest.mark.parametrize("folder", ["bert", "t5"])
def test_denoising_can_be_undone(folder, request):
    """With each sentinel replaced by what the target says it hides, the text is whole again, to the limit."""
    maker, reader, writer, config = opened(request.getfixturevalue(folder))
    first_read = 98 if folder == "bert" else config.special.sentinel
    first_written = config.writing.sentinel
    for seed, code in enumerate([*CODES, LONG]):
        [(source, written, labels)] = rows(maker.denoising([code], Random(seed)))
        assert (source[0], source[-1], labels[-1]) == (config.special.bos, config.special.eos, config.writing.eos)
        assert written == [config.writing.decoder_start, *labels[:-1]]
        hidden: dict[int, list[int]] = {}
        for token in labels[:-1]:
            if first_written - 100 < token <= first_written:
                number = first_written - token
                hidden[number] = []
            else:
                hidden[number].append(token)
        assert list(hidden) == list(range(len(hidden)))
        texts = {first_read - number: writer.decode(ids) for number, ids in hidden.items()}
        assert [token for token in source if token in texts] == list(texts)
        assert all(text.strip() for text in texts.values())
        whole = "".join(texts.get(token) or reader.decode([token]).removeprefix("##") for token in source[1:-1])
        squeezed = ["".join(text.lower().split()) for text in (whole, code)]
        assert squeezed[1].startswith(squeezed[0])
        assert len(squeezed[0]) >= min(len(squeezed[1]), 30)


def test_a_continuation_goes_on_where_the_source_ends(t5):
    """Beginning and rest are the code; of a long beginning the encoder reads the end."""
    maker, reader, writer, config = opened(t5)
    for seed, code in enumerate(CODES):
        [(source, written, labels)] = rows(maker.continuation([code], Random(seed)))
        assert source[0] == config.special.unknown
        assert written[0] == config.writing.decoder_start
        beginning, rest = reader.decode(source[1:]), writer.decode(labels)
        assert rest
        assert beginning
        assert code[: code.index(rest) + len(rest)].endswith(beginning + rest) or len(labels) == 39
        assert len(source) == 48 or code.startswith(beginning)


def test_a_whole_sequence_comes_from_nothing(bert):
    """The source is [CLM] alone, the target all of the code to the limit."""
    maker, _, writer, config = opened(bert)
    for (source, _, labels), code in zip(rows(maker.whole_sequence(CODES)), CODES, strict=True):
        assert source == [config.special.unknown]
        assert labels == writer.encode([code], 40)[0][1:]


def test_an_encoder_alone_writes_nothing(tmp_path):
    """Without a decoder there is nothing in its ids, and the rest is as ever."""
    folders.published(tmp_path / "tiny", "codet5p_embedding")
    config = read_config(tmp_path / "tiny")
    batch = BatchMaker(tmp_path / "tiny", config, SETTINGS).pairs(PAIRS)
    assert batch.matched_code == batch.written_code == batch.written_text == []
    assert len(batch.code) == len(PAIRS)
