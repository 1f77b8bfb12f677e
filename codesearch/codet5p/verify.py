"""Does this machine compute what a checkpoint's authors computed? Golden values against the network, with differences.

The values come from `golden`; what to do about a failed check is for the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codesearch.codet5p.config_files import read_config
from codesearch.codet5p.golden import GOLDEN_FILE, match_logits, read_golden
from codesearch.codet5p.registry import find_model
from codesearch.codet5p.tokenizer import load_decoder_tokenizer, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codesearch.codet5p.config import CheckpointConfig
    from codesearch.codet5p.golden import Golden, GoldenMatch, GoldenSummary, GoldenTokens, GoldenVector
    from codesearch.codet5p.network import Network
    from codesearch.codet5p.tokenizer import Tokenizer

# Published values have four decimals (5e-5 of rounding), half-precision weights add 1e-4 on the bundled model. An
# untied or otherwise wrongly loaded network is off by 0.4 and more.
TOLERANCE = 1e-3
# A logit is a sum over the decoder's width and no unit vector: half-precision weights move it by 5e-4 on an
# untrained decoder behind the bundled encoder.
LOGIT_TOLERANCE = 2e-2
_SHOWN = 40  # characters of a text in a check's name


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: what was compared, whether it holds, and by how much it differs."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What `verify` found for the model `name`."""

    name: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether there was something to check and every check holds."""
        return bool(self.checks) and all(check.passed for check in self.checks)


def verify(name: str) -> VerificationReport:
    """Load the model `name` on the CPU in float32 and compare it with its golden values.

    Raises ModelNotFound and the errors of reading a checkpoint, which name every missing and unexpected tensor.
    """
    return verify_folder(name, find_model(name))


def verify_folder(name: str, folder: Path) -> VerificationReport:
    """As `verify`, for the checkpoint in `folder`."""
    from codesearch.codet5p.network import load_network

    config = read_config(folder)
    tokenizer = load_tokenizer(folder, config)
    network = load_network(folder)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    loaded = Check("weights", True, f"{len(network.tensors())} tensors, {parameters:,} parameters, all as configured")
    return VerificationReport(name, (loaded, *_checks(folder, network, tokenizer)))


def _checks(folder: Path, network: Network, tokenizer: Tokenizer) -> Iterator[Check]:
    golden, config = read_golden(folder), network.config
    for tokens in golden.tokens:
        yield _check_tokens(tokens, tokenizer, config)
    if _vectors_apply(folder, golden, config):
        for vector in golden.vectors:
            yield _check_vector(vector, network, tokenizer)
    if config.matching_head:
        writer = load_decoder_tokenizer(folder, config)
        for match in golden.matches:
            yield _check_match(match, network, tokenizer, writer)
        for summary in golden.summaries:
            yield _check_summary(summary, network, tokenizer, writer)


def _vectors_apply(folder: Path, golden: Golden, config: CheckpointConfig) -> bool:
    """Whether the golden vectors are this checkpoint's: its own file, or the published ones and a projection."""
    if (folder / GOLDEN_FILE).is_file():
        return True
    return config.projection is not None and all(len(row.values) == config.dimension for row in golden.vectors)


def _check_tokens(golden: GoldenTokens, tokenizer: Tokenizer, config: CheckpointConfig) -> Check:
    name = f"tokens of {_shown(golden.text)}"
    found = tokenizer.encode([golden.text], config.passage_tokens)[0]
    if tuple(found) == golden.ids:
        return Check(name, True, f"{len(found)} ids, all equal")
    place = next(
        (at for at, (one, other) in enumerate(zip(found, golden.ids, strict=False)) if one != other),
        min(len(found), len(golden.ids)),
    )
    expected, actual = golden.ids[place : place + 1], tuple(found[place : place + 1])
    return Check(name, False, f"{len(found)} ids for {len(golden.ids)}; at {place}: {actual}, expected {expected}")


def _check_vector(golden: GoldenVector, network: Network, tokenizer: Tokenizer) -> Check:
    import torch

    ids, mask = tokenizer.pad(tokenizer.encode([golden.text], network.config.passage_tokens))
    with torch.no_grad():
        found = network.embed(torch.from_numpy(ids), torch.from_numpy(mask))[0]
    name = f"vector of {_shown(golden.text)}"
    if len(found) != len(golden.values):
        return Check(name, False, f"{len(found)} values for {len(golden.values)}")
    expected = torch.tensor(golden.values)
    difference = float((found - expected).abs().max())
    cosine = float(torch.nn.functional.cosine_similarity(found, expected, dim=0))
    detail = f"largest difference {difference:.1e} of at most {TOLERANCE:.0e}, cosine {cosine:.6f}"
    return Check(name, difference <= TOLERANCE, detail)


def _check_match(golden: GoldenMatch, network: Network, tokenizer: Tokenizer, writer: Tokenizer) -> Check:
    name = f"match of {_shown(golden.text)} and {_shown(golden.code)}"
    ids = writer.encode([golden.code], network.config.passage_tokens)[0]
    if tuple(ids) != golden.ids:
        return Check(name, False, f"the decoder's tokenizer gives {len(ids)} ids for {len(golden.ids)}, or others")
    found = match_logits(network, tokenizer, golden.text, ids)
    difference = max(abs(one - other) for one, other in zip(found, golden.logits, strict=True))
    detail = f"largest difference {difference:.1e} of at most {LOGIT_TOLERANCE:.0e}"
    return Check(name, difference <= LOGIT_TOLERANCE, detail)


def _check_summary(golden: GoldenSummary, network: Network, tokenizer: Tokenizer, writer: Tokenizer) -> Check:
    import torch

    ids, mask = tokenizer.pad(tokenizer.encode([golden.code], network.config.max_tokens))
    written = network.generate(torch.from_numpy(ids), torch.from_numpy(mask), golden.max_tokens)
    found = writer.decode(written[0]).strip()
    name = f"summary of {_shown(golden.code)}"
    if found == golden.text:
        return Check(name, True, repr(found))
    return Check(name, False, f"{found!r}, expected {golden.text!r}")


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _SHOWN else f"{line[: _SHOWN - 3]}...")
