"""What a shell is offered for a word that is being typed, though commands are loaded when they are run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("codesearch se", ["search"]),
        ("codesearch search --exp", ["--explain"]),
        ("codesearch search x --mode ", ["hybrid", "dense", "lexical"]),
        ("codesearch models ", ["list", "verify"]),
        ("codesearch models ver", ["verify"]),
        ("codesearch eval co", ["compare"]),
        ("codesearch train corpus --mirr", ["--mirrors"]),
    ],
)
def test_commands_options_and_values(typed, offered):
    """Of commands and of groups, also of a group of which one command is meant where none is named."""
    words = typed.split(" ")
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "_CODESEARCH_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
    }
    code = "from cli.main import main; main()"
    finished = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert finished.stdout.split() == offered
    assert finished.stderr == ""
