"""Writers against transformers' own `generate` on the same weights, put together apart, and their limits."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest
import torch

from codesearch.codet5p import torch_writer
from codesearch.codet5p.config_files import read_config, write_config
from codesearch.codet5p.decoders import Strategy
from codesearch.codet5p.errors import CapabilityMissing, ModelNotFound
from codesearch.codet5p.network import load_network
from codesearch.codet5p.registry import fingerprint
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer
from codesearch.codet5p.torch_writer import TextStream, TorchWriter
from codesearch.codet5p.writer import Decoding, Task, Written, find_writer, load_writer
from tests.codesearch.codet5p import folders, learned, plain_transformers, two_tokenizers

pytestmark = pytest.mark.usefixtures("one_thread")

PARTS = ("parse a date", "def a(): return", "return date")


class Checkpoint:
    """A checkpoint on disk, our writer of it, and the same weights in transformers' own models."""

    def __init__(self, folder, kind):
        self.folder = folder
        if kind == "t5":
            self.config, tensors = folders.published(folder, "codet5p_bimodal", file="model.safetensors")
            self.plain = plain_transformers.t5(self.config, tensors)
        elif kind == "t5 behind bert":
            self.config, tensors = two_tokenizers.write(folder)
            self.plain = plain_transformers.T5Behind(self.config, tensors)
        else:
            self.config, tensors = two_tokenizers.write(folder, decoder=two_tokenizers.BERT_DECODER)
            self.plain = plain_transformers.BertPair(self.config, tensors)
        self.writer = TorchWriter(folder, "cpu")
        self.reader, self.pen = load_tokenizer(folder, self.config), load_decoder_tokenizer(folder, self.config)

    def source(self, parts):
        ids = [self.config.special.bos]
        for part in parts:
            ids += self.reader.encode([part], 1000)[0][1:]
        return torch.tensor([ids])

    @torch.no_grad()
    def expected(self, start, source=None, forced=(), max_new_tokens=12, **arguments):
        """Return the texts that transformers' `generate` gives for `PARTS` or another source."""
        source, begin = self.source(PARTS) if source is None else source, torch.tensor([[start, *forced]])
        if isinstance(self.plain, torch.nn.Module):
            arguments |= {"attention_mask": torch.ones_like(source), "decoder_start_token_id": start}
        found = self.plain.generate(
            source, decoder_input_ids=begin, max_new_tokens=max_new_tokens, top_k=0, **arguments
        )
        return [self.pen.decode(row[begin.shape[1] :]) for row in found.tolist()]


@pytest.fixture(scope="module", params=["t5", "t5 behind bert", "bert"])
def checkpoint(request, tmp_path_factory):
    """Each kind of decoder; one with the encoder's own vocabulary, two with another."""
    return Checkpoint(tmp_path_factory.mktemp("checkpoint"), request.param)


def texts(written):
    return [one.text for one in written]


def test_greedy_writing_is_transformers_own(checkpoint):
    """The likeliest tokens, begun with the token of each task: code and completion alike, a summary otherwise."""
    writing = checkpoint.config.writing
    found = {task: texts(checkpoint.writer.write(task, PARTS, Decoding(12))) for task in Task}
    assert found[Task.CODE] == checkpoint.expected(writing.code_start)
    assert found[Task.SUMMARY] == checkpoint.expected(writing.text_start)
    assert found[Task.COMPLETION] == found[Task.CODE]
    assert found[Task.CODE] != found[Task.SUMMARY]


def test_beams_are_transformers_own(checkpoint):
    """As many texts as beams, in their order."""
    found = checkpoint.writer.write(Task.CODE, PARTS, Decoding(12, beams=4))
    expected = checkpoint.expected(checkpoint.config.writing.code_start, num_beams=4, num_return_sequences=4)
    assert texts(found) == expected
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_samples_are_transformers_own_and_a_seed_repeats_them(checkpoint):
    """Drawn from the seed, with temperature and nucleus; the generator outside stays where it was."""
    torch.manual_seed(5)
    start = checkpoint.config.writing.code_start
    expected = checkpoint.expected(start, do_sample=True, temperature=1.7, top_p=0.9)
    outside = torch.random.get_rng_state()
    drawn = [
        checkpoint.writer.write(Task.CODE, PARTS, Decoding(12, temperature=1.7, top_p=0.9, seed=seed))
        for seed in (5, 5, 6)
    ]
    assert texts(drawn[0]) == expected
    assert drawn[0] == drawn[1] != drawn[2]
    assert torch.equal(outside, torch.random.get_rng_state())


