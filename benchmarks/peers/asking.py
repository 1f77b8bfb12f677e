"""Runs a peer's module with the Python of the peers, asks it and reads its answer. What is asked is in the modules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.timing import CommandFailed, Execution, execute

if TYPE_CHECKING:
    from benchmarks.settings import Settings

NOT_INSTALLED = "the peers' virtual environment is not there: make bench-peers"
# No peer may look for a newer model, nor tell anybody that it was used.
_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "true"}


class PeerMissing(Exception):
    """A peer is not installed, or cannot do what is asked; the message says why."""


def ask(settings: Settings, module: str, **asked: object) -> tuple[dict[str, Any], Execution]:
    """Return what a peer's module answers, and what its process took; PeerMissing when it cannot be asked."""
    if settings.peers_python is None:
        raise PeerMissing(NOT_INSTALLED)
    script = Path(__file__).with_name(f"{module}.py")
    home = {name: str(settings.work / "peer_home") for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "HF_HOME")}
    try:
        done = execute([str(settings.peers_python), str(script)], {**_OFFLINE, **home}, json.dumps(asked))
    except (CommandFailed, OSError) as error:
        raise PeerMissing(f"{module}: {error}") from error
    answer: dict[str, Any] = json.loads(done.output.strip().splitlines()[-1])
    return answer, done
