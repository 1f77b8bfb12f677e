# `make demo` and `make test` are all that a new checkout needs; `make check` is what CI runs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The build of FAISS: cpu or gpu. They overwrite each other, so a virtual environment has one of them.
FAISS ?= cpu
DEMO_QUESTION ?= where are ignore rules applied
SOURCES := codesearch indexer store cli benchmarks tests
# What is measured beside codesearch, in a virtual environment of its own.
PEERS ?= .venv-peers
# What a result is called, after the date.
RUN ?= run

.PHONY: demo test check lint types layers wheel bench bench-quick bench-full bench-peers clean

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

$(PEERS)/.installed: benchmarks/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet -r benchmarks/requirements.txt
	@touch $@

bench-peers: $(PEERS)/.installed

# Ten minutes on two quiet cores; `bench-quick` two, `bench-full` about an hour and 8 GiB of memory.
bench bench-quick bench-full: $(VENV)/.installed-dev $(PEERS)/.installed
	$(BIN)/python -m benchmarks $(filter --quick --full,--$(subst bench-,,$@)) --peers $(PEERS)/bin/python --name $(RUN)
	$(BIN)/python -m benchmarks.plots

check: lint types layers test

clean:
	rm -rf $(VENV) $(PEERS) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