@torch.no_grad()
def test_the_score_is_the_mean_log_probability(checkpoint):
    """Greedy, drawn and of beams: the mean of what the network gives to each written id when it reads them all."""
    network, writing = load_network(checkpoint.folder), checkpoint.config.writing
    source = checkpoint.source(PARTS)
    mask = torch.ones_like(source)
    start = torch.tensor([[writing.code_start, 7]])
    found = {}
    for strategy in (Strategy(9), Strategy(9, temperature=3.0), Strategy(9, beams=3, results=3)):
        ids, scores = network.write(source, mask, start, strategy)
        for row, score in zip(ids.tolist(), scores.tolist(), strict=True):
            row = row[: row.index(writing.eos) + 1] if writing.eos in row else row
            logits = network.language_logits(network.encode(source, mask), mask, torch.tensor([row]))[0, 1:-1]
            steps = logits.log_softmax(-1)[torch.arange(len(row) - 2), torch.tensor(row[2:])]
            assert score == pytest.approx(float(steps.mean()), abs=1e-4)
            found[tuple(row)] = score
    assert len(set(found.values())) > 2


def test_many_are_written_as_each_alone(checkpoint, monkeypatch):
    """Padded side by side, in several batches or one by one: the same texts, ends and scores, in the order asked."""
    sources = ["return date", "", "parse a date", "date " * 40, *(f"def a{n}(): return {n}" for n in range(9))]
    alone = [checkpoint.writer.write(Task.SUMMARY, [source], Decoding(20))[0] for source in sources]
    batches = []
    write = checkpoint.writer._network.write
    monkeypatch.setattr(
        checkpoint.writer._network, "write", lambda ids, *rest: batches.append(len(ids)) or write(ids, *rest)
    )
    expected_batches = [[13], [5, 5, 3], [1] * 13]
    row = 4 * 20 * checkpoint.config.decoder.vocabulary_size
    for bytes_at_once, expected in zip((13 * row, 5 * row, 1), expected_batches, strict=True):
        monkeypatch.setattr(torch_writer, "_LOGIT_BYTES_AT_ONCE", bytes_at_once)
        together = checkpoint.writer.write_many(Task.SUMMARY, sources, 20)
        assert [(one.text, one.cut_at) for one in together] == [(one.text, one.cut_at) for one in alone]
        assert [one.score for one in together] == pytest.approx([one.score for one in alone], abs=1e-4)
        assert batches == expected
        batches.clear()
    assert len({round(one.score, 3) for one in alone}) > 2
    assert checkpoint.writer.write_many(Task.SUMMARY, [], 20) == []


def test_what_is_written_side_by_side_ends_where_it_ends(tmp_path):
    """A decoder that knows two functions by heart: what ends earlier waits for the others, and has nothing behind."""
    learned.write(tmp_path)
    writer = load_writer(str(tmp_path), "cpu")
    sources = [*learned.SUMMARIES, *learned.SUMMARIES]
    found = writer.write_many(Task.SUMMARY, sources, 40)
    assert texts(found) == [learned.SUMMARIES[source] for source in sources]
    assert all(one.complete for one in found)
    assert texts(writer.write_many(Task.SUMMARY, sources[:1], 2)) != texts(found[:1])


