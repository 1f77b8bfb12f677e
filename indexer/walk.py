"""Which files does a repository have, and which of them are left out and why? Looks at names and sizes, not at content.

Who decides about an entry, from the strongest: a `.codesearchignore` (the deepest first, the last matching line of
each), both ways: a pattern leaves out, a `!pattern` takes in what everything below this line would leave out; the
conventions of `default_rules` for folders; git's ignore rules, in git's order; names that tools give to generated
files; languages that are not source code. A `.gitignore` also counts where there is no git. Git's own answer differs
in one case: a file that was committed although a rule ignores it is left out here.

Never taken in: version control's folders, symbolic links (a target inside the tree is found by itself, one outside is
not the repository's; so there are no loops), pipes and devices, files above `SIZE_LIMIT`, names that are not UTF-8,
other work trees of git (they hold the same functions once more).

What the bytes can tell (binary, minified, generated) is `content_checks`' part, and reading them is the pipeline's.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.default_rules import VERSION_CONTROL, folder_left_out, folder_marked, generated_by_name
from indexer.errors import FolderUnreadable
from indexer.found_files import SIZE_LIMIT, FoundFile
from indexer.ignore_rules import GIT_IGNORE, OWN_IGNORE, IgnoreFile, Rule, git_ignore_files, read_ignore_file
from indexer.languages import is_source, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_OWN_IGNORE_REASON = "settings of codesearch"


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is to be entered.

    `path` is "" for the root and else ends in a slash. `own` and `git` are the ignore files that hold in it, from the
    strongest to the weakest. With `left_out`, only what a `.codesearchignore` asks for is taken.
    """

    path: str
    own: tuple[IgnoreFile, ...]
    git: tuple[IgnoreFile, ...]
    left_out: bool = False


def last_change_ns(status: os.stat_result) -> int:
    """Return when a file was last changed or put in its place, in nanoseconds since 1970.

    The modification time alone can be set: by `tar` and `rsync`, by tools that write the same time into every file,
    and moving one of those over another changes neither time nor, with bad luck, size. The system's own time of change
    cannot be set, so the later of the two counts.
    """
    return max(status.st_mtime_ns, status.st_ctime_ns)


def walk(root: Path) -> list[FoundFile]:
    """Return every file below `root` and every folder that is left out, sorted by path.

    Raises FolderUnreadable when the root itself is missing, is not a folder or may not be read; an unreadable folder
    below it is an entry with the reason.
    """
    return _Walk(root).run()


