"""Which entries of a folder do its ignore files leave out? The meaning is git's, the glob syntax is pathspec's.

An `IgnoreFile` is one file of patterns with the folder it speaks about; `git_ignore_files` finds those that hold for a
whole tree (above the root, `.git/info/exclude`, the user's own), and `read_ignore_file` those inside it. Who wins
among several, and what an entry that nobody mentions is, is for `walk` to say.

pathspec answers for a path in one go, so a pattern for a folder also answers for everything below it. Git asks at each
folder on the way down and never looks below an ignored one. The two differ as soon as a folder is taken back in with
`!`, so here a pattern is asked about the entry alone (see `_entry_only`), and descending is left to the walk.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from os import environ
from os.path import expanduser
from pathlib import Path
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GIT_IGNORE = ".gitignore"
OWN_IGNORE = ".codesearchignore"  # same syntax; wins over everything else, both ways

_GIT_ANSWERS_WITHIN = 5.0  # seconds; a question about its own settings takes git 3 ms
_IGNORE_FILE_LIMIT = 4_000_000  # bytes of an ignore file that are read; the largest seen in the wild is under 100 kB


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of an ignore file.

    `line` counts from 1; `ignores` is False for a `!pattern`; `expression` is to be searched in the entry's name or
    path (with a slash at the end for a folder); `by_name` tells which of the two: a pattern without an inner slash
    holds for the name alone, at any depth. `anchor` is the literal folder that a pattern with inner slashes starts
    with ("vendor/ours" for `/vendor/ours/*.c`), else empty.
    """

    line: int
    ignores: bool
    expression: re.Pattern[str]
    by_name: bool
    anchor: str


class IgnoreFile:
    """The rules of one ignore file for the entries below its folder.

    `label` names the file for people. `folder` is the folder that the patterns are relative to, itself relative to the
    walked root: "" for the root, "a/b/" for a folder below it. For a folder above the root, `above` is the way down
    from it to the root ("packages/web/") and `folder` is "".
    """

    def __init__(self, label: str, rules: Sequence[Rule], *, folder: str = "", above: str = "") -> None:
        self.label = label
        self.folder = folder
        self._above = above
        self._rules = tuple(reversed(rules))  # the last rule that matches decides

    def decide(self, name: str, path: str, *, is_folder: bool) -> Rule | None:
        """Return the rule that decides about an entry, or None when no rule mentions it.

        `path` is relative to the walked root; both `name` and `path` come without a slash at the end.
        """
        end = "/" if is_folder else ""
        subject = name + end
        way = ""
        hit = self._any_by_name is not None and self._any_by_name.search(subject)
        if self._any_by_path is not None:
            way = self._above + path[len(self.folder) :] + end
            hit = hit or self._any_by_path.search(way)
        if not hit:
            return None
        return next(rule for rule in self._rules if rule.expression.search(subject if rule.by_name else way))

    def takes_in_below(self, folder: str) -> bool:
        """Tell whether a `!pattern` names something inside `folder` (relative to the root, no slash at the end)."""
        inner = folder[len(self.folder) :] + "/"
        return any(not rule.ignores and f"{rule.anchor}/".startswith(inner) for rule in self._rules if rule.anchor)

    @cached_property
    def _any_by_name(self) -> re.Pattern[str] | None:
        return _any_of([rule.expression for rule in self._rules if rule.by_name])

    @cached_property
    def _any_by_path(self) -> re.Pattern[str] | None:
        return _any_of([rule.expression for rule in self._rules if not rule.by_name])


def _any_of(expressions: Sequence[re.Pattern[str]]) -> re.Pattern[str] | None:
    """One expression for many, so that the usual entry, which no rule mentions, costs one search."""
    if not expressions:
        return None
    return re.compile("|".join(f"(?:{one.pattern})" for one in expressions), expressions[0].flags)


def parse_rules(lines: Iterable[str], *, ignore_case: bool = False) -> list[Rule]:
    """Turn the lines of an ignore file into rules; comments, blank lines and lines that git drops give none."""
    rules = []
    for number, line in enumerate(lines, start=1):
        text = line.removesuffix("\r")
        if not text.strip() or text.startswith("#"):
            continue
        try:
            pattern = GitIgnoreSpec.from_lines([text]).patterns[0]
            if pattern.include is None or pattern.regex is None:
                continue
            flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
            expression = re.compile(_entry_only(pattern.regex.pattern, text), flags)
        except (ValueError, re.error):  # pathspec's own errors are ValueErrors; git drops such lines in silence
            continue
        glob = text.removeprefix("!").rstrip().removesuffix("/")
        rules.append(Rule(number, bool(pattern.include), expression, "/" not in glob, _anchor(glob)))
    return rules


