"""Front doors of packages that load a name when it is first asked for, so that importing them is light.

For this package and those in it. `indexer` and `store`, which may not know it, have the same of their own.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package: it loads a name from its home on first use, and keeps it.

    `homes` has for each name the module that it is in, whole ("store.records") or within the package (".records"). What
    is returned raises AttributeError for any other name.
    """

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(homes[name], package), name)
        setattr(sys.modules[package], name, value)
        return value

    return load
