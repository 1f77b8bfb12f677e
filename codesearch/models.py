"""The models of one engine: each part of a checkpoint is loaded when it is first needed, and kept.

An encoder that a question is going to need is loaded in a thread of its own, beside the database and the walk through
the files: half of that is not Python, so that a second core takes it. One that may be needed is only looked for: an
index in which nothing has changed needs no more of it than its fingerprint. What a model is, and which runtime it gets,
is the business of `codet5p`.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from store import CodesearchError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from codesearch.codet5p import FoundEncoder, LoadedEncoder, Matcher, Task, Writer
    from codesearch.summarising import Summariser
    from store import Repository

AUTOMATIC_MODEL = "auto"


class EncoderBeingLoaded:
    """A `LoadedEncoder` that need not be there yet: from `begin`, or the first text to be encoded, a thread loads it.

    Who asks it for vectors waits for it, and gets the errors of loading. `find` returns what is known of the encoder
    without that, `load` the encoder.
    """

    def __init__(self, find: Callable[[], FoundEncoder], load: Callable[[FoundEncoder], LoadedEncoder]) -> None:
        self._find, self._load = find, load
        self._found: FoundEncoder | None = None
        self._encoder: LoadedEncoder | None = None
        self._error: BaseException | None = None
        self._looked_for = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin to load it, unless that has begun."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="load the encoder")
            self._thread.start()

    def found(self) -> FoundEncoder:
        """Return what is known without loading; raise what `find` raised."""
        if self._thread is None:
            self._look()
        self._looked_for.wait()
        if self._found is None:
            raise self._error or RuntimeError("the encoder was not found")
        return self._found

    @property
    def fingerprint(self) -> str:
        """Identifies the checkpoint."""
        return self.found().fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.found().dimension

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a query, shape (dimension,)."""
        return self._loaded().encode_query(text)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (len(texts), dimension), float32, in the order of the texts."""
        return self._loaded().encode_passages(texts)

    def _look(self) -> None:
        if not self._looked_for.is_set():
            try:
                self._found = self._find()
            except BaseException as error:  # noqa: BLE001 (raised again where the encoder is asked for)
                self._error = error
            finally:
                self._looked_for.set()

    def _run(self) -> None:
        self._look()
        if self._found is not None:
            try:
                self._encoder = self._load(self._found)
            except BaseException as error:  # noqa: BLE001 (raised again where the encoder is asked for)
                self._error = error

    def _loaded(self) -> LoadedEncoder:
        self.begin()
        assert self._thread is not None
        self._thread.join()
        if self._encoder is None:
            raise self._error or RuntimeError("the encoder was not loaded")
        return self._encoder


class Models:
    """The models asked for by `choice`: a name, a folder with a checkpoint, or "auto".

    "auto" is the model that a repository was indexed with, and the bundled one where there is none. `runtimes` is the
    folder where what is derived from checkpoints is kept.
    """

    def __init__(self, choice: str, runtimes: Path) -> None:
        self.choice = choice
        self.runtimes = runtimes
        self._encoders: dict[str, EncoderBeingLoaded] = {}
        self._matchers: dict[str, Matcher] = {}
        self._writers: dict[str, Writer] = {}
        self._summarisers: dict[str, Summariser] = {}

    def name_for(self, repository: Repository | None) -> str:
        """Return the name of the model asked for, else of the one that the repository was indexed with."""
        if self.choice != AUTOMATIC_MODEL or repository is None:
            return self.choice
        return self._name_in(repository.model)

    def prepare(self, indexed_with: Callable[[], str]) -> None:
        """Begin to load the encoder for a repository, unless one has been begun: then this is no first question.

        `indexed_with` returns the model that the repository is indexed with, by fingerprint ("" for none).
        """
        if not self._encoders:
            self._promised(self._name_in(indexed_with())).begin()

    def encoder(self, repository: Repository | None = None) -> LoadedEncoder:
        """Return the encoder for a repository, which is loaded when it is first given a text, unless it was prepared.

        Raises the errors of `find_encoder`; encoding raises those of `load_encoder`.
        """
        encoder = self._promised(self.name_for(repository))
        encoder.found()
        return encoder

    def _name_in(self, indexed_with: str) -> str:
        from codesearch.codet5p import name_in_fingerprint

        return name_in_fingerprint(indexed_with) if indexed_with and self.choice == AUTOMATIC_MODEL else self.choice

    def _promised(self, name: str) -> EncoderBeingLoaded:
        if name not in self._encoders:
            self._encoders[name] = EncoderBeingLoaded(lambda: _find(name), lambda found: _load(found, self.runtimes))
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

    def writer(self, repository: Repository | None = None, task: Task | None = None) -> Writer:
        """Return the decoder for a repository, to be shown with what it writes for `task`; None: to be measured.

        Raises the errors of `find_writer` and `load_writer`, CapabilityMissing first.
        """
        from codesearch.codet5p import find_writer

        name = self.name_for(repository)
        find_writer(name, task)
        return self._writer(name)

    def summariser(self, repository: Repository | None = None) -> Summariser:
        """Return what summarises functions of a repository, by the decoder that did so before unless another is named.

        The decoder is loaded when it is first given code. Raises the errors of `find_writer`, CapabilityMissing first.
        """
        before = repository.summaries.writer if repository else ""
        name = self._name_in(before) if before else self.name_for(repository)
        if name not in self._summarisers:
            from codesearch.codet5p import Task, find_writer
            from codesearch.summarising import Summariser

            self._summarisers[name] = Summariser(find_writer(name, Task.SUMMARY), lambda: self._writer(name))
        return self._summarisers[name]

    def summariser_if_wanted(self, repository: Repository) -> Summariser | None:
        """Return it where the repository wants summaries and there is a decoder, else None."""
        if not repository.summaries.writer:
            return None
        with suppress(CodesearchError):  # what is there is searched all the same
            return self.summariser(repository)
        return None

    def _writer(self, name: str) -> Writer:
        if name not in self._writers:
            from codesearch.codet5p import load_writer

            self._writers[name] = load_writer(name)
        return self._writers[name]


def _find(name: str) -> FoundEncoder:
    from codesearch.codet5p import find_encoder

    return find_encoder(name)


def _load(found: FoundEncoder, runtimes: Path) -> LoadedEncoder:
    from codesearch.codet5p import load_encoder

    return load_encoder(found, cache_folder=runtimes)
