"""The boundary where errors end, the help, and what loading the command line costs."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.commands import lazy_commands
from cli.main import app
from codesearch import CodesearchError, __version__
from tests.cli.fakes import FakeCodeSearch

HEAVY = {"torch", "transformers", "tokenizers", "onnx", "onnxruntime", "sqlalchemy", "faiss", "tree_sitter", "numpy"}
HELP_COLUMNS = 78  # of 80, less a blank on either side
COMMANDS = [
    [],
    ["search"],
    ["similar"],
    ["explain"],
    ["complete"],
    ["generate"],
    ["index"],
    ["status"],
    ["models"],
    ["models", "list"],
    ["models", "verify"],
    ["eval"],
    ["eval", "search"],
    ["eval", "generation"],
    ["eval", "problems"],
    ["clear"],
]
COMMAND_NAMES = [
    "search",
    "similar",
    "explain",
    "complete",
    "generate",
    "index",
    "status",
    "clear",
    "models",
    "eval",
    "train",
]
REPOSITORY = Path(__file__).parents[2]


class UnforeseenError(CodesearchError):
    """An error that the table does not know."""


def run(raises, *before, **options):
    """Run a search whose engine raises; return (stdout, stderr, exit code)."""
    engine = FakeCodeSearch(raises=raises)
    result = CliRunner().invoke(app, [*before, "search", "q"], obj=engine, **options)
    assert engine.calls[-1] == ("close",)
    return result.stdout, result.stderr, result.exit_code


def test_an_error_on_purpose_is_a_sentence():
    """No traceback, exit code 2; an unknown kind of ours gets the base's sentence."""
    sentence = "error: something went wrong; run again with CODESEARCH_DEBUG=1 to see where\n"
    assert run(UnforeseenError()) == ("", sentence, 2)


def test_an_unexpected_error_is_a_sentence_too():
    """The type and the text of the error are named, in one line."""
    sentence = (
        "error: unexpected ZeroDivisionError: one two; "
        "run again with CODESEARCH_DEBUG=1 (or codesearch --debug ...) for the traceback\n"
    )
    assert run(ZeroDivisionError("one\ntwo")) == ("", sentence, 2)


@pytest.mark.parametrize(("before", "env"), [(["--debug"], {}), ([], {"CODESEARCH_DEBUG": "1"})])
@pytest.mark.parametrize("error", [ZeroDivisionError("x"), UnforeseenError()])
def test_the_traceback_can_be_had(before, env, error):
    """With --debug or CODESEARCH_DEBUG=1 the traceback comes first."""
    stdout, stderr, exit_code = run(error, *before, env=env)
    assert (stdout, exit_code) == ("", 2)
    assert stderr.startswith("Traceback (most recent call last)")


def test_interruption_keeps_what_was_done():
    """Ctrl-C is one line and exit code 130."""
    assert run(KeyboardInterrupt()) == ("", "stopped; what was done is kept; run again to go on\n", 130)


def test_a_reader_who_goes_away_is_no_error():
    """A broken pipe is silent."""
    assert run(BrokenPipeError()) == ("", "", 0)


def test_version():
    """The version of the package."""
    result = CliRunner().invoke(app, ["--version"])
    assert (result.stdout, result.exit_code) == (f"codesearch {__version__}\n", 0)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_help_fits_80_columns(command):
    """Every command explains itself, with examples, within 80 columns and without cutting a word off."""
    result = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "…" not in result.stdout


def test_help_names_every_command():
    """The overview lists what there is."""
    overview = CliRunner().invoke(app, ["--help"]).stdout
    assert re.findall(r"^│ (\w+) ", overview, re.MULTILINE) == COMMAND_NAMES


def test_the_overview_says_what_the_commands_say():
    """The summary of each command, which is known before the command is loaded, begins the command's own help."""
    for name, known in lazy_commands().items():
        assert known.loaded().help.split("\n\n")[0].replace("\n", " ") == known.help, name


