"""Code that is written with the code of a similar function: what is read, where it begins, where it ends."""

from __future__ import annotations

import dataclasses

import pytest

from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from codesearch.codet5p.writer import Task
from codesearch.training.batches import BatchMaker
from codesearch.training.objectives.causal import cut_target, joined_source
from tests.codesearch.training.examples import example
from tests.codesearch.training.small_runs import write_start
from tests.codesearch.training.tiny_runs import PAIRS, READING, SETTINGS, WRITING, write_bert

pytestmark = pytest.mark.usefixtures("one_thread")

SHORT = dataclasses.replace(SETTINGS, source_tokens=20)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("bert") / "tiny")


@pytest.fixture(scope="module")
def t5(tmp_path_factory):
    return write_start(tmp_path_factory.mktemp("t5") / "tiny")


def rows(batch):
    for ids, mask, written, labels in zip(*batch.source, batch.decoder_input, batch.labels, strict=True):
        kept = labels >= 0
        yield ids[mask == 1].tolist(), written[kept].tolist(), labels[kept].tolist()


def pair(query, code, retrieved="", alike=""):
    return dataclasses.replace(PAIRS[0], example=example(code=code), query=query, retrieved=retrieved, alike=alike)


def test_sources_by_hand():
    """<s> text </s> code </s>; cut at the limit with an end; parts may be missing."""
    text, code = [101, 7, 8, 102], [101, 20, 21, 22, 102]
    assert joined_source([text, code], READING, 9) == [101, 7, 8, 102, 20, 21, 22, 102]
    assert joined_source([text, code], READING, 8) == [101, 7, 8, 102, 20, 21, 22, 102]
    assert joined_source([text, code], READING, 7) == [101, 7, 8, 102, 20, 21, 102]
    assert joined_source([text, code], READING, 5) == [101, 7, 8, 102, 102]
    assert joined_source([text], READING, 9) == text


def test_targets_by_hand():
    """All of the code with its end, or as much as is allowed without one."""
    assert cut_target([1, 5, 6, 7, 2], 4) == [5, 6, 7, 2]
    assert cut_target([1, 5, 6, 7, 2], 9) == [5, 6, 7, 2]
    assert cut_target([1, 5, 6, 7, 2], 3) == [5, 6, 7]


def test_ids_by_hand(bert):
    """With tokens looked up in the vocabulary: the text, a separator, the retrieved code; then [CDEC] and the code."""
    config = read_config(bert)
    reader = load_tokenizer(bert, config)
    number = {word: reader.encode([word], 9)[0][1] for word in ("open", "file", "close", "(", ")")}
    [row] = rows(BatchMaker(bert, config, SETTINGS).retrieved_code([pair("open file", "a", "close ( file )")]))
    source = [number[word] for word in ("open", "file")], [number[word] for word in ("close", "(", "file", ")")]
    assert row[0] == [READING.bos, *source[0], READING.eos, *source[1], READING.eos]
    [letter] = load_decoder_tokenizer(bert, config).encode(["a"], 9)[0][1:-1]
    assert row[1:] == ([WRITING.code_start, letter], [letter, WRITING.eos])


@pytest.mark.parametrize("folder", ["bert", "t5"])
def test_what_is_read_and_written(folder, request):
    """Both objectives, with and without similar code, in each kind of vocabulary; nothing is longer than its limit."""
    folder = request.getfixturevalue(folder)
    config = read_config(folder)
    reader, writer = load_tokenizer(folder, config), load_decoder_tokenizer(folder, config)
    maker = BatchMaker(folder, config, SHORT)
    similar, code, long = "def close(user):", "def open(user):\n    return 1", "count the file " * 40
    pairs = [
        pair("open user", code, similar, "return user"),
        pair("open user", code),
        pair(long, long, long, long),
    ]
    special, writing = config.special, config.writing
    texts = list(rows(maker.retrieved_code(pairs)))
    alone = list(rows(maker.completion(pairs)))
    text, found, alike = (reader.encode([one], 20)[0] for one in ("open user", similar, "return user"))
    expected = [*text, *found[1:]]
    assert texts[0][0] == (expected if len(expected) <= 20 else [*expected[:19], special.eos])
    assert texts[1][0] == text
    assert alone[0][0] == alike
    assert alone[1][0] == [special.bos, special.eos]
    assert {len(row[0]) for row in (texts[2], alone[2])} == {20}
    assert {row[0][-1] for row in (*texts, *alone)} == {special.eos}
    whole, cut = writer.encode([code], 999)[0], writer.encode([long], 999)[0]
    for one in (texts, alone):
        assert [row[2] for row in one] == [whole[1:], whole[1:], cut[1:41]]
        assert [row[1] for row in one] == [[writing.code_start, *row[2][:-1]] for row in one]
    assert writing.eos not in texts[2][2]


def test_the_writer_for_users_reads_the_same(bert):
    """What training puts before the decoder is what generating puts there."""
    from codesearch.codet5p.torch_writer import TorchWriter

    config = read_config(bert)
    maker = BatchMaker(bert, config, dataclasses.replace(SETTINGS, source_tokens=config.max_tokens))
    writer = TorchWriter(bert, "cpu")
    given = []
    write = writer._network.write
    writer._network.write = lambda ids, mask, starts, strategy: (
        given.append((ids[0].tolist(), starts[0].tolist())) or write(ids, mask, starts, strategy)
    )
    from codesearch.codet5p.writer import Decoding

    once = Decoding(max_tokens=1)
    one = pair("open user", "a", "def close(user):", "return user")
    writer.write(Task.CODE, ["open user", "def close(user):"], once)
    writer.write(Task.CODE, ["open user"], once)
    writer.write(Task.COMPLETION, ["return user"], once)
    writer.write(Task.COMPLETION, [], once)
    bare = dataclasses.replace(one, retrieved="", alike="")
    made = [
        maker.retrieved_code([one]),
        maker.retrieved_code([bare]),
        maker.completion([one]),
        maker.completion([bare]),
    ]
    assert given == [(row[0], row[1][:1]) for batch in made for row in rows(batch)]
