"""From an error to one sentence with the way out: the one table of what we say when something goes wrong.

An error is looked up by its type's name, and the sentence is filled with the data that it carries. The boundary that
catches errors is in `main`.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codesearch import CodesearchError


class ExitCode(IntEnum):
    """What the process says when it ends, in the manner of grep."""

    FOUND = 0
    NOTHING_FOUND = 1
    ERROR = 2
    STOPPED = 130  # 128 + SIGINT


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened and what to do about it; names in braces are attributes of the error."""

    sentence: str
    way_out: str
    exit_code: ExitCode = ExitCode.ERROR


SEE_SKIPPED = "see what is skipped and why: codesearch status --skipped"

EXPLANATIONS: dict[str, Explanation] = {
    "CodesearchError": Explanation("something went wrong", "run again with CODESEARCH_DEBUG=1 to see where"),
    "PathMissing": Explanation("there is no file or folder {path}", "check the spelling"),
    "PathUnreadable": Explanation("{path} cannot be looked at: {detail}", "check the permissions of its folders"),
    "NotIndexed": Explanation("{path} is not indexed", "to index it: codesearch index {path}"),
    "EmptyQuery": Explanation(
        "the query has no letter and no digit", 'ask in plain words: codesearch search "retry a failed upload"'
    ),
    "OnlyFilters": Explanation(
        "the query {query} says where to look and not what for",
        'add what the code does: codesearch search "open a file lang:python"',
    ),
    "LanguageUnknown": Explanation("there is no language {name}", "try: {nearest}"),
    "KindUnknown": Explanation("there is no kind of definition {name}", "try: {nearest}"),
    "LineNotGiven": Explanation(
        "{path} names no line of a file", "say which line is meant, as search and grep print it: src/upload.py:12"
    ),
    "LineMissing": Explanation("{path} ends at line {lines} and has no line {line}", "name one of them"),
    "NoDefinitionHere": Explanation(
        "line {line} of {path} is in no definition", "name a line of a function, or of the comment right above it"
    ),
    "FileNotSearched": Explanation("{path} is not searched: {reason}", SEE_SKIPPED),
    "SymbolUnknown": Explanation(
        "no definition is called {name}", "search for it: codesearch search {name}; or name a line: FILE:LINE"
    ),
    "SymbolAmbiguous": Explanation("{count} definitions are called {name}: {places}", "name one of these places"),
    "EvaluationFolderInvalid": Explanation(
        "{folder} is not an evaluation set: {detail}",
        "it needs queries.jsonl, corpus.jsonl and qrels.jsonl, for matching pairs.jsonl (each may end in .gz);"
        " for other layouts: codesearch eval search --help, codesearch eval repositories --help",
    ),
    "CheckoutsMissing": Explanation(
        "{folder} has none of the repositories {names}", "check out each of them there, in a folder of its name"
    ),
    "RunUnreadable": Explanation(
        "the run {path} cannot be used: {detail}",
        "keep one with --keep FOLDER, or write one with --json: codesearch eval search FOLDER --json > run.json",
    ),
    "DrawingUnavailable": Explanation(
        "there is no picture without matplotlib", "to get it: pip install 'codesearch-codet5p[train]'"
    ),
    "LibraryUnreadable": Explanation(
        "the library {path} cannot be read: {detail}",
        "delete that file and index again",
    ),
    "LibraryVersionMismatch": Explanation(
        "the library {path} has data format {found}, and this version of codesearch has {expected}",
        "delete that file and index again, or choose another folder with --library",
    ),
    "LibraryNotWritable": Explanation(
        "the library {path} cannot be written: {detail}",
        "free some space, mend its permissions, or choose another folder with --library",
    ),
    "RepositoryBusy": Explanation(
        "another codesearch is still indexing {root} after {waited_seconds:.0f} s of waiting",
        "try again when it is done, or search what there is: codesearch search --no-refresh",
    ),
    "RepositoryRemoved": Explanation(
        "the index of {root} was removed while it was in use", "run: codesearch index {root}"
    ),
    "FolderUnreadable": Explanation("the folder {path} cannot be read: {detail}", "check its permissions"),
    "BothFaissBuildsInstalled": Explanation(
        "faiss-cpu and faiss-gpu are both installed and have overwritten each other",
        "remove both, then install one of them: pip uninstall faiss-cpu faiss-gpu",
    ),
    "FaissBroken": Explanation(
        "faiss is installed but cannot be loaded: {detail}", "install it again: pip install --force-reinstall faiss-cpu"
    ),
    "ModelNotFound": Explanation(
        "there is no model {name} on this machine; looked in: {searched}",
        "see which there are: codesearch models; fetch a published one: hf download Salesforce/codet5p-110m-embedding;"
        " or search by words: --lexical",
    ),
    "CheckpointUnsupported": Explanation(
        "{path} cannot be used: its {field} is {found}, and only these can be: {supported}",
        "choose another model: codesearch models",
    ),
    "CheckpointInvalid": Explanation(
        "{path} cannot be right: its {field} is {found}",
        "fetch the checkpoint again, or choose another: codesearch models",
    ),
    "CheckpointFileMissing": Explanation(
        "{folder} is no complete checkpoint: it lacks {names}",
        "fetch the checkpoint again, or choose another: codesearch models",
    ),
    "CheckpointUnreadable": Explanation(
        "{path} cannot be read: {detail}", "fetch the checkpoint again, or choose another: codesearch models"
    ),
    "TensorsMismatch": Explanation(
        "the weights in {path} are not those that its configuration describes",
        "fetch the checkpoint again, or choose another: codesearch models",
    ),
    "DeviceUnavailable": Explanation(
        "the device {device} cannot be used: it is not there, or torch cannot use it", "leave the choice to codesearch"
    ),
    "SettingsInvalid": Explanation(
        "the settings {file} cannot be used: {reason}",
        "mend the file, or name a route that comes with codesearch: codesearch train run --help",
    ),
    "CorpusEmpty": Explanation(
        "there is nothing to learn from in {folder}: no function with documentation",
        "build a corpus there: codesearch train corpus --output {folder}",
    ),
    "CorpusUnreadable": Explanation(
        "the corpus {folder} cannot be read: {detail}", "build it again: codesearch train corpus --output {folder}"
    ),
    "RunDiffers": Explanation(
        "{folder} holds another run: not the same {what}",
        "choose another folder with --output, or go on with the settings, corpus and model of that run",
    ),
    "RunMissing": Explanation(
        "there is no training run in {folder}", "name the folder given with --output to: codesearch train run"
    ),
    "TrainingDiverged": Explanation(
        "at step {step} the loss is no number any more",
        "lower the learning rate in the settings and choose another folder with --output",
    ),
    "CheckpointsDiffer": Explanation(
        "{first} and {second} cannot be mixed: {detail}", "take a model and the one that it was trained from"
    ),
    "SourceListInvalid": Explanation("the list of sources {path} cannot be used: {detail}", "mend that entry"),
    "SourceUnavailable": Explanation(
        "{key} cannot be had: {detail}", "put its archive into the folder of downloads, or leave it out of the list"
    ),
    "NoSourceAvailable": Explanation(
        "not one of the sources can be had: {detail}", "put their archives into the folder given with --downloads"
    ),
    "QuestionsUnreadable": Explanation("the file of questions {path} cannot be used: {detail}", "mend that line"),
    "JudgedSetUnreadable": Explanation(
        "the judged set {path} cannot be read: {detail}", "mend it, or take it out of the folder of --exclude-overlap"
    ),
    "HeldOutMissing": Explanation(
        "there is no corpus with held-out functions in {folder}: {detail}",
        "build one from several sources: codesearch train corpus --output {folder}",
    ),
    "ProblemsUnreadable": Explanation(
        "the problems in {path} cannot be read: {detail}",
        "a line needs the fields of HumanEval (task_id, prompt, entry_point, test)"
        " or of MBPP (task_id, text, test_list)",
    ),
    "SandboxUnavailable": Explanation(
        "programs cannot be run safely on {system}: it has no limits for processes", "run this on Linux or macOS"
    ),
    "GeneratorAddressInvalid": Explanation(
        "the server {address} cannot be asked: {detail}", "give an address such as http://localhost:8080/v1"
    ),
    "GeneratorUnreachable": Explanation(
        "the server {host} cannot be reached: {detail}", "start it, or check the address given with --generator"
    ),
    "GeneratorSilent": Explanation(
        "the server {host} has said nothing for {waited_seconds:.0f} s", "ask for less with --retrieve and --max-tokens"
    ),
    "GeneratorUnauthorised": Explanation(
        "the server {host} wants another key (status {status})",
        "put it into the environment variable CODESEARCH_GENERATOR_KEY",
    ),
    "GeneratorRefused": Explanation(
        "the server {host} does not do it (status {status}): {detail}",
        "name one of its models with --generator-model, or mend what it complains of",
    ),
    "GeneratorAnswerInvalid": Explanation(
        "what the server {host} sends is no answer: {detail}",
        "check that --generator is the address of an OpenAI-compatible API, such as http://localhost:8080/v1",
    ),
    "CapabilityMissing": Explanation(
        "the model {name} has no {capability}",
        "choose one that has, with --model (codesearch models); fetch one that has everything: hf download"
        " Salesforce/codet5p-220m-bimodal; or leave out what needs it, such as --rerank",
    ),
}