def python(code, *arguments, **options):
    """Run the code with the project's own Python in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=options.pop("cwd", REPOSITORY),
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": ""},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_help_loads_nothing_heavy():
    """`codesearch --help` imports no library of model, database, vectors or grammars."""
    code = (
        "import sys\nfrom cli.main import main\n"
        "try: main()\n"
        "finally: print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    finished = python(code, "--help")
    assert finished.returncode == 0
    assert "typer" in set(finished.stderr.split())
    assert set(finished.stderr.split()) & HEAVY == set()


def test_the_process_ends_with_the_code_of_the_command(tmp_path):
    """What was written before the end arrives, in a file as in a pipe, and on stderr."""
    code = "import sys; from cli.main import main; sys.argv[0] = 'codesearch'; main()"
    version = f"codesearch {__version__}\n"
    assert python(code, "--version").stdout == version
    refused = python(code, "search")
    assert (refused.returncode, refused.stdout, "QUERY" in refused.stderr) == (2, "", True)
    with (tmp_path / "out").open("w", encoding="utf-8") as out:
        subprocess.run([sys.executable, "-c", code, "--version"], cwd=REPOSITORY, stdout=out, check=True)
    assert (tmp_path / "out").read_text(encoding="utf-8") == version


@pytest.mark.parametrize(
    ("arguments", "expected"), [(["--help"], set()), (["search", "--help"], {"search"}), (["models", "--help"], None)]
)
def test_only_the_command_that_is_meant_is_loaded(arguments, expected):
    """The overview loads the module of no command, a command its own; a group those of its commands."""
    code = (
        "import sys\nfrom cli.commands import SUMMARIES\nfrom cli.main import main\n"
        "try: main()\n"
        "finally: print(*(name for name in SUMMARIES if f'cli.{name}' in sys.modules), file=sys.stderr)"
    )
    loaded = set(python(code, *arguments).stderr.split())
    assert loaded == ({"models", "train"} if expected is None else expected)


def test_help_fits_a_terminal():
    """No line below a command's options is broken in two at 80 columns; and there is more than one paragraph.

    With one alone, the help loses its indentation.
    """
    for path in sorted((REPOSITORY / "cli").glob("*.py")):
        for name, text in vars(importlib.import_module(f"cli.{path.stem}")).items():
            if name.endswith("EPILOG"):
                assert [line for line in text.split("\n") if len(line) > HELP_COLUMNS] == [], path.name
                assert "\n\n" in text, path.name


@pytest.mark.parametrize("command", [[], ["search"], ["models"], ["models", "verify"], ["eval"], ["train"]])
def test_flags_name_no_value_in_the_help(command):
    """Neither ours nor those that typer adds: help and completion."""
    shown = CliRunner().invoke(app, [*command, "--help"]).stdout
    assert "--help" in shown
    assert "bool" not in shown.lower()


def test_the_command_line_imports_the_public_api_only():
    """No module of cli imports a submodule of codesearch, nor indexer or store."""
    for path in (REPOSITORY / "cli").glob("*.py"):
        imports = re.findall(
            r"^\s*(?:from|import) (codesearch\.\S*|indexer\S*|store\S*)", path.read_text(), re.MULTILINE
        )
        assert imports == [], path.name


def test_a_closed_pipe_ends_quietly():
    """A real pipe whose reader is gone: nothing on stderr, not even when Python shuts down."""
    code = (
        "import os, sys; from cli.main import app; from tests.cli.fakes import FakeCodeSearch;"
        "engine = FakeCodeSearch(); engine.matches *= 2000; reader, writer = os.pipe(); os.close(reader);"
        "os.dup2(writer, 1); app(['search', 'q', '-k', '9999'], obj=engine)"
    )
    finished = python(code)
    assert (finished.stderr, finished.returncode) == ("", 0)


@pytest.mark.skipif(os.name != "posix", reason="a shell closes them")
def test_streams_that_are_closed_from_the_start():
    """What would be written is lost without a word, and no file that is opened later gets it."""
    code = (
        "import os, sys; from cli.main import main; sys.argv = ['codesearch', '--version']\n"
        "try: main()\nfinally: assert os.open('pyproject.toml', os.O_RDONLY) > 2"
    )
    closing = ["sh", "-c", '"$@" <&- >&-', "sh", sys.executable, "-c", code]
    finished = subprocess.run(closing, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (finished.stdout, finished.stderr, finished.returncode) == ("", "", 0)


def test_a_narrow_console_replaces_what_it_cannot_encode():
    """An ASCII console gets question marks instead of an error."""
    code = (
        "from cli.main import app; from tests.cli.fakes import FakeCodeSearch;"
        "app(['search', 'q', '--snippet-lines', '2'], obj=FakeCodeSearch())"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0
    assert "    ?\n" in finished.stdout
