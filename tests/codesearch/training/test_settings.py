"""Training runs as files: everything read back, defaults, and each mistake with its reason."""

from __future__ import annotations

import pytest

from codesearch.training.errors import SettingsInvalid
from codesearch.training.passages import PassageShares
from codesearch.training.queries import QueryStyle
from codesearch.training.settings import Settings, Stage, read_settings

WHOLE = """
seed = 7
query_tokens = 20
passage_tokens = 30
decoder_tokens = 40
source_tokens = 50
retrieval_corpus = 600
retrieval_in_source = true
unretrieved = 0.3
bare = 0.5
unasked = 0.4
tokens_at_once = 500
neighbours = 3
temperature = 0.1
weight_decay = 0
clip = 2.5
save_every = 11
evaluate_every = 12
log_every = 13
workers = 2
teacher = "bundled"

[styles]
web = 1
name = 0.5

[passages]
place = 1.0
documentation = 0.25
hidden_name = 0.125
hidden_variables = 0

[[stages]]
name = "first"
steps = 10
pairs = 12
accumulation = 3
learning_rate = 1e-3
decoder_learning_rate = 2e-3
warm_up = 4
frozen = ["encoder"]
[stages.objectives]
text_to_code = 1.0

[[stages]]
name = "second"
steps = 20
queue = 64
momentum = 0.99
queued_negatives = true
negative_temperature = 0.2
soft_matching = 0.25
objectives = { contrastive = 1.0, distillation = 2, matching = 0.5 }
pairs_of = { matching = 16 }

[[stages]]
name = "third"
steps = 1
mined_negatives = true
objectives = { matching = 1 }
"""
STAGE = '[[stages]]\nname = "one"\nsteps = 3\n'
ONE = STAGE + "objectives = { contrastive = 1.0 }\n"

WRONG = [
    ("seed = ", "Invalid value"),
    ("", "there is no [[stages]]"),
    ("sed = 1\n" + ONE, "unknown key sed"),
    (ONE + "step = 1", "unknown key step"),
    (ONE + "[passages]\nplaces = 1.0", "unknown key places"),
    (ONE + "[styles]\nshouted = 1.0", "'shouted' is not a valid QueryStyle"),
    (ONE + "[styles]\nweb = 1\nasked = 1", "asked has no weight: functions that have questions are asked for by them"),
    ("unasked = 1.5\n" + ONE, "bare, unasked, unretrieved and what is in [passages] are from 0 to 1"),
    (ONE + '[styles]\nweb = "often"', "could not convert string to float: 'often'"),
    (ONE + "[styles]\nweb = 0", "the weights in [styles] are not below 0, one at least is above it"),
    (ONE + "[styles]\nweb = 1\nname = -1", "the weights in [styles] are not below 0, one at least is above it"),
    (ONE + "[passages]\nplace = 1.5", "unretrieved and what is in [passages] are from 0 to 1"),
    ("unretrieved = 1.1\n" + ONE, "unretrieved and what is in [passages] are from 0 to 1"),
    (ONE + "[passages]\nplace = -0.5", "place = -0.5 is below 0"),
    ("styles = 3\n" + ONE, "'int' object has no attribute 'items'"),
    ("[stages]\nname = 'one'", "no attribute 'get'"),
    ("[[stages]]\nname = 'one'\n[stages.objectives]\ncontrastive = 1.0", "steps"),
    (STAGE, "objectives"),
    (STAGE + "objectives = {}", "stage one needs objectives, each with a weight above 0"),
    (STAGE + "objectives = { contrastive = 0 }", "stage one needs objectives, each with a weight above 0"),
    (STAGE + 'objectives = { matching = "x" }', "'<=' not supported between instances of 'str' and 'int'"),
    (STAGE + "objectives = { guessing = 1.0 }", "unknown objective guessing; known are denoising, continuation"),
    (ONE + 'frozen = ["head"]', "unknown part head; known are encoder, decoder"),
    (ONE + 'frozen = "encoder"', 'frozen is a list: ["encoder"]'),
    (ONE + 'frozen = ["encoder"]', "stage one learns nothing: encoder frozen"),
    (ONE + 'frozen = ["encoder", "decoder"]', "stage one learns nothing: encoder, decoder frozen"),
    (ONE.replace("3", "0"), "stage one needs at least one step of two pairs in each of its parts"),
    (ONE.replace("3", '"3"'), "steps = '3' is no whole number"),
    (ONE + "pairs = 1", "stage one needs at least one step of two pairs in each of its parts"),
    (ONE + "pairs = 8\naccumulation = 5", "stage one needs at least one step of two pairs in each of its parts"),
    (ONE + "pairs = 8\naccumulation = 3", "stage one: 8 pairs are not 3 equal parts"),
    (ONE + "learning_rate = true", "learning_rate = True is no number"),
    (ONE + "learning_rate = -0.1", "learning_rate = -0.1 is below 0"),
    (ONE + "momentum = 0.9", "stage one: momentum is from 0 to 1, for a queue"),
    (ONE + "queue = 8\nmomentum = 1.0", "stage one: momentum is from 0 to 1, for a queue"),
    (STAGE + "objectives = { distillation = 1.0 }", "the objective distillation needs a teacher"),
    ("save_every = 0\n" + ONE, "log_every, save_every and evaluate_every are numbers of steps, at least 1"),
    ("query_tokens = 2\n" + ONE, "query_tokens, passage_tokens, source_tokens and decoder_tokens are at least 3"),
    ("query_tokens = 2.0\n" + ONE, "query_tokens = 2.0 is no whole number"),
    ("temperature = 0.0\n" + ONE, "tokens_at_once, neighbours, temperature, clip and retrieval_corpus are above 0"),
    (ONE + "negative_temperature = 0", "stage one: negative_temperature is above 0"),
    (ONE + "soft_matching = 1.5", "stage one: soft_matching is from 0 to 1"),
    (ONE + "mined_negatives = true", "stage one: mined_negatives are for matching, without queued_negatives"),
    ("source_tokens = 2\n" + ONE, "source_tokens and decoder_tokens are at least 3"),
    ("retrieval_corpus = 0\n" + ONE, "clip and retrieval_corpus are above 0"),
    (ONE + "queued_negatives = 1", "queued_negatives = 1 is neither true nor false"),
    (ONE + "queue = 8\nqueued_negatives = true", "queued_negatives are for matching, from the queue of contrastive"),
    (ONE + "pairs_of = { contrastive = 8 }", "stage one: pairs_of is for its objectives of completion, continuation"),
    (ONE + "pairs_of = { matching = 8 }", "stage one: pairs_of is for its objectives of completion, continuation"),
    (ONE.replace("contrastive", "matching") + "pairs_of = { matching = 1 }", "matching reads two pairs at least"),
    (ONE.replace("contrastive", "matching") + "pairs_of = { matching = 129 }", "and at most all of one pass"),
    ("workers = -1\n" + ONE, "workers = -1 is no number of processes"),
    ('workers = "all"\n' + ONE, "workers = 'all' is no number of processes"),
]