# What writing to an open file may meet: a full disk, a limit of the file or the user, a broken device.
_OUTPUT_FAILED = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}


def explanation_of(error: CodesearchError) -> Explanation:
    """Return the explanation of the error's type, or of its nearest base that has one."""
    return next(EXPLANATIONS[base.__name__] for base in type(error).__mro__ if base.__name__ in EXPLANATIONS)


def sentence_of(error: CodesearchError) -> str:
    """Return what happened and the way out, as one sentence: "what; way out"."""
    explanation = explanation_of(error)
    data = {name: _readable(value) for name, value in vars(error).items()}
    return f"{explanation.sentence}; {explanation.way_out}".format_map(data)


def unexpected_sentence(error: BaseException) -> str:
    """Return what is said of an error that is none of ours: in our own words where it says what the system lacks."""
    if isinstance(error, OSError) and error.filename is None:
        if error.errno in _OUTPUT_FAILED:
            return f"the answer cannot be written: {error.strerror}; free some space, or write it elsewhere"
        if isinstance(error, FileNotFoundError):
            return "the current folder is gone; change to one that is there"
    detail = " ".join(str(error).split())
    what = f"{type(error).__name__}: {detail}" if detail else type(error).__name__
    return f"unexpected {what}; run again with CODESEARCH_DEBUG=1 (or codesearch --debug ...) for the traceback"


def _readable(value: object) -> object:
    """Return a value as people read it: several as a list with commas; numbers stay, for their format."""
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, Iterable) and not isinstance(value, (str, Path, dict)):
        return ", ".join(str(part) for part in value)
    return " ".join(str(value).split())
