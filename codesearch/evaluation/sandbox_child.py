"""The inside of `sandbox`: a script that gives up what a program does not need, then runs the program in this process.

Started by the sandbox alone, without site packages, so it uses the standard library only. Its argument is a JSON object
with the limits, the program's file name and a pipe, on which it says which protections the kernel gave and, when the
program has run to its end, that it has.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
from typing import Any

_NEW_USER_NAMESPACE, _NEW_NETWORK = 0x10000000, 0x40000000  # of unshare(2)
_NO_NEW_PRIVILEGES = 38  # of prctl(2)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # system calls of Landlock, the same on every architecture
_BENEATH_A_PATH = 1
# Of landlock(7), all rights to change files, none to read or execute: of its first version, and those that the second
# (to move between folders) and the third (to truncate) have added.
_FILE_RIGHTS = {1: 1 << 1, 3: 1 << 14}
_FOLDER_RIGHTS = {1: 0b1_1111_1111_0000, 2: 1 << 13}
_VERSION_ONLY = 1

_FORBIDDEN = ("socket.", "subprocess.", "ctypes.", "os.fork", "os.exec", "os.posix_spawn", "os.spawn", "os.system",
              "os.startfile", "os.kill", "os.putenv", "pty.", "ftplib.", "smtplib.", "urllib.", "winreg.",
              "sys._getframe.", "shutil.chown")  # fmt: skip
_CHANGING = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink",
             "os.truncate", "os.utime", "os.setxattr", "os.removexattr", "os.mkfifo", "os.mknod", "shutil.rmtree",
             "shutil.move")  # fmt: skip
_WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NULL = os.devnull


class _Ruleset(ctypes.Structure):
    """What Landlock is to handle."""

    _fields_ = (("access", ctypes.c_uint64),)


class _BeneathPath(ctypes.Structure):
    """What Landlock is to allow below an open folder."""

    _pack_ = 1
    _fields_ = (("access", ctypes.c_uint64), ("folder", ctypes.c_int32))


def main() -> None:
    """Give up what is not needed, run the program, and say that it ran to its end."""
    settings: dict[str, Any] = json.loads(sys.argv[1])
    pipe = settings["pipe"]
    folder = os.path.realpath(os.curdir)
    with open(settings["program"], encoding="utf-8") as stream:
        program = stream.read()
    protections = [name for name, held in (("network", _leave_network()), ("files", _lock_files(folder))) if held]
    os.write(pipe, (" ".join(protections) + "\n").encode())
    os.set_inheritable(pipe, False)
    _limit(settings)
    sys.argv = [settings["program"]]
    finished = settings["finished"].encode()
    space = {"__name__": "__main__", "__builtins__": __builtins__}
    code = compile(program, settings["program"], "exec")
    sys.addaudithook(_guard(folder))
    try:
        exec(code, space)
    except SystemExit as error:
        print(f"SystemExit: {error}", file=sys.stderr)  # noqa: T201 (what the person is shown)
        os._exit(1)
    sys.stdout.flush()
    os.write(pipe, finished)
    os._exit(0)  # no exit handlers of the program, no waiting for its threads


def _limit(settings: dict[str, Any]) -> None:
    seconds = max(1, round(settings["seconds"] + 0.5))
    wanted = {
        "RLIMIT_CPU": seconds,
        "RLIMIT_AS": settings["memory"],
        "RLIMIT_FSIZE": settings["file_size"],
        "RLIMIT_NPROC": settings["processes"],
        "RLIMIT_NOFILE": settings["open_files"],
        "RLIMIT_CORE": 0,
    }
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, most = resource.getrlimit(kind)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):  # macOS has limits that cannot be set
            continue


def _leave_network() -> bool:
    """Go where there is no network; as the superuser at once, for others with a namespace of users."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    return any(library.unshare(kind) == 0 for kind in (_NEW_NETWORK, _NEW_USER_NAMESPACE | _NEW_NETWORK))


def _lock_files(folder: str) -> bool:
    """Have Landlock refuse this process all changes to files outside of `folder`; whether it does."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    call = library.syscall
    version = call(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_ONLY)
    of_files = sum(rights for since, rights in _FILE_RIGHTS.items() if since <= version)
    of_folders = sum(rights for since, rights in _FOLDER_RIGHTS.items() if since <= version)
    rules = _Ruleset(of_files | of_folders)
    ruleset = call(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    if version < 1 or ruleset < 0:
        return False
    for path, rights in ((folder, of_files | of_folders), (_NULL, of_files)):
        opened = os.open(path, os.O_PATH)
        allowed = _BeneathPath(rights, opened)
        call(_ADD_RULE, ruleset, _BENEATH_A_PATH, ctypes.byref(allowed), 0)
        os.close(opened)
    held: bool = library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 and call(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return held


def _guard(folder: str) -> Any:  # noqa: ANN401 (an audit hook has no type of its own)
    """Return the hook that refuses what a program does not need."""
    inside = folder + os.sep

    def is_outside(path: Any) -> bool:  # noqa: ANN401
        if path is None or isinstance(path, int):  # open already
            return False
        real = os.path.realpath(os.fsdecode(path))
        return real not in (folder, _NULL) and not real.startswith(inside)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if flags is not None and flags & _WRITING_FLAGS and is_outside(path):
                raise PermissionError(f"the sandbox does not let a program write {path!r}")
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(f"the sandbox does not let a program use {event}")
        elif event.startswith(_CHANGING) and any(is_outside(path) for path in arguments[:2] if _is_path(path)):
            raise PermissionError(f"the sandbox does not let a program use {event} outside of its folder")

    return hook


def _is_path(value: object) -> bool:
    return isinstance(value, (str, bytes, os.PathLike))


if __name__ == "__main__":
    main()
