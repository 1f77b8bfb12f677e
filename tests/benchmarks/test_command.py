"""The command, with a question that takes no time: what is written, and that a failure costs only the rest of it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from benchmarks import __main__ as command
from benchmarks.figures import Figure, read_run
from benchmarks.timing import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from benchmarks.settings import Settings


class Failing(ModuleType):
    """Stands in for a module of the benchmarks: one figure, then a command that fails."""

    def measure(self, settings: Settings) -> Iterator[Figure]:
        yield Figure("embedding", "codesearch", "functions encoded", float(settings.sizes.encoded), "1/s")
        raise CommandFailed("python: cannot open /home/somebody/secret/file.py")


def test_what_was_measured_before_a_failure_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run is written and reported although a command failed; the reason is in it, without the path it named."""
    monkeypatch.setitem(sys.modules, "benchmarks.embedding", Failing("benchmarks.embedding"))
    monkeypatch.setattr(command, "RESULTS", tmp_path)
    file = command.main(["--quick", "--only", "embedding", "--name", "trial"])
    assert file.parent == tmp_path
    assert file.name.endswith("-trial.json")
    first, rest = read_run(file).figures
    assert first.value == 200
    assert (rest.value, rest.note) == (None, "python: cannot open ...")
    assert "functions encoded" in capsys.readouterr().out
    assert "somebody" not in file.read_text()
