# make graph: seeds/ becomes a graph in exports/. make test: everything that is checked.
# Needs Python 3.11 or later; choose one with PYTHON=python3.12. VENV= puts the environment elsewhere.

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 1
BIN := $(VENV)/bin

.PHONY: help graph test test-consumers format clean
.DEFAULT_GOAL := help

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

graph: $(VENV)/.installed ## Turn seeds/ into a graph in exports/
	$(BIN)/paperkg build seeds -o exports -j $(JOBS)

test: $(VENV)/.installed-dev ## Run all checks: style, types, import order, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

# Each tool that reads an export has an environment of its own; none of them asks a model or the network.
CONSUMERS := graphrag hipporag langchain lightrag llamaindex neo4j
BUILD ?= $(VENV)/consumers/build

test-consumers: $(VENV)/.installed-dev $(CONSUMERS:%=$(VENV)/consumers/%/.installed) ## Have each tool for RAG load its export
	test -e $(BUILD)/manifest.json || $(BIN)/paperkg build seeds -o $(BUILD) -q
	rm -rf $(VENV)/consumers/exports
	$(BIN)/python tests/consumers/prepare.py $(BUILD) $(VENV)/consumers/exports
	for tool in $(CONSUMERS); do \
	  $(VENV)/consumers/$$tool/bin/python tests/consumers/check_$$tool.py $(VENV)/consumers/exports \
	    > $(VENV)/consumers/$$tool.log 2>&1 || { cat $(VENV)/consumers/$$tool.log; exit 1; }; \
	  sed -n '/  ours  /,$$p' $(VENV)/consumers/$$tool.log; \
	done

format: $(VENV)/.installed-dev ## Put code and vocabulary in canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/paperkg lint --fix

clean: ## Remove the environment, caches and builds
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find paperkg tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
	find exports -mindepth 1 ! -name README.md ! -name decisions.tsv -delete

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make PYTHON=...") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)

# Installed again only when what is installed has changed.
$(VENV)/.installed: $(VENV)/bin/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[graphrag,mcp,serve,train]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,mcp,serve]'
	@touch $@

# Whole locks, so nothing is left to resolve; made by `pip install -r requirements.txt` and `pip freeze`.
$(VENV)/consumers/%/.installed: tests/consumers/%/constraints.txt $(VENV)/bin/pip
	$(PYTHON) -m venv --without-pip $(@D)
	$(BIN)/pip --python $(@D)/bin/python install --quiet --disable-pip-version-check --no-deps --no-compile -r $<
	@touch $@
