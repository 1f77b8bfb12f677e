"""What a command loads: the heavy libraries stay away from where they are not used."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {"torch", "transformers", "onnxruntime", "onnx", "faiss", "sqlalchemy", "tree_sitter"}


def _loaded_by(program: str) -> set[str]:
    """Return the top-level modules that a fresh process has loaded after running `program`."""
    script = f"{program}\nimport json, sys\nprint('\\n' + json.dumps(sorted({{n.split('.')[0] for n in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_api_is_light() -> None:
    """`import codesearch` loads no heavy library."""
    assert _loaded_by("import codesearch") & HEAVY == set()


def test_help_is_light() -> None:
    """`codesearch --help` loads no heavy library."""
    program = (
        "import sys\nfrom cli.main import main\nsys.argv = ['codesearch', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert _loaded_by(program) & HEAVY == set()


@pytest.mark.parametrize("heavy", ["torch", "transformers"])
def test_a_search_on_a_cpu_needs_no_torch(tmp_path: Path, heavy: str) -> None:
    """Indexing and searching with the bundled model load neither torch nor transformers."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "greeting.py").write_text("def greet(name):\n    return 'hello ' + name\n")
    program = (
        "from pathlib import Path\nfrom codesearch import CodeSearch\n"
        f"with CodeSearch(library=Path({str(tmp_path / 'library')!r})) as engine:\n"
        f"    found = engine.search('say hello', [Path({str(tmp_path / 'code')!r})])\n"
        "    assert found.matches[0].definition.name == 'greet'"
    )
    assert heavy not in _loaded_by(program)


def test_a_search_by_words_loads_no_model(tmp_path: Path) -> None:
    """Of an index as it is: neither the model's libraries nor the grammars."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "greeting.py").write_text("def greet(name):\n    return 'hello ' + name\n")
    opened = f"with CodeSearch(library=Path({str(tmp_path / 'library')!r})) as engine:\n"
    program = (
        f"from pathlib import Path\nfrom codesearch import CodeSearch, Mode\nplace = Path({str(tmp_path / 'code')!r})\n"
    )
    _loaded_by(f"{program}{opened}    engine.index(place, lexical_only=True)")
    search = "    assert engine.search('greet', [place], mode=Mode.LEXICAL, refresh=False).matches"
    loaded = _loaded_by(program + opened + search)
    assert loaded & {"onnxruntime", "tokenizers", "onnx", "torch", "transformers", "tree_sitter", "pathspec"} == set()
