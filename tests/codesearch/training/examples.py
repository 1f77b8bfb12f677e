"""Functions to learn from, written by hand for the tests of this folder."""

from __future__ import annotations

from dataclasses import replace

from codesearch.training.corpus.records import Example

LOAD = Example(
    source="pypi:shop",
    path="src/shop/files/config_store.py",
    language="python",
    kind="method",
    name="load_config",
    qualified_name="ConfigStore.load_config",
    signature="def load_config(self, path: str, strict=False) -> dict",
    documentation="Loads the configuration of the shop from a file. Missing files are skipped.",
    code=(
        "def load_config(self, path: str, strict=False) -> dict:\n"
        "    # give up early when nothing is there\n"
        "    if not exists(path):\n"
        "        return {}\n"
        "    content = self.path.read(path)  # load_config reads it whole\n"
        '    return parse(content, "path", strict)'
    ),
    comments=("give up early when nothing is there", "load_config reads it whole"),
)

_SUBJECTS = ("file", "user", "order", "image", "token", "queue", "cache", "table", "socket", "thread")
_ACTIONS = ("open", "close", "count", "rename", "delete", "print")


def example(**fields):
    return replace(LOAD, **fields)


def documented(documentation, **fields):
    return replace(LOAD, documentation=documentation, **fields)


def corpus(sources=10, actions=6):
    """One source for each subject, one function for each action on it; every pair of words stands in one example."""
    return [
        Example(
            source=f"pypi:{subject}s",
            path=f"{subject}s/work.py",
            language="python",
            kind="function",
            name=f"{action}_{subject}",
            qualified_name=f"{action}_{subject}",
            signature=f"def {action}_{subject}(one)",
            documentation=f"{action.title()} the {subject} that is given.",
            code=f"def {action}_{subject}(one):\n    {subject} = one.{subject}\n    return {action}({subject})",
            comments=(),
        )
        for subject in _SUBJECTS[:sources]
        for action in _ACTIONS[:actions]
    ]
