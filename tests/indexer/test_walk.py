"""The walk: which files are found, and the reason for each that is not."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from indexer.errors import FolderUnreadable
from indexer.found_files import SIZE_LIMIT
from indexer.walk import walk
from tests.indexer.trees import LONG_AGO_NS, git, write_tree

CODE = "x = 1\n"


def reasons(root: Path) -> dict[str, str]:
    """Map every path that the walk names to its reason, in the walk's order."""
    return {file.path: file.skip_reason for file in walk(root)}


def searched(root: Path) -> list[str]:
    return [path for path, reason in reasons(root).items() if not reason]


def test_every_file_has_a_verdict_in_sorted_order(tmp_path):
    """Code, documents, unknown suffixes, scripts without a suffix, empty and generated files."""
    root = write_tree(
        tmp_path,
        {
            "b.py": CODE,
            "a/z.go": "package a\n",
            "a.js": "f()\n",
            "README.md": "# hi",
            "data.json": "{}",
            "logo.png": b"\x89PNG",
            "bin/run": "#!/bin/sh\n",
            "a/__init__.py": "",
            "a/x.pb.go": "package a\n",
            "a/x.min.js": "x",
            ".hidden/tool.py": CODE,
        },
    )
    assert list(reasons(root).items()) == [
        (".hidden/tool.py", ""),
        ("README.md", "not source code (markdown)"),
        ("a.js", ""),
        ("a/__init__.py", "empty"),
        ("a/x.min.js", "minified (by its name)"),
        ("a/x.pb.go", "generated (by its name)"),
        ("a/z.go", ""),
        ("b.py", ""),
        ("bin/run", ""),
        ("data.json", "not source code (json)"),
        ("logo.png", "not source code (.png)"),
    ]


def test_size_and_time_are_those_of_the_file(tmp_path):
    """Bytes and nanoseconds, and a file of one byte too many is left out."""
    root = write_tree(tmp_path, {"a.py": CODE, "limit.py": "#" * SIZE_LIMIT, "large.py": "#" * (SIZE_LIMIT + 1)})
    found = {file.path: file for file in walk(root)}
    assert (found["a.py"].size, found["a.py"].modified_ns) == (6, LONG_AGO_NS)
    assert found["limit.py"].skip_reason == ""
    assert found["large.py"].skip_reason == "larger than 1 MB"


def test_folders_of_tools_are_one_entry_by_name_and_by_evidence(tmp_path):
    """`build`, `vendor` and the like are left out only beside the manifest of the tool, or with its mark inside."""
    root = write_tree(
        tmp_path,
        {
            "node_modules/x/index.js": CODE,
            "build/deploy.py": CODE,
            "vendor/ours.py": CODE,
            "third_party/lib.go": "package x\n",
            "go/go.mod": "module x\n",
            "go/vendor/y/y.go": "package y\n",
            "rust/Cargo.toml": "",
            "rust/target/debug/build.py": CODE,
            "target/aim.py": CODE,
            "net/a.csproj": "",
            "net/bin/x.cs": "class X {}\n",
            "env/pyvenv.cfg": "",
            "env/lib/x.py": CODE,
            "out/CACHEDIR.TAG": "",
            "out/x.py": CODE,
            "pkg/__pycache__/x.py": CODE,
            ".hg/x.py": CODE,
        },
    )
    assert searched(root) == ["build/deploy.py", "target/aim.py", "third_party/lib.go", "vendor/ours.py"]
    folders = {path: reason for path, reason in reasons(root).items() if path.endswith("/")}
    assert folders == {
        "env/": "a Python environment",
        "go/vendor/": "installed or built by a tool (beside go.mod)",
        "net/bin/": "installed or built by a tool (beside a.csproj)",
        "node_modules/": "installed or built by a tool",
        "out/": "a cache (CACHEDIR.TAG)",
        "pkg/__pycache__/": "installed or built by a tool",
        "rust/target/": "installed or built by a tool (beside Cargo.toml)",
    }


def test_the_root_itself_is_always_entered(tmp_path):
    """Whoever names a folder means it, even `node_modules/x` or a Python environment."""
    root = write_tree(tmp_path / "node_modules", {"pyvenv.cfg": "", "a.js": CODE})
    assert searched(root) == ["a.js"]


def test_own_ignore_file_leaves_out_and_takes_in(tmp_path):
    """It wins over git's rules, folder conventions, generated names and "not source code", in both directions."""
    root = write_tree(
        tmp_path,
        {
            ".gitignore": "local.py\n/cache/\n",
            ".codesearchignore": (
                "tests/\n*_old.py\n!local.py\n!*.sql.json\n!x.pb.go\n!/cache/\n!node_modules/ours/*.js\n!huge.py\n"
            ),
            "sub/.codesearchignore": "!kept_old.py\n",
            **dict.fromkeys(("tests/a.py", "a_old.py", "sub/kept_old.py", "sub/b_old.py", "local.py"), CODE),
            **dict.fromkeys(("a.sql.json", "b.json", "x.pb.go", "cache/a.py"), CODE),
            **dict.fromkeys(("node_modules/ours/a.js", "node_modules/ours/a.json", "node_modules/b/b.js"), CODE),
            "huge.py": "#" * (SIZE_LIMIT + 1),
        },
    )
    found = {file.path: file for file in walk(root)}
    insisted = ["a.sql.json", "local.py", "node_modules/ours/a.js", "sub/kept_old.py", "x.pb.go"]
    assert searched(root) == sorted([*insisted, "cache/a.py"])
    assert [path for path in searched(root) if found[path].insisted] == insisted
    assert {path: file.skip_reason for path, file in found.items() if file.skip_reason} == {
        ".codesearchignore": "settings of codesearch",
        ".gitignore": "not source code (.gitignore)",
        "a_old.py": "ignored by .codesearchignore:2",
        "b.json": "not source code (json)",
        "huge.py": "larger than 1 MB",
        "node_modules/": "installed or built by a tool",
        "sub/.codesearchignore": "settings of codesearch",
        "sub/b_old.py": "ignored by .codesearchignore:2",
        "tests/": "ignored by .codesearchignore:1",
    }


