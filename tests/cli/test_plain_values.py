"""Plain values are taken as they are, and no otherwise than typer would take them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cli.commands import GROUPS, SUMMARIES, load_command, load_group
from cli.options import MOST_RERANKED
from cli.plain_values import take_plain_values

REPOSITORY = Path(__file__).parents[2]
SINGLE = [name for name in SUMMARIES if name not in GROUPS]
WRITTEN = [
    "5", "0", "-1", "007", "1_000", " 5", "5.0", "1e3", "٣", "9" * 12, str(MOST_RERANKED + 1), "", "a b", "hybrid",
    "Hybrid", "never", ".", "README.md", "missing/folder", "true", "<s>",
]  # fmt: skip


def commands():
    """Return every command that has options, freshly made."""
    groups = [load_group(name) for name in GROUPS]
    return [load_command(name) for name in SINGLE] + [one for group in groups for one in group.commands.values()]


def outcome(parameter, context, value):
    """Return what the parameter makes of a value, with its type, or the complaint."""
    try:
        taken = parameter.process_value(context, value)
    except Exception as error:  # noqa: BLE001 (whatever it is, both raise it)
        return type(error).__name__, str(error)
    return type(taken), taken


def test_values_are_what_typer_makes_of_them():
    """Every option of every command, with its default and with values of all kinds: the same value or complaint."""
    plain, checked = commands(), commands()
    compared = 0
    for one, other in zip(plain, checked, strict=True):
        context = other.make_context("q", [], resilient_parsing=True)
        take_plain_values(one, context)
        for quick, slow in zip(one.params, other.params, strict=True):
            if slow.name == "help":
                continue
            several = slow.multiple or slow.nargs == -1
            values = [[value] for value in WRITTEN] + [WRITTEN, [], ()] if several else WRITTEN
            for value in [None, slow.default, *values]:
                vars(slow).pop("process_value", None)
                assert outcome(quick, context, value) == outcome(slow, context, value), (one.name, slow.name, value)
                compared += 1
    assert compared > 1_000


def test_nothing_slow_is_loaded_for_plain_values(tmp_path):
    """Neither indexing nor an answer into a pipe needs what typer checks with, or what colours a terminal."""
    (tmp_path / "greet.py").write_text("def greet(name):\n    return name\n", encoding="utf-8")
    code = (
        "import sys\nfrom cli.main import main\n"
        "try: main()\n"
        "finally: print({'pydantic', 'rich', 'pygments'} & set(sys.modules), file=sys.stderr)"
    )
    settings = {
        "PYTHONPATH": str(REPOSITORY),
        "CODESEARCH_LIBRARY": str(tmp_path / "library"),
        "CODESEARCH_WITHIN": "9",
    }
    environment = {**os.environ, **settings}
    search = ["search", "greet", ".", "-k", "3", "--mode", "lexical"]
    for arguments in (["index", ".", "--lexical-only"], search, [*search, "--within", "20"]):
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "set()"), arguments