def written(folder, text):
    file = folder / "run.toml"
    file.write_text(text)
    return file


def test_every_value_is_read(tmp_path):
    """A file that sets everything is exactly these settings."""
    assert read_settings(written(tmp_path, WHOLE)) == Settings(
        stages=(
            Stage("first", 10, {"text_to_code": 1.0}, 12, 3, 1e-3, 2e-3, 4, ("encoder",)),
            Stage(
                "second",
                20,
                {"contrastive": 1.0, "distillation": 2, "matching": 0.5},
                queue=64,
                momentum=0.99,
                queued_negatives=True,
                negative_temperature=0.2,
                soft_matching=0.25,
                pairs_of={"matching": 16},
            ),
            Stage("third", 1, {"matching": 1}, mined_negatives=True),
        ),
        seed=7,
        query_tokens=20,
        passage_tokens=30,
        decoder_tokens=40,
        source_tokens=50,
        retrieval_corpus=600,
        retrieval_in_source=True,
        unretrieved=0.3,
        bare=0.5,
        unasked=0.4,
        tokens_at_once=500,
        neighbours=3,
        temperature=0.1,
        weight_decay=0,
        clip=2.5,
        save_every=11,
        evaluate_every=12,
        styles={QueryStyle.WEB: 1.0, QueryStyle.NAME: 0.5},
        shares=PassageShares(1.0, 0.25, 0.125, 0.0),
        teacher="bundled",
        log_every=13,
        workers=2,
    )


def test_what_is_left_out_is_the_default(tmp_path):
    """A stage with a name, steps and objectives is a run; each style has a weight."""
    settings = read_settings(written(tmp_path, ONE))
    assert settings == Settings((Stage("one", 3, {"contrastive": 1.0}),))
    assert set(settings.styles) == set(QueryStyle) - {QueryStyle.ASKED}  # whose share is that of written questions
    assert sum(settings.styles.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(("text", "reason"), WRONG)
def test_a_mistake_is_named(tmp_path, text, reason):
    """The file and the reason, in words; nothing that is wrong is read as something else."""
    file = written(tmp_path, text)
    with pytest.raises(SettingsInvalid) as raised:
        read_settings(file)
    assert raised.value.file == file
    assert reason in raised.value.reason


def test_a_file_that_cannot_be_read(tmp_path):
    """Missing, and no text."""
    for file in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SettingsInvalid):
            read_settings(file)
    file = tmp_path / "bytes.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsInvalid, match="utf-8"):
        read_settings(file)


def test_what_came_later_is_not_in_the_text():
    """A run that was saved before there was a setting knows its settings by a text without it."""
    assert repr(Settings((Stage("one", 3, {"contrastive": 1.0}),))) == (
        "Settings(stages=(Stage(name='one', steps=3, objectives={'contrastive': 1.0}, pairs=128, accumulation=1, "
        "learning_rate=5e-05, decoder_learning_rate=0.0005, warm_up=50, frozen=(), queue=0, momentum=None),), seed=1, "
        "query_tokens=48, passage_tokens=128, decoder_tokens=128, tokens_at_once=8192, neighbours=8, temperature=0.05, "
        "weight_decay=0.01, clip=1.0, save_every=200, evaluate_every=200, styles={<QueryStyle.DOCUMENTATION: "
        "'documentation'>: 0.2, <QueryStyle.OPENING: 'opening'>: 0.2, <QueryStyle.WEB: 'web'>: 0.25, "
        "<QueryStyle.PLACE: 'place'>: 0.05, <QueryStyle.KEYWORDS: 'keywords'>: 0.1, <QueryStyle.COMMIT: 'commit'>: "
        "0.05, <QueryStyle.NAME: 'name'>: 0.1, <QueryStyle.COMMENT: 'comment'>: 0.05}, shares=PassageShares(place=0.6, "
        "documentation=0.35, hidden_name=0.2, hidden_variables=0.1))"
    )
