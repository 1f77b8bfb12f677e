"""A whole run by its front door: names, devices, going on where it stopped, and what can be wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from codesearch.codet5p.checkpoint import read_tensors_numpy
from codesearch.codet5p.errors import DeviceUnavailable, ModelNotFound
from codesearch.codet5p.verify import verify_folder
from codesearch.training import route_names, train
from codesearch.training.corpus.records import write_shards
from codesearch.training.errors import CorpusEmpty, CorpusUnreadable, RunDiffers, SettingsInvalid
from codesearch.training.objectives.joint import DISTILLATION
from codesearch.training.run import choose_device, settings_file
from codesearch.training.settings import read_settings
from tests.codesearch.codet5p import folders
from tests.codesearch.training.examples import example
from tests.codesearch.training.small_runs import write_corpus, write_settings, write_start

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the folders of a corpus and a starting checkpoint, and a file of settings."""
    folder = tmp_path_factory.mktemp("made")
    settings = write_settings(folder / "settings.toml")
    return settings, write_corpus(folder / "corpus"), str(write_start(folder / "start"))


@pytest.fixture(scope="module")
def finished(made, tmp_path_factory):
    """Train without an interruption: the report, and what was told of each step."""
    told = []
    report = train(*made, tmp_path_factory.mktemp("runs") / "whole", report=told.append)
    return report, told


def test_a_run_says_what_came_of_it(made, finished):
    """Every step is told once; the checkpoint computes its golden values; curves are there, without a GPU too."""
    report, told = finished
    assert [(one.stage, one.step) for one in told] == [*(("first", n) for n in (1, 2, 3)), ("second", 1), ("second", 2)]
    assert (report.finished, report.steps, report.of_steps, report.examples) == (True, 5, 5, 54)
    assert report.mrr == told[-1].mrr
    assert 0 < report.mrr <= 1
    assert report.device == ("cuda" if torch.cuda.is_available() else "cpu")
    assert verify_folder("trained", report.checkpoint).passed
    curves = json.loads(report.curves.numbers.read_text())
    assert curves["losses"]["contrastive"]["steps"] == [1, 2, 3]
    before, after = (read_tensors_numpy(folder) for folder in (Path(made[2]), report.checkpoint))
    assert before.keys() == after.keys()
    assert any(not np.array_equal(before[name], after[name]) for name in before)


def test_a_run_goes_on_where_it_was_stopped(made, finished, tmp_path):
    """Stopped after each single step and begun again, a run ends with the weights of one that never stopped."""
    steps = []
    for _ in range(5):
        report = train(*made, tmp_path / "parts", stop=lambda: True)
        steps.append((report.steps, report.finished))
    assert steps == [(1, False), (2, False), (3, False), (4, False), (5, True)]
    whole, parts = read_tensors_numpy(finished[0].checkpoint), read_tensors_numpy(report.checkpoint)
    assert all(np.array_equal(whole[name], parts[name]) for name in whole)


def test_a_folder_keeps_its_run(made, finished, tmp_path):
    """Other settings, a teacher, another start or corpus are another run, which needs a folder of its own."""
    settings, corpus, start = made
    output = finished[0].checkpoint.parent
    with pytest.raises(RunDiffers) as raised:
        train(write_settings(tmp_path / "other.toml", more="seed = 2"), corpus, start, output)
    assert raised.value.what == "settings"
    with pytest.raises(RunDiffers) as raised:
        train(write_settings(tmp_path / "taught.toml", more=f'teacher = "{start}"'), corpus, start, output)
    assert raised.value.what == "teacher"
    with pytest.raises(RunDiffers) as raised:
        train(settings, write_corpus(tmp_path / "less", held_out=8), start, output)
    assert raised.value.what == "examples"
    with pytest.raises(RunDiffers) as raised:
        train(settings, corpus, str(write_start(tmp_path / "elsewhere")), output)
    assert raised.value.what == "start"


@pytest.mark.parametrize("every", [1, 2, 10])
def test_how_often_is_logged_changes_nothing_learned(made, finished, tmp_path, every):
    """Logging less often means over steps: of the same losses, of the same weights."""
    _, corpus, start = made
    told = []
    settings = write_settings(tmp_path / "settings.toml", more=f"log_every = {every}")
    report = train(settings, corpus, start, tmp_path / "run", report=told.append)
    losses = [one.losses["contrastive"] for one in finished[1][:3]]
    wanted = losses if every == 1 else [(losses[0] + losses[1]) / 2, losses[2]]
    assert [one.losses["contrastive"] for one in told if one.stage == "first"] == pytest.approx(wanted)
    whole, other = read_tensors_numpy(finished[0].checkpoint), read_tensors_numpy(report.checkpoint)
    assert all(np.array_equal(whole[name], other[name]) for name in whole)