def test_a_prefix_is_forced_and_left_out_of_the_text(checkpoint):
    """What follows the prefix is what transformers writes after it; a blank at its end is the next word's."""
    start, prefix = checkpoint.config.writing.code_start, "def a(b):\n\treturn"
    forced = checkpoint.pen.encode([prefix], 1000)[0][1:-1]
    expected = checkpoint.expected(start, forced=forced)
    assert texts(checkpoint.writer.write(Task.COMPLETION, PARTS, Decoding(12), prefix=prefix)) == expected
    [blank] = texts(checkpoint.writer.write(Task.COMPLETION, PARTS, Decoding(12), prefix=prefix + " "))
    assert blank == expected[0].removeprefix(" ")
    one, other = (checkpoint.writer.write(Task.CODE, PARTS, Decoding(12), prefix=text) for text in ("return", "def"))
    assert one != other


def test_of_a_long_prefix_the_last_tokens_are_read(checkpoint):
    """With 64 positions and 12 tokens to write, 51 stay; asked for too many, half of the positions."""
    start = checkpoint.config.writing.code_start
    limit = 64 if checkpoint.config.decoder_special else 512
    prefix = "".join(chr(97 + number % 7) + "=" for number in range(limit))
    forced = checkpoint.pen.encode([prefix], 10_000)[0][1:-1]
    assert len(forced) == 2 * limit
    expected = checkpoint.expected(start, forced=forced[-(limit - 13) :])
    assert texts(checkpoint.writer.write(Task.CODE, PARTS, Decoding(12), prefix=prefix)) == expected
    if checkpoint.config.decoder.architecture == "bert":
        expected = checkpoint.expected(start, forced=forced[-31:], max_new_tokens=32)
        assert texts(checkpoint.writer.write(Task.CODE, PARTS, Decoding(100_000), prefix=prefix)) == expected


def test_what_the_encoder_reads_is_cut(checkpoint):
    """At `source_tokens`, and the last token is still the end; without parts it reads an empty text."""
    writer, config = checkpoint.writer, checkpoint.config
    assert writer.source_tokens == config.max_tokens
    assert writer.tokens_in("return date") == len(checkpoint.reader.encode(["return date"], 99)[0]) - 2
    parts = ["date " * 40, "parse " * writer.source_tokens]
    cut = checkpoint.source(parts)[:, : writer.source_tokens].clone()
    cut[0, -1] = config.special.eos
    for given, source in ((parts, cut), ([], torch.tensor([[config.special.bos, config.special.eos]]))):
        expected = checkpoint.expected(config.writing.text_start, source)
        assert texts(writer.write(Task.SUMMARY, given, Decoding(12))) == expected


@pytest.mark.parametrize("decoding", [Decoding(40), Decoding(40, temperature=3.0, seed=2)], ids=["greedy", "drawn"])
def test_streamed_text_is_the_text(checkpoint, decoding):
    """The pieces together are the text; with random bytes written, what is no character yet is held back."""
    pieces = []
    [written] = checkpoint.writer.write(Task.CODE, PARTS, decoding, prefix="return ", on_text=pieces.append)
    assert "".join(pieces) == written.text
    assert all(pieces)
    assert len(pieces) > 1 or set(written.text) == {"\N{REPLACEMENT CHARACTER}"}


@torch.no_grad()
def test_a_text_that_was_cut_says_so(checkpoint):
    """Greedy, drawn and of beams: cut after all its tokens, but where the network's own ids have an end."""
    start, end = checkpoint.config.writing.code_start, checkpoint.config.writing.eos
    network, source = load_network(checkpoint.folder), checkpoint.source(PARTS)
    mask, begin = torch.ones_like(source), torch.tensor([[start]])
    for tokens, beams in ((1, 1), (9, 1), (3, 4), (40, 4)):
        ids = network.write(source, mask, begin, Strategy(tokens + 1, beams=beams, results=beams)).ids.tolist()
        expected = [None if end in row[1:] else tokens for row in ids]
        found = checkpoint.writer.write(Task.CODE, PARTS, Decoding(tokens, beams=beams))
        assert [one.cut_at for one in found] == expected
        assert [one.complete for one in found] == [limit is None for limit in expected]
    drawn = [checkpoint.writer.write(Task.CODE, PARTS, Decoding(60, temperature=9.0, seed=seed)) for seed in range(9)]
    assert {one.complete for [one] in drawn} == {True, False}


