"""Choosing between the backends, by really having or not having the distributions; and the GPU, where there is one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from store import faiss_vectors
from store.errors import BothFaissBuildsInstalled, FaissBroken
from store.faiss_vectors import FaissBackend, default_backend, has_gpu
from tests.store.samples import random_vectors

faiss = pytest.importorskip("faiss", reason="FAISS is not installed")

PROJECT = Path(__file__).parents[2]
NOTHING = np.empty(0, dtype=np.int64)

WITHOUT_FAISS = """
import sys
from importlib import metadata
sys.path[:] = [place for place in sys.path if "site-packages" not in place] + [{links!r}]
from store.faiss_vectors import default_backend
print(type(default_backend()).__name__)
"""


def fake_distribution(folder: Path, name: str) -> None:
    """Make `name` look installed in a folder."""
    information = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")


def test_faiss_is_chosen_where_it_is() -> None:
    """With one distribution installed, it is used."""
    assert isinstance(default_backend(), FaissBackend)


def test_two_distributions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a second distribution of FAISS installed nothing is trusted."""
    fake_distribution(tmp_path, "faiss-gpu")
    fake_distribution(tmp_path, "faiss-cpu")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BothFaissBuildsInstalled):
        faiss_vectors.default_backend.__wrapped__()


@pytest.mark.parametrize(
    "content", ["raise ImportError('libcudart.so.12')", "raise RuntimeError('no CUDA')", "", "import missing_module"]
)
def test_a_broken_faiss_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    """An installed FAISS that cannot be imported, or is a part of itself, is FaissBroken when it is first needed."""
    (tmp_path / "faiss.py").write_text(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "faiss")
    backend = faiss_vectors.default_backend.__wrapped__()
    assert backend.extension == FaissBackend.extension  # it is no fallback
    with pytest.raises(FaissBroken):
        backend.updated(None, 4, NOTHING, [])


def test_numpy_is_chosen_without_faiss(tmp_path: Path) -> None:
    """In an installation without any FAISS the exact backend is used."""
    links = tmp_path / "links"
    links.mkdir()
    site = Path(np.__file__).parents[1]
    for path in site.iterdir():  # everything that is installed, except FAISS
        if "faiss" not in path.name.lower():
            (links / path.name).symlink_to(path)
    code = WITHOUT_FAISS.format(links=str(links))
    found = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert found.stdout == "ExactBackend\n"


def test_importing_the_store_is_light() -> None:
    """The front door loads neither FAISS nor the database; the library loads no FAISS before vectors are asked for."""
    code = "import sys, store; print(*('faiss' in sys.modules, 'sqlalchemy' in sys.modules)); store.Library"
    code += "; print('faiss' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False", "False"]


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(faiss), reason="this FAISS has no GPU")
def test_the_gpu_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the second query on the GPU answers, with the ids that brute force finds."""
    monkeypatch.setattr(faiss_vectors, "GPU_FROM_VECTORS", 1)
    vectors = random_vectors(5_000, 64)
    ids = np.random.default_rng(1).permutation(9_000)[:5_000].astype(np.int64)
    index = FaissBackend(faiss).updated(None, 64, NOTHING, [(ids, vectors.astype(np.float16))])
    query = random_vectors(1, 64, seed=5)[0]
    exact = vectors @ query
    for _ in range(3):
        found, scores = index.search(query, 20, None)
        assert scores == pytest.approx(np.sort(exact)[::-1][:20], abs=2e-3)
        assert len(set(found.tolist()) & set(ids[np.argsort(-exact)[:20]].tolist())) >= 19
