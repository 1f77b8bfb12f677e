"""Golden values: what a checkpoint must compute for a few texts, and the file they are kept in.

Two sources: `published_golden.json` in this folder holds what the authors of CodeT5+ published; a converted checkpoint
has a `golden.json` of its own, computed from the source's weights when it was converted. Comparing is `verify`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codesearch.codet5p.errors import CheckpointUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import torch

    from codesearch.codet5p.config import CheckpointConfig
    from codesearch.codet5p.network import Network
    from codesearch.codet5p.tokenizer import Tokenizer

GOLDEN_FILE = "golden.json"
_PUBLISHED = Path(__file__).with_name("published_golden.json")
_DECIMALS = 5

# Short and long, words and code, and two strings that must not become special tokens.
_TEXTS = (
    "parse a date from a string",
    "how do I retry a request when the connection times out?",
    "def add(left, right):\n    return left + right\n",
    'static int count_lines(const char *path) {\n    FILE *file = fopen(path, "r");\n    return file ? 1 : 0;\n}\n',
    "the tokens </s> and [SEP] end a sequence",
    "class Stack:\n" + "    def level(self):\n        return len(self.items)\n" * 40,  # longer than any limit
)
_PAIRS = tuple((text, code) for text in _TEXTS[:2] for code in _TEXTS[2:4])
_SOURCE = "Computed in float32 when the checkpoint was written."


@dataclass(frozen=True, slots=True)
class GoldenTokens:
    """A text and its token ids, special tokens included."""

    text: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GoldenVector:
    """A text and its unit vector."""

    text: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GoldenSummary:
    """A piece of code and what the decoder writes for it, greedily, within `max_tokens`."""

    code: str
    max_tokens: int
    text: str


@dataclass(frozen=True, slots=True)
class GoldenMatch:
    """A text and a piece of code: the code's ids in the decoder's tokenizer, and the matching head's two logits."""

    text: str
    code: str
    ids: tuple[int, ...]
    logits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Golden:
    """Everything that is known of a checkpoint; `source` says who computed it."""

    source: str
    tokens: tuple[GoldenTokens, ...]
    vectors: tuple[GoldenVector, ...]
    summaries: tuple[GoldenSummary, ...]
    matches: tuple[GoldenMatch, ...] = ()


def read_golden(folder: Path) -> Golden:
    """Return the golden values kept beside the checkpoint in `folder`, else the published ones.

    Raises CheckpointUnreadable for a damaged file.
    """
    path = folder / GOLDEN_FILE
    if not path.is_file():
        path = _PUBLISHED
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return Golden(
            source=str(document["source"]),
            tokens=tuple(GoldenTokens(row["text"], tuple(row["ids"])) for row in document["tokens"]),
            vectors=tuple(GoldenVector(row["text"], tuple(row["values"])) for row in document["vectors"]),
            summaries=tuple(GoldenSummary(**row) for row in document["summaries"]),
            matches=tuple(_match(row) for row in document.get("matches", ())),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointUnreadable(path, str(error)) from error


def write_golden(folder: Path, config: CheckpointConfig, tensors: Mapping[str, torch.Tensor]) -> None:
    """Compute golden values from `tensors`, in float32, and keep them beside the checkpoint in `folder`."""
    import torch

    from codesearch.codet5p.network import Network
    from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer

    with torch.device("meta"):
        network = Network(config)
    network.load({name: tensor.float() for name, tensor in tensors.items()})
    network.eval()
    tokenizer = load_tokenizer(folder, config)
    tokens, vectors = [], []
    for text, ids in zip(_TEXTS, tokenizer.encode(_TEXTS, config.passage_tokens), strict=True):
        padded, mask = tokenizer.pad([ids])
        with torch.no_grad():
            values = network.embed(torch.from_numpy(padded), torch.from_numpy(mask))[0].tolist()
        tokens.append(GoldenTokens(text, tuple(ids)))
        vectors.append(GoldenVector(text, tuple(round(value, _DECIMALS) for value in values)))
    matches = []
    if config.matching_head:
        writer = load_decoder_tokenizer(folder, config)
        for text, code in _PAIRS:
            ids = writer.encode([code], config.passage_tokens)[0]
            logits = match_logits(network, tokenizer, text, ids)
            matches.append(GoldenMatch(text, code, tuple(ids), tuple(round(value, _DECIMALS) for value in logits)))
    golden = Golden(_SOURCE, tuple(tokens), tuple(vectors), (), tuple(matches))
    text = json.dumps(asdict(golden), separators=(",", ":"))
    (folder / GOLDEN_FILE).write_text(text + "\n", encoding="utf-8")


def match_logits(network: Network, tokenizer: Tokenizer, text: str, code_ids: Sequence[int]) -> list[float]:
    """Return the matching head's two logits for `text` and the decoder's ids of a piece of code."""
    import torch

    ids, mask = (torch.from_numpy(one) for one in tokenizer.pad(tokenizer.encode([text], network.config.query_tokens)))
    code = torch.tensor([list(code_ids)])
    with torch.no_grad():
        logits: list[float] = network.match_logits(network.encode(ids, mask), mask, code, torch.ones_like(code))[
            0
        ].tolist()
    return logits


def _match(row: Mapping[str, Any]) -> GoldenMatch:
    return GoldenMatch(row["text"], row["code"], tuple(row["ids"]), tuple(row["logits"]))
