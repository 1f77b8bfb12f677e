"""Which definition is meant, in a small real repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesearch.errors import (
    FileNotSearched,
    LineMissing,
    LineNotGiven,
    NoDefinitionHere,
    NotIndexed,
    PathMissing,
    SymbolAmbiguous,
    SymbolUnknown,
)
from codesearch.reading import Spot, locate, read_spot
from codesearch.repositories import Repositories
from indexer import index_repository

CLIENT = '''\
"""Clients."""

LIMIT = 3


# Sends things.
# Twice if need be.
@retried
class Client:
    """A client."""

    timeout = 3

    def send(self, job):
        def attempt():
            return job.run()

        return attempt()

    # on its own

    async def close(self): ...
'''
#  3 LIMIT, 6 and 7 comments, 8 @retried, 9 class, 12 timeout, 14 def send, 15 attempt, 18 return, 20 a comment alone
GO = "package net\n\n// Send sends.\nfunc (c *Client) Send() error {\n\treturn nil\n}\n\nfunc Open() {}\n"


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A repository of three files, the current folder."""
    folder = tmp_path / "net"
    (folder / "sub").mkdir(parents=True)
    (folder / "client.py").write_text(CLIENT)
    (folder / "sub" / "client.go").write_text(GO)
    (folder / "sub" / "data.bin").write_bytes(b"\x00\x01\x02")
    (folder / "empty.py").write_text("\n\n")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def meant(tmp_path, root):
    """Return what a place means: its qualified name and kind."""
    repositories = Repositories(tmp_path / "library")

    def name_at(where, paths=(Path(),), *, refresh=True):
        brought = (lambda repository: index_repository(repository, None)) if refresh else None
        found = locate(where, paths, repositories, brought).meant
        return f"{found.definition.qualified_name} {found.definition.kind}"

    yield name_at
    repositories.close()


@pytest.mark.parametrize(
    ("text", "spot"),
    [
        ("a.py:12", Spot(Path("a.py"), 12, 12)),
        ("a.py:12-40", Spot(Path("a.py"), 12, 40)),
        ("a.py:12:5", Spot(Path("a.py"), 12, 12)),
        ("src/a.py:12:", Spot(Path("src/a.py"), 12, 12)),
        ("a.py:40-12", Spot(Path("a.py"), 40, 40)),
        ("C:\\x\\a.py:7", Spot(Path("C:\\x\\a.py"), 7, 7)),
        ("a b.py:1", Spot(Path("a b.py"), 1, 1)),
        ("odd:name.py:3", Spot(Path("odd:name.py"), 3, 3)),
        ("a.py", None),
        ("Client.send", None),
        ("net::Client::send", None),
        ("a.py:", None),
        (":12", None),
        ("", None),
    ],
)
def test_what_grep_and_editors_print_is_a_spot(text, spot):
    """Path and lines, the column passed over; anything else is a name."""
    assert read_spot(text) == spot


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("client.py:14", "Client.send method"),
        ("client.py:18", "Client.send method"),
        ("client.py:15", "Client.send.attempt function"),
        ("client.py:12", "Client class"),
        ("client.py:8", "Client class"),
        ("client.py:6", "Client class"),
        ("client.py:7", "Client class"),
        ("client.py:3", "LIMIT block"),
        ("client.py:20", "Client class"),
        ("client.py:14-18", "Client.send method"),
        ("client.py:12-18", "Client class"),
        ("client.py:18-99", "Client.send method"),
        ("client.py:22:7", "Client.close method"),
        ("./sub/../client.py:22", "Client.close method"),
        ("sub/client.go:3", "Client.Send method"),
        ("sub/client.go:8", "Open function"),
    ],
)
def test_the_innermost_definition_is_meant(meant, where, name):
    """That which holds all lines, else their first; decorators and the comment right above belong to it."""
    assert meant(where) == name


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Client.send", "Client.send method"),
        ("Client.Send", "Client.Send method"),
        ("Client::Send()", "Client.Send method"),
        ("close", "Client.close method"),
        ("CLOSE", "Client.close method"),
        ("send", "Client.send method"),
        ("open", "Open function"),
        ("Client#attempt", None),
        ("client.close", "Client.close method"),
        ("nothing", None),
        ("...", None),
        ("", None),
    ],
)
def test_a_name_means_a_definition(meant, name, found):
    """A qualified name, the end of one, in its own case first; unknown names are named in the error."""
    if found is None:
        with pytest.raises(SymbolUnknown) as caught:
            meant(name)
        assert caught.value.name == name
    else:
        assert meant(name) == found


def test_several_of_one_name_are_listed(meant, root):
    """With their places; a folder or a longer name settles it."""
    for folder in ("one", "two"):
        (root / folder).mkdir()
        (root / folder / "job.py").write_text(f"class {folder.title()}:\n    def run(self):\n        pass\n")
    with pytest.raises(SymbolAmbiguous) as caught:
        meant("run")
    assert (caught.value.count, set(caught.value.places)) == (2, {"one/job.py:2-3", "two/job.py:2-3"})
    assert meant("Two.run") == "Two.run method"
    assert meant("run", (Path("one"),)) == "One.run method"


def test_places_without_a_definition(meant, root):
    """No such file or line, nothing there, a file that is not searched, a file alone, an index that is not there."""
    cases = {
        "sub/client.go:7": NoDefinitionHere,
        "client.py:99": LineMissing,
        "client.py:0": LineMissing,
        "empty.py:1": NoDefinitionHere,
        "sub/data.bin:1": FileNotSearched,
        "sub:3": PathMissing,
        "nowhere.py:3": PathMissing,
        "client.py": LineNotGiven,
    }
    for where, error in cases.items():
        with pytest.raises(error):
            meant(where)
    with pytest.raises(FileNotSearched) as caught:
        meant("sub/data.bin:1")
    assert "not source code" in caught.value.reason


def test_without_refresh_the_index_must_be_there(meant, root, tmp_path):
    """A file of no repository is NotIndexed; a file that is new since the last run is not in the index."""
    with pytest.raises(NotIndexed):
        meant("client.py:14", refresh=False)
    meant("client.py:14")
    (root / "new.py").write_text("def new():\n    pass\n")
    with pytest.raises(FileNotSearched):
        meant("new.py:1", refresh=False)
    assert meant("new.py:1") == "new function"
    other = tmp_path / "elsewhere.py"
    other.write_text("def far():\n    pass\n")
    with pytest.raises(NotIndexed):
        meant(f"{other}:1", refresh=False)
