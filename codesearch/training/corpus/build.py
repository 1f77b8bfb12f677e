"""The recipe of a corpus: fetch, unpack, harvest each source; then decide, order, write. Same input, same bytes.

Sources are harvested in processes of their own, one for each core. Everything that depends on other sources (copies,
judged sets, the size of a source's share, the order) is decided afterwards in one process, in the order of the list,
held-out sources first: what is both held out and elsewhere is held out.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from codesearch.training.corpus.downloads import unpacked
from codesearch.training.corpus.errors import NoSourceAvailable, SourceUnavailable
from codesearch.training.corpus.harvest import Harvest, harvest_to_spool, read_spool
from codesearch.training.corpus.near_duplicates import Seen
from codesearch.training.corpus.overlap import Judged, read_judged
from codesearch.training.corpus.questions import with_questions
from codesearch.training.corpus.records import from_line, to_line, write_held_out, write_lines, write_manifest
from codesearch.training.corpus.report import CorpusReport, SourceReport
from codesearch.training.corpus.unpacking import top_folder
from indexer import FolderUnreadable
from store import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from codesearch.training.corpus.harvest import Spooled
    from codesearch.training.corpus.sources import Source
    from store import ProgressCallback

MOST_PAIRS = 9_000  # of one source, so that no project's habits become the corpus's
MOST_UNIMODAL = 6_000


@dataclass(frozen=True, slots=True)
class _Task:
    """One source to harvest, with all that a process needs to know."""

    number: int
    source: Source
    downloads: Path
    mirrors: Path | None
    scratch: Path

    @property
    def spool(self) -> Path:
        return self.scratch / f"{self.number:04}.jsonl"


@dataclass(slots=True)
class _Build:
    """A corpus while it is put together."""

    sources: Sequence[Source]
    judged: Judged
    scratch: Path
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: int = 0
    harvests: dict[int, Harvest] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)
    removed: dict[int, Counter[str]] = field(default_factory=dict)
    kept: list[tuple[bytes, int, int]] = field(default_factory=list)  # order, number of the source, offset in its spool
    held_out: list[tuple[bytes, int, int]] = field(default_factory=list)


def build_corpus(  # noqa: PLR0913 - keyword-only, what a build reads and where it writes
    sources: Sequence[Source],
    *,
    downloads: Path,
    output: Path,
    exclude_overlap: Path | None = None,
    mirrors: Path | None = None,
    questions: Mapping[str, tuple[str, ...]] | None = None,
    progress: ProgressCallback | None = None,
) -> CorpusReport:
    """Build a corpus from sources and write it to `output`; return what is in it and what was left out, and why.

    Archives are kept in `downloads` and not fetched again. No example overlaps with a judged set below
    `exclude_overlap`. `mirrors` is a folder of bare git repositories called `owner+name`. Functions
    of which `questions` knows the digest get theirs. `progress` is told of the phases "overlap", "harvest", "select"
    and "write", the second counting sources. A source that cannot be had is named in the report and does not stop the
    build.

    Raises NoSourceAvailable when no source could be had, JudgedSetUnreadable, and OSError when the corpus cannot be
    written.
    """
    tell = progress or _silent
    output.mkdir(parents=True, exist_ok=True)
    tell(Progress("overlap", 0, 0))
    judged = Judged() if exclude_overlap is None else read_judged(exclude_overlap)
    with tempfile.TemporaryDirectory(prefix="corpus-", dir=output) as scratch:
        build = _Build(sources, judged, Path(scratch), questions or {})
        _harvest_all(build, downloads, mirrors, tell)
        if not build.harvests:
            raise NoSourceAvailable(next(iter(build.unavailable.values()), "the list of sources is empty"))
        _select(build, tell)
        return _write(build, output, tell)


def _harvest_all(build: _Build, downloads: Path, mirrors: Path | None, tell: ProgressCallback) -> None:
    tasks: list[_Task] = []
    for number, source in enumerate(build.sources):
        reason = build.judged.why_not_source(source)
        if reason:
            build.unavailable[source.key] = reason
        else:
            tasks.append(_Task(number, source, downloads, mirrors, build.scratch))
    for done, (task, result) in enumerate(_run(tasks), start=1):
        if isinstance(result, Harvest):
            build.harvests[task.number] = result
        else:
            build.unavailable[task.source.key] = result
        tell(Progress("harvest", done, len(tasks)))


def _run(tasks: Sequence[_Task]) -> Iterator[tuple[_Task, Harvest | str]]:
    """Harvest sources, in processes if there are several, and return them as they are done."""
    if len(tasks) <= 1:
        yield from ((task, _harvest_one(task)) for task in tasks)
        return
    interrupted: list[_Task] = []
    with _processes(min(len(tasks), os.cpu_count() or 1)) as pool:
        longest_first = sorted(
            tasks, key=lambda task: task.source.ecosystem != "git"
        )  # so that none is left to the end
        running = {pool.submit(_harvest_one, task): task for task in longest_first}
        for future in as_completed(running):
            try:
                yield running[future], future.result()
            except BrokenProcessPool:  # one of them took all of them along
                interrupted.append(running[future])
    for task in interrupted:
        yield task, _harvest_alone(task)


def _harvest_alone(task: _Task) -> Harvest | str:
    """Harvest one source in a process of its own, which it may take along."""
    with _processes(1) as pool:
        try:
            return pool.submit(_harvest_one, task).result()
        except BrokenProcessPool:
            return "the process that read it was ended: out of memory, or a crash in a parser"


def _processes(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


def _harvest_one(task: _Task) -> Harvest | str:
    """Harvest one source into its spool; return why it could not be had instead."""
    with tempfile.TemporaryDirectory(prefix="source-", dir=task.scratch) as folder:
        try:
            root = unpacked(task.source, task.downloads, Path(folder), task.mirrors)
            if task.source.ecosystem not in {"pypi", "folder"}:  # a wheel's only folder is the package's name
                root = top_folder(root)
            return harvest_to_spool(root, task.source.key, task.source.parts, task.spool)
        except (SourceUnavailable, FolderUnreadable) as error:
            return error.detail


def _select(build: _Build, tell: ProgressCallback) -> None:
    """Decide which examples stay, source by source."""
    seen = Seen()
    numbers = sorted(build.harvests, key=lambda number: (not build.sources[number].held_out, number))
    for done, number in enumerate(numbers, start=1):
        removed = build.removed.setdefault(number, Counter())
        kept: list[Spooled] = []
        for one in read_spool(build.scratch / f"{number:04}.jsonl"):
            reason = build.judged.why_not(one.fingerprint) or seen.why_seen(one.fingerprint)
            if reason:
                removed[reason] += 1
            else:
                seen.keep(one.fingerprint)
                kept.append(one)
        shared = _fair_share(kept)
        removed["more than a source's share"] += len(kept) - len(shared)
        into = build.held_out if build.sources[number].held_out else build.kept
        into.extend((one.order, number, one.offset) for one in shared)
        tell(Progress("select", done, len(numbers)))


def _fair_share(kept: Sequence[Spooled]) -> list[Spooled]:
    """Return at most a source's share of pairs and unimodal functions, those that come first in the corpus's order."""
    ordered = sorted(kept, key=lambda one: one.order)
    pairs = [one for one in ordered if one.is_pair][:MOST_PAIRS]
    return pairs + [one for one in ordered if not one.is_pair][:MOST_UNIMODAL]


def _write(build: _Build, output: Path, tell: ProgressCallback) -> CorpusReport:
    total = len(build.kept) + len(build.held_out)
    tell(Progress("write", 0, total))
    counts: dict[int, Counter[tuple[str, bool]]] = {number: Counter() for number in build.harvests}
    write_held_out(_lines(build, sorted(build.held_out), counts), output)
    write_lines(_lines(build, sorted(build.kept), counts), output)
    tell(Progress("write", total, total))
    reports = tuple(_source_report(build, number, counts[number]) for number in sorted(build.harvests))
    report = CorpusReport(reports, dict(sorted(build.unavailable.items())), len(build.judged.repositories), build.asked)
    write_manifest(report.manifest(), output)
    return report


def _lines(
    build: _Build, places: Iterable[tuple[bytes, int, int]], counts: dict[int, Counter[tuple[str, bool]]]
) -> Iterator[bytes]:
    """Return the lines of examples in the corpus's order, and count them by language and whether they are pairs."""
    spools = {}
    try:
        for _, number, offset in places:
            if number not in spools:
                spools[number] = (build.scratch / f"{number:04}.jsonl").open("rb")
            spools[number].seek(offset)
            line = spools[number].readline().rstrip(b"\n")
            example = from_line(line)
            counts[number][example.language, bool(example.documentation)] += 1
            asked = with_questions(example, build.questions)
            build.asked += bool(asked.questions)
            yield to_line(asked) if asked.questions else line
    finally:
        for spool in spools.values():
            spool.close()


def _source_report(build: _Build, number: int, counts: Counter[tuple[str, bool]]) -> SourceReport:
    harvest = build.harvests[number]
    dropped = harvest.dropped + build.removed[number]
    return SourceReport(
        source=build.sources[number],
        files=harvest.files,
        left_out=dict(sorted(harvest.left_out.items())),
        pairs={language: count for (language, is_pair), count in sorted(counts.items()) if is_pair},
        unimodal={language: count for (language, is_pair), count in sorted(counts.items()) if not is_pair},
        dropped=dict(sorted(dropped.items())),
        stripped=dict(sorted(harvest.stripped.items())),
    )


def _silent(progress: Progress) -> None:
    """Tell nobody."""
    del progress