def _entry_only(expression: str, glob: str) -> str:
    """Make pathspec's expression match the entry itself, not what lies below it.

    pathspec marks the slash after a matched folder with the group `ps_d`; here it has to be the last character. The
    expression for `folder/**` ends in a bare slash: all that is inside, but not the folder; `folder/**/` likewise for
    folders.
    """
    mark = "(?P<ps_d>/)"
    if expression.endswith("/"):
        return expression + "."
    inside = glob.rstrip().endswith("/**/") and expression != mark
    return expression.replace(mark, "/.+/$" if inside else "(?:/$)")


def _anchor(glob: str) -> str:
    """Return the leading folders of a pattern up to its first wildcard: "vendor/ours" for "/vendor/ours/*.c"."""
    if "/" not in glob:
        return ""
    parts = []
    for part in glob.strip("/").split("/"):
        if any(character in part for character in "*?[\\"):
            break
        parts.append(part)
    return "/".join(parts)


def read_ignore_file(
    file: Path, label: str, *, folder: str = "", above: str = "", ignore_case: bool = False
) -> IgnoreFile | None:
    """Read an ignore file; None when there is none, when it cannot be read, or when it has no rule."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_IGNORE_FILE_LIMIT)
    except OSError:
        return None
    lines = content.decode("utf-8-sig", "surrogateescape").split("\n")
    rules = parse_rules(lines, ignore_case=ignore_case)
    return IgnoreFile(label, rules, folder=folder, above=above) if rules else None


@dataclass(frozen=True, slots=True)
class GitIgnores:
    """What git says about a tree as a whole: `files` from the strongest to the weakest, and whether case counts."""

    files: tuple[IgnoreFile, ...] = ()
    ignore_case: bool = False


def git_ignore_files(root: Path) -> GitIgnores:
    """Find the ignore files that hold for the tree at `root` and lie outside it, or in its `.git`.

    From strong to weak: `.gitignore` of each folder above the root, nearest first, up to the top of the work tree;
    `info/exclude`; the user's `core.excludesFile`. A root outside any work tree has none. No error is raised.
    """
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if top is None:
        return GitIgnores()
    settings = _git_settings(root)
    case = settings.get("core.ignorecase", "").lower() in {"true", "yes", "on", "1"}
    found = []
    folder = root
    while folder != top:
        folder = folder.parent
        label = "../" * len(root.relative_to(folder).parts) + GIT_IGNORE
        found.append(read_ignore_file(folder / GIT_IGNORE, label, above=_way(folder, root), ignore_case=case))
    for file, label in (
        (_git_folder(top) / "info" / "exclude", ".git/info/exclude"),
        (_user_file(settings, top), "the user's git ignore file"),
    ):
        found.append(read_ignore_file(file, label, above=_way(top, root), ignore_case=case))
    return GitIgnores(tuple(file for file in found if file is not None), case)


def _way(folder: Path, root: Path) -> str:
    return "".join(f"{part}/" for part in root.relative_to(folder).parts)


def _git_settings(root: Path) -> dict[str, str]:
    """Ask git for the two settings that change what is ignored; empty when git is missing or does not answer."""
    names = r"^core\.(excludesfile|ignorecase)$"
    command = ["git", "-C", str(root), "config", "--null", "--get-regexp", names]
    try:
        answer = subprocess.run(command, capture_output=True, timeout=_GIT_ANSWERS_WITHIN, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    entries = answer.stdout.decode("utf-8", "surrogateescape").split("\0")
    return {name: value for name, _, value in (entry.partition("\n") for entry in entries if entry)}


def _user_file(settings: dict[str, str], top: Path) -> Path:
    configured = settings.get("core.excludesfile", "")
    if configured:
        return top / expanduser(configured)
    return Path(environ.get("XDG_CONFIG_HOME") or expanduser("~/.config"), "git", "ignore")


def _git_folder(top: Path) -> Path:
    """Where `info/exclude` lies: `.git`, or for a linked work tree the folder that its `.git` file leads to."""
    git = top / ".git"
    if git.is_dir():
        return git
    try:
        linked = top / git.read_text(encoding="utf-8", errors="surrogateescape").removeprefix("gitdir:").strip()
        common = linked / "commondir"
        return linked / common.read_text(encoding="utf-8").strip() if common.is_file() else linked
    except OSError:
        return git