@pytest.mark.parametrize("kind", ["codet5p_bimodal", "codet5p_embedding"])
def test_any_published_checkpoint_can_be_trained(made, tmp_path, kind):
    """The published layouts are starts like any other; one without a decoder learns what needs none."""
    folders.published(tmp_path / "published", kind)
    settings = tmp_path / "settings.toml"
    objectives = "contrastive = 1.0" + (", matching = 1.0, code_to_text = 1.0" if kind == "codet5p_bimodal" else "")
    settings.write_text(f'[[stages]]\nname = "one"\nsteps = 2\npairs = 4\nobjectives = {{ {objectives} }}\n')
    report = train(str(settings), made[1], str(tmp_path / "published"), tmp_path / "run")
    assert report.finished
    assert verify_folder("trained", report.checkpoint).passed


def test_what_a_teacher_knows_already_costs_nothing(made, tmp_path):
    """A student that is its own teacher has no distance from it; from another one it has."""
    _, corpus, start = made
    folders.published(tmp_path / "other", "codet5p_embedding")
    first = {}
    for name, teacher in (("itself", start), ("another", str(tmp_path / "other"))):
        more = f'teacher = "{teacher}"'
        settings = write_settings(tmp_path / f"{name}.toml", "distillation = 1.0", more)
        told = []
        train(settings, corpus, start, tmp_path / name, report=told.append, stop=lambda: True)
        first[name] = told[0].losses[DISTILLATION]
    assert first["itself"] == pytest.approx(0, abs=1e-3)
    assert first["another"] > 0.01


def test_a_corpus_that_is_none(made, tmp_path):
    """No files, nothing with documentation, damaged files: three sentences, before anything is written."""
    settings, _, start = made
    (tmp_path / "empty").mkdir()
    write_shards([example(documentation="")], tmp_path / "bare")
    damaged = write_corpus(tmp_path / "damaged")
    part = damaged / "part-000.jsonl.gz"
    part.write_bytes(part.read_bytes()[:-30])
    overwritten = write_corpus(tmp_path / "overwritten") / "part-000.jsonl.gz"
    overwritten.write_bytes(overwritten.read_bytes()[:10] + b"\xff" * 20)
    errors = {"empty": CorpusEmpty, "bare": CorpusEmpty, "damaged": CorpusUnreadable, "overwritten": CorpusUnreadable}
    for folder, error in errors.items():
        with pytest.raises(error) as raised:
            train(settings, tmp_path / folder, start, tmp_path / "run")
        assert raised.value.folder == tmp_path / folder
    assert not (tmp_path / "run").exists()


def test_names_that_lead_nowhere(made, tmp_path):
    """A model, a route and a device that are not there are named in the error."""
    settings, corpus, start = made
    with pytest.raises(ModelNotFound):
        train(settings, corpus, "no-such-model", tmp_path / "run")
    with pytest.raises(SettingsInvalid, match="from-scratch"):
        train("no-such-route", corpus, start, tmp_path / "run")
    with pytest.raises(DeviceUnavailable):
        train(settings, corpus, start, tmp_path / "run", device="tpu")
    assert choose_device("cpu") == "cpu"


def test_a_corpus_is_all_that_training_needs(made, tmp_path):
    """A machine with torch but without tree-sitter, a database or FAISS can make a start and a run of a corpus."""
    settings, corpus, start = made
    program = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('tree_sitter', 'sqlalchemy', 'faiss', 'platformdirs', 'onnxruntime')))\n"
        "from cli.main import app\n"
        "app(['train', *sys.argv[1:]])"
    )
    own = str(tmp_path / "start")
    for arguments in (
        ["start", "from-scratch", "--corpus", str(corpus), "--output", own, "--vocabulary", "500"],
        [
            "run",
            settings,
            "--corpus",
            str(corpus),
            "--init",
            start,
            "--output",
            str(tmp_path / "run"),
            "--minutes",
            "0",
        ],
    ):
        subprocess.run([sys.executable, "-c", program, *arguments], check=True, cwd=Path(__file__).parents[3])
    assert (tmp_path / "start" / "model.safetensors").is_file()
    assert (tmp_path / "run" / "checkpoint" / "model.safetensors").is_file()


def test_the_routes_of_the_package():
    """Each can be read by its name; only the route from scratch has a teacher; momentum where there is a GPU for it."""
    assert route_names() == ("decoder", "efficient", "efficient-gpu", "fine-tune", "from-scratch")
    routes = {name: read_settings(settings_file(name)) for name in route_names()}
    assert {name for name, settings in routes.items() if settings.teacher} == {"from-scratch"}
    assert [stage.momentum for stage in routes["from-scratch"].stages] == [None, None, 0.995]
    assert [stage.queued_negatives for stage in routes["from-scratch"].stages] == [False, False, True]
    assert [stage.momentum for stage in routes["efficient-gpu"].stages] == [0.995, None, None]
    assert routes["efficient"].stages[1].frozen == ("encoder",)
    assert [stage.frozen for stage in routes["efficient-gpu"].stages] == [("decoder",), ("encoder",), ("encoder",)]
