"""The ignore rules give git's own answer; git is asked."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from indexer.ignore_rules import parse_rules
from indexer.walk import walk
from tests.indexer.trees import files_that_git_sees, git, write_tree


def python_files(root: Path) -> list[str]:
    return [file.path for file in walk(root) if not file.skip_reason]


CODE = "x = 1\n"

PATTERNS = """
*.log.py
!keep.log.py
/top.py
sub/inner.py
folder/
!folder/kept.py
a/**/z.py
**/deep/*.py
wild/**
!wild/kept.py
one?.py
[xy]ray.py
[!a]bc.py
\\#hash.py
\\!bang.py
# comment.py
trailing.py\x20\x20
spa\\ ce.py
star*
!starfish.py
/anchored/**/leaf.py
sl/ash/
inside/**/
*/second.py
foo/*
!foo/bar
foo/bar/*
!foo/bar/kept.py
[
back\\
!
/
"""

PATHS = """
a.log.py keep.log.py top.py x/top.py sub/inner.py x/sub/inner.py folder/kept.py x/folder/a.py folder.py a/z.py a/b/z.py
a/b/c/z.py x/a/z.py deep/m.py q/deep/m.py q/deep/r/m.py wild/kept.py wild/a.py wild/x/kept.py one1.py one.py one12.py
xray.py yray.py zray.py abc.py bbc.py #hash.py !bang.py comment.py trailing.py starx.py starfish.py stars/a.py
anchored/leaf.py anchored/b/leaf.py q/anchored/leaf.py sl/ash/a.py x/sl/ash/a.py inside/a.py inside/b/a.py p/second.py
second.py p/q/second.py foo/a.py foo/bar/b.py foo/bar/kept.py foo/bar/x/kept.py
"""


def test_every_kind_of_pattern_means_what_it_means_to_git(tmp_path):
    """One tree, one rule of each kind: exactly the files that git does not ignore are found."""
    files = dict.fromkeys([*PATHS.split(), "spa ce.py"], CODE)
    root = write_tree(tmp_path / "tree", {**files, ".gitignore": PATTERNS})
    git(root, "init", "-q")
    expected = [path for path in files_that_git_sees(root) if path.endswith(".py")]
    assert 10 < len(expected) < len(files) - 10
    assert python_files(root) == expected


def test_nested_files_win_over_outer_ones_and_cannot_reach_an_ignored_folder(tmp_path):
    """A deeper `.gitignore` decides first, in both directions, unless its folder is never entered."""
    root = write_tree(
        tmp_path / "tree",
        {
            ".gitignore": "*.gen.py\n/closed/\nb/*.py\n",
            "a/.gitignore": "!*.gen.py\nlocal.py\n",
            "a/x.gen.py": CODE,
            "a/local.py": CODE,
            "a/c/local.py": CODE,
            "a/c/.gitignore": "!local.py\n",
            "b/x.py": CODE,
            "b/.gitignore": "!x.py\n",
            "b/y.py": CODE,
            "closed/.gitignore": "!*.py\n",
            "closed/x.py": CODE,
            "x.gen.py": CODE,
        },
    )
    git(root, "init", "-q")
    expected = ["a/c/local.py", "a/x.gen.py", "b/x.py"]
    assert [path for path in files_that_git_sees(root) if path.endswith(".py")] == expected
    assert python_files(root) == expected


def test_exclude_file_and_user_file_count_and_are_weaker_than_the_tree(tmp_path, monkeypatch):
    """`.git/info/exclude`, `core.excludesFile` and its default place count, the tree's own rules win."""
    files = {".gitignore": "!both.py\n", **{f"{name}.py": CODE for name in ("mine", "both", "other", "free")}}
    root = write_tree(tmp_path / "tree", files)
    git(root, "init", "-q")
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "exclude").write_text("mine.py\n")
    settings = Path(os.environ["HOME"]) / ".config" / "git" / "ignore"
    write_tree(settings.parent, {"ignore": "both.py\nother.py\n", "elsewhere": "free.py\n"})
    assert python_files(root) == ["both.py", "free.py"] == [p for p in files_that_git_sees(root) if p[0] != "."]
    git(root, "config", "core.excludesFile", "~/.config/git/elsewhere")
    assert python_files(root) == ["both.py", "other.py"] == [p for p in files_that_git_sees(root) if p[0] != "."]


def test_rules_above_the_root_count_up_to_the_top_of_the_work_tree(tmp_path):
    """Walking a subfolder finds what git lists there; a `.gitignore` outside the work tree says nothing."""
    write_tree(tmp_path, {".gitignore": "*.py\n"})
    root = write_tree(
        tmp_path / "tree",
        {
            ".gitignore": "packages/web/gone.py\n*.tmp.py\n",
            "packages/.gitignore": "web/also.py\n!kept.tmp.py\n",
            **{f"packages/web/{name}.py": CODE for name in ("gone", "also", "stays", "a.tmp", "kept.tmp")},
        },
    )
    git(root, "init", "-q")
    web = root / "packages" / "web"
    assert python_files(web) == ["kept.tmp.py", "stays.py"] == files_that_git_sees(web)
    reasons = {file.path: file.skip_reason for file in walk(web)}
    assert reasons["gone.py"] == "ignored by ../../.gitignore:1"
    assert reasons["also.py"] == "ignored by ../.gitignore:1"


def test_case_counts_unless_git_says_otherwise(tmp_path):
    """`core.ignoreCase`, which git sets on macOS and Windows, is followed."""
    root = write_tree(tmp_path / "tree", {".gitignore": "Upper.py\n", "upper.py": CODE, "b/Upper.py": CODE})
    git(root, "init", "-q")
    assert python_files(root) == ["upper.py"]
    git(root, "config", "core.ignoreCase", "true")
    assert python_files(root) == []


def test_a_linked_work_tree_uses_the_exclude_file_of_its_repository(tmp_path):
    """The root may be a linked work tree, whose `.git` is a file."""
    root = write_tree(tmp_path / "tree", {"a.py": CODE})
    git(root, "init", "-q")
    git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x")
    git(root, "worktree", "add", "-q", str(tmp_path / "linked"))
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "exclude").write_text("mine.py\n")
    linked = write_tree(tmp_path / "linked", {"mine.py": CODE, "yours.py": CODE})
    assert python_files(linked) == ["yours.py"] == files_that_git_sees(linked)


def test_gitignore_counts_without_git(tmp_path, monkeypatch):
    """A downloaded tree without `.git`, on a machine without git, is read by the same rules."""
    monkeypatch.setenv("PATH", "")
    root = write_tree(tmp_path / "tree", {".gitignore": "*.gen.py\n", "a.gen.py": CODE, "a.py": CODE})
    assert python_files(root) == ["a.py"]
    (root / ".git").mkdir()
    assert python_files(root) == ["a.py"]


@pytest.mark.parametrize("seed", range(12))
def test_random_trees_agree_with_git(tmp_path, seed):
    """Random rules in random folders of a random tree: the same files as git finds."""
    rng = random.Random(seed)
    names = ["a", "b", "ab", "c", "build"]
    pieces = ["a", "b", "ab", "*", "?", "a*", "[ab]", "**", "c.py", "*.py", "b.py", "build"]

    def pattern() -> str:
        body = "/".join(rng.choice(pieces) for _ in range(rng.choice([1, 1, 1, 2, 2, 3])))
        return rng.choice(["", "", "", "!"]) + rng.choice(["", "", "/"]) + body + rng.choice(["", "", "/"])

    folders = ["", *("/".join(rng.choice(names) for _ in range(rng.randint(1, 4))) + "/" for _ in range(14))]
    files = {folder + name: CODE for folder in folders for name in ("c.py", "b.py", "abc.py")}
    ignores = {
        folder + ".gitignore": "\n".join(pattern() for _ in range(rng.randint(1, 4)))
        for folder in rng.sample(folders, 4)
    }
    root = write_tree(tmp_path / "tree", {**files, **ignores})
    git(root, "init", "-q")
    expected = [path for path in files_that_git_sees(root) if path.endswith(".py")]
    assert python_files(root) == expected, ignores


def test_lines_keep_their_numbers():
    """A rule knows its line, for the reason that people read; comments and lines that git drops are none."""
    rules = parse_rules(["# c", "", "a.py", "[", "  ", "!b/", "/c/d\r"])
    assert [(rule.line, rule.ignores, rule.by_name) for rule in rules] == [
        (3, True, True),
        (6, False, True),
        (7, True, False),
    ]