def test_ignored_files_and_folders_name_the_line(tmp_path):
    """The reason leads to the rule: file and line."""
    root = write_tree(tmp_path, {"a/.gitignore": "\n# c\nx.py\nlogs/\n", "a/x.py": CODE, "a/logs/y.py": CODE})
    assert reasons(root) == {
        "a/.gitignore": "not source code (.gitignore)",
        "a/logs/": "ignored by a/.gitignore:4",
        "a/x.py": "ignored by a/.gitignore:3",
    }


def test_links_are_named_and_never_followed(tmp_path):
    """To a file, a folder, outside, to nowhere, and in a circle."""
    outside = write_tree(tmp_path / "outside", {"secret.py": CODE})
    root = write_tree(tmp_path / "tree", {"a/b/x.py": CODE})
    (root / "file.py").symlink_to(root / "a" / "b" / "x.py")
    (root / "folder").symlink_to(root / "a")
    (root / "away").symlink_to(outside)
    (root / "broken.py").symlink_to(root / "nowhere.py")
    (root / "a" / "b" / "loop").symlink_to(root / "a")
    links = ("a/b/loop", "away", "broken.py", "file.py", "folder")
    assert reasons(root) == {"a/b/x.py": "", **dict.fromkeys(links, "symbolic link")}
    through_a_link = tmp_path / "link"
    through_a_link.symlink_to(root)
    assert reasons(through_a_link) == reasons(root)


def test_pipes_and_sockets_are_not_opened(tmp_path, monkeypatch):
    """Reading a pipe would wait for ever."""
    root = write_tree(tmp_path, {"a.py": CODE})
    os.mkfifo(root / "pipe.py")
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.py")
        assert reasons(root) == {"a.py": "", "pipe.py": "not a regular file", "socket.py": "not a regular file"}


def test_names_that_are_not_utf_8_are_named_and_do_no_harm(tmp_path):
    """The odd bytes are spelled out, for a file and for a folder; the neighbours are found."""
    root = write_tree(tmp_path, {"a.py": CODE, "größe.py": CODE})
    try:
        Path(os.fsdecode(os.fsencode(root) + b"/b\xff.py")).write_text(CODE)
    except OSError:
        pytest.skip("this file system takes no such names")
    write_tree(Path(os.fsdecode(os.fsencode(root) + b"/d\xe4")), {"x.py": CODE})
    bad = "file name is not valid UTF-8"
    assert reasons(root) == {"a.py": "", "b\\xff.py": bad, "d\\xe4": bad, "größe.py": ""}


def test_an_unreadable_folder_is_named(tmp_path):
    """A folder without permission, or one whose path is longer than the system takes, does not stop the walk."""
    root = write_tree(tmp_path, {"a.py": CODE})
    long_name = "d" * 250
    before = Path.cwd()
    try:
        os.chdir(root)
        for _ in range(20):
            Path(long_name).mkdir()
            os.chdir(long_name)
    finally:
        os.chdir(before)
    found = reasons(root)
    assert found.pop("a.py") == ""
    assert list(found.values()) == ["unreadable: File name too long"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_named(tmp_path):
    """The system's own words are the reason."""
    root = write_tree(tmp_path, {"a.py": CODE, "closed/b.py": CODE})
    (root / "closed").chmod(0)
    assert reasons(root) == {"a.py": "", "closed/": "unreadable: Permission denied"}
    (root / "closed").chmod(0o700)


def test_a_root_that_cannot_be_listed_is_an_error(tmp_path):
    """Missing and not a folder: an error, so that nobody takes it for an empty repository."""
    write_tree(tmp_path, {"a.py": CODE})
    for path in (tmp_path / "missing", tmp_path / "a.py"):
        with pytest.raises(FolderUnreadable) as raised:
            walk(path)
        assert raised.value.path == path


def test_other_work_trees_are_left_out_and_submodules_are_not(tmp_path):
    """A linked work tree inside the tree holds the same functions again; a submodule holds others."""
    root = write_tree(
        tmp_path / "tree", {"a.py": CODE, "module/.git": "gitdir: ../.git/modules/m\n", "module/m.py": CODE}
    )
    git(root, "init", "-q")
    git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x")
    git(root, "worktree", "add", "-q", str(root / "trees" / "feature"))
    write_tree(root / "trees" / "feature", {"a.py": CODE})
    assert searched(root) == ["a.py", "module/m.py"]
    assert reasons(root)["trees/feature/"] == "another work tree of git"
    assert searched(root / "trees" / "feature") == ["a.py"]


def test_an_empty_folder_has_no_files(tmp_path):
    """Neither files nor entries."""
    assert walk(tmp_path) == []
