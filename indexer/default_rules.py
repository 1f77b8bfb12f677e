"""Which folders and files are left out by convention? What tools install, build and generate, by name and by evidence.

Only names that no one gives to code of their own stand alone (`node_modules`). A name that is also an honest one
(`build`, `vendor`, `target`, `dist`) counts only with evidence: a manifest of the tool next to it, or the tool's own
mark inside. So a folder `build` full of build scripts is searched, and so is `vendor` in a project without a package
manager. `third_party` is never left out: in the projects that have one, people work in it. Hidden folders are left out
only when they belong to a tool. `!pattern` in a `.codesearchignore` takes any of these back in (see `walk`), except
the folders of version control themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", "CVS", "_darcs", ".sl"})

_INSTALLED_OR_BUILT = frozenset(
    {
        # installed packages
        *("node_modules", "bower_components", "jspm_packages", "site-packages", "Pods", "Carthage", ".bundle", ".yarn"),
        *(".pnpm-store", ".venv", ".eggs", ".pub-cache", "elm-stuff", "__pypackages__"),
        # caches and states of tools
        *("__pycache__", ".tox", ".nox", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"),
        *(".gradle", ".idea", ".vs", ".terraform", ".dart_tool", ".parcel-cache", ".turbo", ".nyc_output", ".direnv"),
        *(".ipynb_checkpoints", ".serverless", ".stack-work", ".ccls-cache", ".clangd", ".sass-cache", ".zig-cache"),
        *(".elixir_ls", ".metals", ".bloop", ".bsp", ".scannerwork", ".swiftpm", "DerivedData", "xcuserdata"),
        # built sites and applications
        *(".next", ".nuxt", ".svelte-kit", ".docusaurus", ".output", ".vercel", ".netlify", "htmlcov"),
    }
)

_WITH_A_NEIGHBOUR = {
    # folder: the manifests that make it the output or the storehouse of a tool
    "_build": ("mix.exs", "dune-project", "conf.py"),
    "bin": ("*.csproj", "*.fsproj", "*.vbproj"),
    "build": ("build.gradle", "build.gradle.kts", "pubspec.yaml"),
    "coverage": ("package.json", ".coveragerc", "Gemfile"),
    "deps": ("mix.exs",),
    "dist": ("package.json", "setup.py", "pyproject.toml", "*.cabal"),
    "dist-newstyle": ("cabal.project", "*.cabal"),
    "obj": ("*.csproj", "*.fsproj", "*.vbproj"),
    "out": ("build.gradle", "build.gradle.kts", "foundry.toml"),
    "target": ("Cargo.toml", "pom.xml", "build.sbt", "project.clj"),
    "vendor": ("go.mod", "composer.json", "Gemfile", "glide.yaml"),
    "zig-out": ("build.zig",),
}

_MARKS_INSIDE = {
    "pyvenv.cfg": "a Python environment",
    "CACHEDIR.TAG": "a cache (CACHEDIR.TAG)",
    "CMakeCache.txt": "a build folder (CMakeCache.txt)",
}

_GENERATED_NAME = re.compile(
    r"""
    (?: (?P<minified> [.-]min\.(?:js|mjs|cjs|css) | \.bundle\.(?:js|mjs|cjs|css) )
      | \.pb\.(?:go|cc|h|swift|dart) | _pb2(?:_grpc)?\.pyi? | _pb\.(?:js|d\.ts|rb) | \.pb\.gw\.go  # protocol buffers
      | \.designer\.(?:cs|vb) | \.g\.(?:i\.)?cs | \.generated\.[a-z]+                                # .NET
      | \.(?:g|freezed|gr|mocks)\.dart                                                               # Dart
      | \bzz_generated\..*\.go                                                                       # Kubernetes
    )$
    """,
    re.VERBOSE | re.IGNORECASE,
)


def folder_left_out(name: str, neighbours: Collection[str]) -> str:
    """Return why a folder is left out by its name, or "" when it is not.

    `neighbours` are the names of all entries beside it.
    """
    if name in _INSTALLED_OR_BUILT:
        return "installed or built by a tool"
    for manifest in _WITH_A_NEIGHBOUR.get(name, ()):
        if manifest.startswith("*"):
            found = next((neighbour for neighbour in neighbours if neighbour.endswith(manifest[1:])), "")
        else:
            found = manifest if manifest in neighbours else ""
        if found:
            return f"installed or built by a tool (beside {found})"
    return ""


def folder_marked(entries: Collection[str]) -> str:
    """Return why a folder with these entries is left out, or ""; a tool has put its mark into it."""
    return next((reason for mark, reason in _MARKS_INSIDE.items() if mark in entries), "")


def generated_by_name(name: str) -> str:
    """Return "generated (by its name)" or "minified (by its name)" for a file that tools name so, else ""."""
    found = _GENERATED_NAME.search(name)
    if found is None:
        return ""
    return "minified (by its name)" if found["minified"] else "generated (by its name)"