class _Walk:
    def __init__(self, root: Path) -> None:
        self._root = str(root)
        ignores = git_ignore_files(root.resolve())
        self._ignore_case = ignores.ignore_case
        self._to_enter = [_Folder("", own=(), git=ignores.files)]
        self._found: list[FoundFile] = []

    def run(self) -> list[FoundFile]:
        while self._to_enter:
            self._enter(self._to_enter.pop())
        return sorted(self._found, key=lambda file: file.path)

    def _enter(self, folder: _Folder) -> None:
        try:
            with os.scandir(f"{self._root}/{folder.path}") as listing:
                entries = list(listing)
        except OSError as error:
            if not folder.path:
                raise FolderUnreadable(Path(self._root), error.strerror or str(error)) from error
            self._skip(folder.path, _unreadable(error))
            return
        names = {entry.name for entry in entries}
        if folder.path and not folder.left_out and (reason := self._marked(folder.path, names)):
            self._skip(folder.path, reason)
            folder = _Folder(folder.path, folder.own, folder.git, left_out=True)
            if not _takes_in_below(folder.own, folder.path[:-1]):
                return
        self._judge(self._with_ignore_files(folder, names), entries, names)

    def _with_ignore_files(self, folder: _Folder, names: set[str]) -> _Folder:
        own, git = folder.own, folder.git
        if OWN_IGNORE in names:
            own = (*self._read(folder.path, OWN_IGNORE), *own)
        if GIT_IGNORE in names:
            git = (*self._read(folder.path, GIT_IGNORE), *git)
        return _Folder(folder.path, own, git, folder.left_out)

    def _read(self, folder: str, name: str) -> Iterable[IgnoreFile]:
        label = folder + name
        file = read_ignore_file(Path(self._root, label), label, folder=folder, ignore_case=self._ignore_case)
        return () if file is None else (file,)

    def _judge(self, folder: _Folder, entries: Sequence[os.DirEntry[str]], names: set[str]) -> None:
        for entry in entries:
            name = entry.name
            path = folder.path + name
            if name in VERSION_CONTROL:
                continue  # not worth a line in a report: nobody expects to find it
            try:
                if not _is_utf8(name):
                    self._skip(_readable(path), "file name is not valid UTF-8")
                elif entry.is_symlink():
                    self._leave(folder, path, "symbolic link")
                elif entry.is_dir(follow_symlinks=False):
                    self._judge_folder(folder, name, path, names)
                elif entry.is_file(follow_symlinks=False):
                    self._judge_file(folder, name, path, entry.stat(follow_symlinks=False))
                else:
                    self._leave(folder, path, "not a regular file")
            except FileNotFoundError:
                continue  # gone since the folder was listed
            except OSError as error:
                self._leave(folder, path, _unreadable(error))

    def _judge_folder(self, folder: _Folder, name: str, path: str, names: set[str]) -> None:
        ruled = _decide(folder.own, name, path, is_folder=True)
        if ruled is not None and not ruled[1].ignores:
            self._to_enter.append(_Folder(path + "/", folder.own, folder.git))
            return
        if ruled is not None:
            reason = _ignored_by(*ruled)
        elif folder.left_out:
            reason = "(its folder)"
        else:
            reason = folder_left_out(name, names) or _git_reason(folder, name, path, is_folder=True)
        if not reason:
            self._to_enter.append(_Folder(path + "/", folder.own, folder.git))
            return
        self._leave(folder, path + "/", reason)
        if _takes_in_below(folder.own, path):
            self._to_enter.append(_Folder(path + "/", folder.own, folder.git, left_out=True))

    def _judge_file(self, folder: _Folder, name: str, path: str, status: os.stat_result) -> None:
        ruled = _decide(folder.own, name, path, is_folder=False)
        insisted = ruled is not None and not ruled[1].ignores
        if folder.left_out and not insisted:
            return
        if name == OWN_IGNORE:
            reason = _OWN_IGNORE_REASON
        elif status.st_size > SIZE_LIMIT:
            reason = "larger than 1 MB"
        elif insisted:
            reason = ""
        elif ruled is not None:
            reason = _ignored_by(*ruled)
        else:
            reason = _git_reason(folder, name, path, is_folder=False) or generated_by_name(name) or _not_source(name)
        if not reason and not status.st_size:
            reason = "empty"
        self._found.append(FoundFile(path, status.st_size, last_change_ns(status), reason, insisted))

    def _leave(self, folder: _Folder, path: str, reason: str) -> None:
        """Name an entry that is left out, unless its whole folder is already named."""
        if not folder.left_out:
            self._skip(path, reason)

    def _skip(self, path: str, reason: str) -> None:
        self._found.append(FoundFile(path, skip_reason=reason))

    def _marked(self, folder: str, names: set[str]) -> str:
        if ".git" in names and _is_linked_work_tree(Path(self._root, folder, ".git")):
            return "another work tree of git"
        return folder_marked(names)


def _decide(files: Iterable[IgnoreFile], name: str, path: str, *, is_folder: bool) -> tuple[IgnoreFile, Rule] | None:
    for file in files:
        rule = file.decide(name, path, is_folder=is_folder)
        if rule is not None:
            return file, rule
    return None


def _git_reason(folder: _Folder, name: str, path: str, *, is_folder: bool) -> str:
    ruled = _decide(folder.git, name, path, is_folder=is_folder)
    return _ignored_by(*ruled) if ruled is not None and ruled[1].ignores else ""


def _ignored_by(file: IgnoreFile, rule: Rule) -> str:
    return f"ignored by {file.label}:{rule.line}"


def _takes_in_below(own: Iterable[IgnoreFile], folder: str) -> bool:
    return any(file.takes_in_below(folder) for file in own)


def _not_source(name: str) -> str:
    """Judge by the name; a name without a suffix may be a script, which its first line tells: the pipeline looks."""
    language = language_of(name, b"")
    if language:
        return "" if is_source(language) else f"not source code ({language})"
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    return f"not source code ({suffix})" if suffix else ""


def _is_linked_work_tree(git: Path) -> bool:
    """Tell a linked work tree, whose `.git` file leads into `worktrees/`, from a submodule (`modules/`)."""
    try:
        return git.is_file() and "/worktrees/" in git.read_text(encoding="utf-8", errors="replace").replace("\\", "/")
    except OSError:
        return False


def _unreadable(error: OSError) -> str:
    return f"unreadable: {error.strerror or type(error).__name__}"


def _is_utf8(name: str) -> bool:
    if name.isascii():
        return True
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _readable(path: str) -> str:
    r"""Spell a name that is not UTF-8 with its odd bytes as `\xNN`, so that it can be kept and shown."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
