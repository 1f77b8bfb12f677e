"""Where the code comes from: the listed set of packages and repositories, and a person's own folder.

The list is data, `sources.toml` beside this module; each entry was looked at by a person for its licence and its
upstream repository. How a source gets here is `downloads`' part, which examples of it are used `build`'s.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from codesearch.training.corpus.errors import SourceListInvalid

if TYPE_CHECKING:
    from pathlib import Path

ECOSYSTEMS = ("pypi", "npm", "debian", "git", "folder")

PERMISSIVE = frozenset(
    {
        # the paper's seven (CodeT5+, section 4.1)
        *("MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "Unlicense", "ISC"),
        # as permissive as those, and usual in one of the ecosystems
        *("PSF-2.0", "MIT-0", "MIT-CMU", "Zlib", "BSL-1.0", "0BSD", "Python-2.0", "curl", "PostgreSQL", "blessing"),
        *("Ruby", "libtiff", "X11", "NCSA"),
    }
)
_OWN_CODE = "own"  # the licence of a person's own folder: it stays on this machine
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class Source:
    """One package or repository.

    `package` is its name in the ecosystem: a project of PyPI or npm, a binary package of Debian or `src:` and a
    source package, `owner/name` of a git repository, the path of a folder. `version` is exact: a release, or for git
    a tag or commit. `repository` is the upstream `owner/name` and `former_names` what it was called before;
    `distinct_from` are repositories of the same bare name that a person found to be other projects. All examples of a
    `held_out` source are kept apart. `parts` limits a source to some folders of it.
    """

    ecosystem: str
    package: str
    version: str
    licence: str
    repository: str = ""
    held_out: bool = False
    former_names: tuple[str, ...] = ()
    distinct_from: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the source in examples and reports."""
        return f"{self.ecosystem}:{self.package}"


def read_sources(path: Path | None) -> tuple[Source, ...]:
    """Read a list of sources; None reads the listed set of this package.

    Raises SourceListInvalid when the file cannot be read, an entry lacks something, names an unknown ecosystem or a
    licence that is not permissive, or stands there twice.
    """
    try:
        if path is None:
            text = (resources.files("codesearch.training.corpus") / "sources.toml").read_text("utf-8")
        else:
            text = path.read_text("utf-8")
        entries = tomllib.loads(text)["source"]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise SourceListInvalid(path, f"{type(error).__name__}: {error}") from error
    sources = tuple(_to_source(path, entry) for entry in entries)
    keys = [source.key for source in sources]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise SourceListInvalid(path, f"{twice} is listed twice")
    return sources


def own_repository(path: Path, *, held_out: bool = False) -> Source:
    """Return a folder of this machine as a source: a person's own code, to fine-tune on.

    The folder is read where it is. Its examples never leave the corpus that is built from it.
    """
    return Source("folder", str(path.absolute()), "", _OWN_CODE, held_out=held_out)


def _to_source(path: Path | None, entry: dict[str, Any]) -> Source:
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    try:
        source = Source(**fields)
    except TypeError as error:
        raise SourceListInvalid(path, f"{entry.get('package', entry)}: {error}") from error
    if source.ecosystem not in ECOSYSTEMS:
        raise SourceListInvalid(path, f"{source.key}: the ecosystem is none of {', '.join(ECOSYSTEMS)}")
    if source.ecosystem != "folder" and source.licence not in PERMISSIVE:
        raise SourceListInvalid(path, f"{source.key}: {source.licence} is not on the list of permissive licences")
    for name in (source.repository, *source.former_names, *source.distinct_from):
        if name and not _REPOSITORY.fullmatch(name):
            raise SourceListInvalid(path, f"{source.key}: {name} is not of the form owner/name")
    return source
