# Needs python3 (3.11 or newer, with venv) and make; everything else goes into .venv/.
# Another interpreter: make PYTHON=python3.13 setup

PYTHON ?= python3
BIN := .venv/bin
SOURCES := $(wildcard events api tests bench clients)
UV_COMPILE := .uv/bin/uv pip compile --quiet --system-certs --universal --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help setup run test engines torture check bench lock clean browser

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: .venv/.installed ## Make .venv/ with everything to run and test Dateline

run: setup ## Start the service with the seed timeline on http://127.0.0.1:8470
	@$(BIN)/dateline serve --seed --data data

test: setup browser ## Run every test; arguments for pytest: make test ARGS="-k slip -x"
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

engines: setup ## Hold the engines that need a server to the contract of the log
	@DATELINE_ENGINES=postgres,jetstream $(BIN)/python -m pytest -n 2 tests/contract -k "postgres or jetstream" $(ARGS)

torture: setup browser ## Run the tests that try to break it, for as long as it takes
	@DATELINE_TORTURE=1 $(BIN)/python -m pytest -m torture $(ARGS)

check: setup ## Check style, types, layers and the shape of the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/python -m pytest -q tests/unit/test_shape.py tests/unit/test_deploy.py

bench: setup ## Measure, and print a table
	@$(BIN)/python -m bench

lock: .uv/bin/uv ## Resolve the dependencies anew; UPGRADE=1 takes the newest releases
	@$(UV_COMPILE) $(if $(UPGRADE),--upgrade) --group build pyproject.toml -o requirements.lock
	@$(UV_COMPILE) $(if $(UPGRADE),--upgrade) --extra ingest --group build -c requirements.lock pyproject.toml \
		-o requirements-ingest.lock
	@$(UV_COMPILE) $(if $(UPGRADE),--upgrade) --extra ingest --group dev -c requirements-ingest.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove what was built and cached; data/ stays
	@rm -rf .venv .uv .bench build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

# An environment names its folder in every script: in a checkout that was moved it is made anew.
MADE_FOR := $(shell cat .venv/.locked 2>/dev/null)
ifneq ($(MADE_FOR),$(CURDIR))
.PHONY: .venv/.locked
endif

.venv/.locked: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Dateline needs Python 3.11 or newer, and '$(PYTHON)' is not that." \
			"Name one that is: make PYTHON=python3.13 setup" >&2; exit 1; }
	@echo "Setting up .venv/ from requirements-dev.lock: a minute or two, the first time."
	@if [ -L .venv ]; then rm .venv; fi  # It is of another checkout, which keeps it.
	@$(PYTHON) -m venv $(if $(MADE_FOR),$(if $(filter $(CURDIR),$(MADE_FOR)),,--clear)) .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@printf %s '$(CURDIR)' > $@

.venv/.installed: .venv/.locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.uv/bin/uv:
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv

browser:
	@sh tests/browser/install-chromium
