# `make demo` and `make test` are all that a new checkout needs; `make check` is what CI runs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The build of FAISS: cpu or gpu. They overwrite each other, so a virtual environment has one of them.
FAISS ?= cpu
DEMO_QUESTION ?= where are ignore rules applied
SOURCES := codesearch indexer store cli tests

.PHONY: demo test check lint types layers wheel clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[$(FAISS)]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[$(FAISS),dev]'
	@touch $@

demo: $(VENV)/.installed
	@started=$$(date +%s%N); \
	$(BIN)/codesearch index . && \
	indexed=$$(date +%s%N); \
	echo "\$$ codesearch search '$(DEMO_QUESTION)' -k 3"; \
	$(BIN)/codesearch search '$(DEMO_QUESTION)' . -k 3; \
	answered=$$(date +%s%N); \
	awk "BEGIN { printf \"indexed in %.1f s, answered in %.2f s\n\", ($$indexed - $$started) / 1e9, ($$answered - $$indexed) / 1e9 }"

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(VENV)/.installed-dev
	$(BIN)/mypy

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports

wheel: $(VENV)/.installed-dev
	$(BIN)/python -m build --wheel --outdir dist .

check: lint types layers test

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
