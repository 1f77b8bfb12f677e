"""The table of sentences: complete, without surplus names, and each sentence can be filled."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import string
from pathlib import Path

import pytest

from cli.errors import EXPLANATIONS, ExitCode, explanation_of, sentence_of
from codesearch import CodesearchError


def every_error():
    """Return each error type of ours, after importing every module that may define one."""
    for package in ("store", "indexer", "codesearch"):
        folder = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(folder, f"{package}."):
            if module.name.rsplit(".", 1)[-1] == "errors":
                importlib.import_module(module.name)
    found, open_types = [], [CodesearchError]
    while open_types:
        kind = open_types.pop()
        found.append(kind)
        open_types.extend(kind.__subclasses__())
    return sorted((kind for kind in found if kind.__module__.split(".")[0] != "tests"), key=lambda kind: kind.__name__)


# A value for each parameter of an error's constructor.
SAMPLES = {
    "path": Path("/a/b"),
    "root": Path("/a/root"),
    "folder": Path("/a/folder"),
    "detail": "it is\nbroken",
    "found": 2,
    "expected": 1,
    "waited_seconds": 30.4,
    "skipped": {"binary": 3},
    "name": "bundled",
    "searched": (Path("/m"), Path("/n")),
    "field": "model_type",
    "supported": ("t5", "codet5p"),
    "names": ("a.json", "b.json"),
    "capability": "decoder",
    "address": "localhost:8080",
    "host": "localhost:8080",
    "status": 401,
    "system": "win32",
    "missing": ("w",),
    "unexpected": ("v",),
    "reshaped": (("w", (1,), (2,)),),
    "untied": (),
    "device": "cuda:3",
    "file": Path("/a/settings.toml"),
    "reason": "no [[stages]]",
    "what": "settings",
    "step": 7,
    "first": Path("/a/one"),
    "second": Path("/a/other"),
    "key": "pypi:requests",
    "line": 12,
    "lines": 9,
    "places": ("a.py:1-3", "b.py:4-6"),
    "count": 2,
    "query": "lang:go",
    "nearest": ("python", "go"),
}


def sample(kind):
    """Return an error of that type, made of sample values."""
    if kind is CodesearchError:
        return kind()
    parameters = list(inspect.signature(kind.__init__).parameters)[1:]
    return kind(*(SAMPLES[name] for name in parameters if name in SAMPLES))


def test_every_error_has_a_sentence():
    """The table has each type that the packages define, and no other."""
    assert set(EXPLANATIONS) == {kind.__name__ for kind in every_error()}


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_each_sentence_can_be_filled(kind):
    """The names in braces are attributes of the error; the sentence is one line without braces or a full stop."""
    error = sample(kind)
    explanation = explanation_of(error)
    asked = {
        field
        for text in (explanation.sentence, explanation.way_out)
        for _, field, _, _ in string.Formatter().parse(text)
    }
    assert asked - {None} <= set(vars(error))
    assert re.fullmatch(r"[^{}\n]+[^{}\n.]", sentence_of(error))
    assert explanation.exit_code is ExitCode.ERROR


def test_sentences_carry_the_data():
    """Paths, lists, numbers and texts of several lines are written for people."""
    named = {kind.__name__: kind for kind in every_error()}
    assert sentence_of(sample(named["NotIndexed"])) == "/a/b is not indexed; to index it: codesearch index /a/b"
    assert sentence_of(sample(named["RepositoryBusy"])).startswith(
        "another codesearch is still indexing /a/root after 30 s of waiting; "
    )
    assert sentence_of(sample(named["ModelNotFound"])).startswith(
        "there is no model bundled on this machine; looked in: /m, /n;"
    )
    assert "cannot be read: it is broken;" in sentence_of(sample(named["LibraryUnreadable"]))


def test_a_new_subclass_falls_back_to_its_base():
    """An error that is a kind of another has the other's sentence until it has one of its own."""
    named = {kind.__name__: kind for kind in every_error()}
    special = type("SpecialCase", (named["PathMissing"],), {"__module__": "tests.x"})
    assert sentence_of(special(Path("/x"))) == "there is no file or folder /x; check the spelling"