def test_half_characters_are_held_back():
    """A character of three tokens is one piece; bytes that never become a character are passed on at the end."""
    spelled = {1: b"a", 2: b"\xe2", 3: b"\x88", 4: b"\x91", 5: b" "}
    pieces = []
    stream = TextStream(
        lambda ids: b"".join(spelled[one] for one in ids).decode("utf-8", "replace"), " ", pieces.append
    )
    stream.put(torch.tensor([[9, 9]]))
    for token in (5, 1, 2, 3, 4, 5, 2):
        stream.put(torch.tensor([token]))
    assert pieces == ["a", "∑", " "]
    stream.end()
    assert pieces == ["a", "∑", " ", "\N{REPLACEMENT CHARACTER}"]


def test_a_checkpoint_without_the_tasks_tokens_writes_from_its_start(tmp_path):
    """A published T5 begins every task as T5 does."""
    config, tensors = folders.published(tmp_path, "t5", dtype="float32")
    plain = plain_transformers.t5(config, tensors)
    source = load_tokenizer(tmp_path, config).encode(["return a"], 99)
    with torch.no_grad():
        expected = plain.generate(torch.tensor(source), max_new_tokens=10)[0].tolist()
    writer = load_writer(str(tmp_path), "cpu")
    for task in Task:
        [found] = writer.write(task, ["return a"], Decoding(10))
        assert found.text == load_decoder_tokenizer(tmp_path, config).decode(expected[1:])
        assert isinstance(found, Written)


def test_what_cannot_be_written(checkpoint, tmp_path):
    """No decoder, no model, no such device, no such decoding, and a stream of beams."""
    folders.published(tmp_path, "codet5p_embedding", file="model.safetensors")
    assert read_config(tmp_path).decoder is None
    with pytest.raises(CapabilityMissing) as caught:
        load_writer(str(tmp_path))
    assert caught.value.capability == "decoder"
    with pytest.raises(ModelNotFound):
        load_writer(str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="device"):
        load_writer(str(checkpoint.folder), "tpu")
    with pytest.raises(ValueError, match="beams"):
        checkpoint.writer.write(Task.CODE, PARTS, Decoding(beams=2), on_text=print)
    for wrong in ({"max_tokens": 0}, {"beams": 0}, {"temperature": -1}, {"top_p": 0}, {"beams": 2, "temperature": 1}):
        with pytest.raises(ValueError, match=r"beams|top_p"):
            Decoding(**wrong)
    assert not Decoding(temperature=0.0).samples


def test_a_model_without_a_decoder_loads_no_torch():
    """Asking an encoder alone to write costs nothing heavy."""
    program = (
        "import sys\n"
        "from codesearch.codet5p import writer, errors\n"
        "read = writer.read_config\n"
        "writer.read_config = lambda folder: read(folder).encoder_part\n"
        "try:\n    writer.load_writer('bundled')\n"
        "except errors.CapabilityMissing as error:\n    print(error.capability, 'torch' in sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "decoder False\n"


def test_a_decoder_is_shown_with_what_it_is_for_alone(tmp_path):
    """A checkpoint may say what its decoder writes well enough; to be measured, it writes all the same."""
    config = folders.published(tmp_path / "t5", "codet5p_bimodal", file="model.safetensors")[0]
    for task in (*Task, None):
        assert find_writer(str(tmp_path / "t5"), task).folder == tmp_path / "t5"
    before = fingerprint("x", tmp_path / "t5")
    write_config(tmp_path / "t5", dataclasses.replace(config, writes=("summary",)))
    for task in (Task.SUMMARY, None):
        assert find_writer(str(tmp_path / "t5"), task).folder == tmp_path / "t5"
    for task, what in ((Task.CODE, "writes code"), (Task.COMPLETION, "completes code")):
        with pytest.raises(CapabilityMissing, match=f"decoder that {what} well enough"):
            find_writer(str(tmp_path / "t5"), task)
    assert fingerprint("x", tmp_path / "t5") == before  # embeddings stay as good as they were
