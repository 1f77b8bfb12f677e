"""What a run was measured on: processor, cores, memory, versions. Never a host name, a user or a path."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

_PACKAGES = ("faiss-cpu", "faiss-gpu", "numpy", "onnxruntime", "sqlalchemy", "tokenizers", "torch", "tree-sitter")
# The instructions that decide how fast integers are multiplied.
_INSTRUCTIONS = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_int8", "asimddp", "i8mm")


def describe() -> dict[str, str | int | float]:
    """Return what figures depend on, by name. `load` is the mean number of running processes before the run."""
    description: dict[str, str | int | float] = {
        "processor": _processor(),
        "instructions": " ".join(_instructions()),
        "cores": cores(),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    if hasattr(os, "getloadavg"):
        description["load"] = round(os.getloadavg()[0], 2)
    for name in _PACKAGES:
        try:
            description[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return description


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpuinfo(key: str) -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == key), "")


def _processor() -> str:
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _instructions() -> list[str]:
    known = set((_cpuinfo("flags") or _cpuinfo("Features")).split())
    return [name for name in _INSTRUCTIONS if name in known]


def _memory_gib() -> float:
    if not hasattr(os, "sysconf"):
        return 0.0
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
