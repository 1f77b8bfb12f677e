"""What a build says of its corpus: how many examples of which language, from what, and what each filter removed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codesearch.training.corpus.sources import Source


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source gave. `pairs` and `unimodal` count its examples in the corpus by language.

    `files` were read and `left_out` were not, by the reason. `dropped` counts the functions that each filter removed,
    `stripped` those whose documentation it removed, which made them unimodal.
    """

    source: Source
    files: int
    left_out: Mapping[str, int]
    pairs: Mapping[str, int]
    unimodal: Mapping[str, int]
    dropped: Mapping[str, int]
    stripped: Mapping[str, int]

    @property
    def examples(self) -> int:
        """How many examples the source has in the corpus."""
        return sum(self.pairs.values()) + sum(self.unimodal.values())


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """What a corpus holds. `unavailable` maps the key of a source that is not in it to the reason.

    Counts by language leave out the held-out sources; `held_out_pairs` counts those. `asked` is how many functions have
    questions that were written for them.
    """

    sources: tuple[SourceReport, ...]
    unavailable: Mapping[str, str]
    judged_repositories: int
    asked: int = 0

    @property
    def pairs(self) -> dict[str, int]:
        """Pairs by language, the most first."""
        return _sum(one.pairs for one in self.sources if not one.source.held_out)

    @property
    def unimodal(self) -> dict[str, int]:
        """Functions without documentation by language, the most first."""
        return _sum(one.unimodal for one in self.sources if not one.source.held_out)

    @property
    def held_out_pairs(self) -> dict[str, int]:
        """Pairs of held-out sources by language, the most first."""
        return _sum(one.pairs for one in self.sources if one.source.held_out)

    @property
    def held_out_unimodal(self) -> dict[str, int]:
        """Functions without documentation of held-out sources by language, the most first."""
        return _sum(one.unimodal for one in self.sources if one.source.held_out)

    @property
    def dropped(self) -> dict[str, int]:
        """Functions that each filter removed, the most first."""
        return _sum(one.dropped for one in self.sources)

    @property
    def stripped(self) -> dict[str, int]:
        """Functions that each filter made unimodal, the most first."""
        return _sum(one.stripped for one in self.sources)

    @property
    def left_out(self) -> dict[str, int]:
        """Files of the sources that were not read, by the reason, the most first."""
        return _sum(one.left_out for one in self.sources)

    def manifest(self) -> dict[str, object]:
        """Return all of this as plain values, for JSON; neither times nor places of this machine are in it."""
        pairs, unimodal = self.pairs, self.unimodal
        held_out, held_out_unimodal = self.held_out_pairs, self.held_out_unimodal
        return {
            "format": 1,
            "train": {
                "examples": sum(pairs.values()) + sum(unimodal.values()),
                "pairs": sum(pairs.values()),
                "languages": _by_language(pairs, unimodal),
            },
            "held_out": {
                "examples": sum(held_out.values()) + sum(held_out_unimodal.values()),
                "pairs": sum(held_out.values()),
                "languages": _by_language(held_out, held_out_unimodal),
            },
            "with_questions": self.asked,
            "files_left_out": self.left_out,
            "removed": self.dropped,
            "made_unimodal": self.stripped,
            "judged_repositories": self.judged_repositories,
            "sources_left_out": dict(self.unavailable),
            "sources": [_source(one) for one in self.sources],
        }


def _source(report: SourceReport) -> dict[str, object]:
    source = report.source
    return {
        "source": source.key,
        "ecosystem": source.ecosystem,
        "package": source.package,
        "version": source.version,
        "licence": source.licence,
        "repository": source.repository,
        "held_out": source.held_out,
        "files": report.files,
        "pairs": sum(report.pairs.values()),
        "unimodal": sum(report.unimodal.values()),
        "languages": _by_language(report.pairs, report.unimodal),
        "removed": dict(report.dropped),
    }


def _by_language(pairs: Mapping[str, int], unimodal: Mapping[str, int]) -> dict[str, dict[str, int]]:
    names = sorted({*pairs, *unimodal}, key=lambda name: (-pairs.get(name, 0), name))
    return {name: {"pairs": pairs.get(name, 0), "unimodal": unimodal.get(name, 0)} for name in names}


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(((name, count) for name, count in total.items() if count), key=lambda item: (-item[1], item[0])))
