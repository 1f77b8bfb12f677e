"""The models of one engine: each part of a checkpoint is loaded when it is first needed, and kept.

What a model is, and which runtime it gets, is the business of `codet5p`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from codesearch.codet5p import LoadedEncoder, Matcher, Writer
    from store import Repository

AUTOMATIC_MODEL = "auto"


class Models:
    """The models asked for by `choice`: a name, a folder with a checkpoint, or "auto".

    "auto" is the model that a repository was indexed with, and the bundled one where there is none. `runtimes` is the
    folder where what is derived from checkpoints is kept.
    """

    def __init__(self, choice: str, runtimes: Path) -> None:
        self.choice = choice
        self.runtimes = runtimes
        self._encoders: dict[str, LoadedEncoder] = {}
        self._matchers: dict[str, Matcher] = {}
        self._writers: dict[str, Writer] = {}

    def name_for(self, repository: Repository | None) -> str:
        """Return the name of the model asked for, else of the one that the repository was indexed with."""
        from codesearch.codet5p import name_in_fingerprint

        if self.choice == AUTOMATIC_MODEL and repository is not None and repository.model:
            return name_in_fingerprint(repository.model)
        return self.choice

    def encoder(self, repository: Repository | None = None) -> LoadedEncoder:
        """Return the encoder for a repository. Raises the errors of `load_encoder`."""
        name = self.name_for(repository)
        if name not in self._encoders:
            from codesearch.codet5p import load_encoder

            self._encoders[name] = load_encoder(name, cache_folder=self.runtimes)
        return self._encoders[name]

    def matcher(self, repository: Repository | None = None) -> Matcher:
        """Return the matching head for a repository. Raises the errors of `load_matcher`, CapabilityMissing first."""
        name = self.name_for(repository)
        if name not in self._matchers:
            from codesearch.codet5p import load_matcher

            self._matchers[name] = load_matcher(name, cache_folder=self.runtimes)
        return self._matchers[name]

    def matcher_if_any(self, repository: Repository | None = None) -> Matcher | None:
        """Return the matching head for a repository, or None when its model has none."""
        from codesearch.codet5p.errors import CapabilityMissing

        try:
            return self.matcher(repository)
        except CapabilityMissing:
            return None

    def writer(self, repository: Repository | None = None) -> Writer:
        """Return the decoder for a repository. Raises the errors of `load_writer`, CapabilityMissing first."""
        name = self.name_for(repository)
        if name not in self._writers:
            from codesearch.codet5p import load_writer

            self._writers[name] = load_writer(name)
        return self._writers[name]
