# Everything that is done with this repository. Needs Python >= 3.11 and make; whatever else is needed
# goes into .venv, from the pinned and hashed files in requirements/.

PYTHON ?= python3
BIN := .venv/bin

# Wheels only: no machine needs a compiler. Uncompiled: Python compiles what it imports, pip everything.
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile
PIP_LOCKED := $(PIP_INSTALL) --require-hashes --only-binary :all:
PIP_PROJECT := $(PIP_INSTALL) --no-deps --no-build-isolation --editable .

# Each file of tests goes to one of as many processes as there are cores, and one more (tests/order.py); more would crowd out real limits of time.
PARALLEL := --numprocesses auto --maxprocesses 4 --dist loadfile
COVERAGE := --cov --cov-report=term
# The switch: with `TEST_FLAGS := $(COVERAGE)` an untested branch of the pure code fails `make test`.
TEST_FLAGS :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo live test check format coverage requirements bench interop proto lock clean
MAKEFLAGS += --no-print-directory

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.base ## run the demonstration: mock-ofd demo
	$(BIN)/mock-ofd demo

live: .venv/.base ## an operator with five registers and their tills in the browser: mock-ofd demo --live
	$(BIN)/mock-ofd demo --live

test: check ## every check, then every test
	$(BIN)/python -m pytest $(PARALLEL) $(TEST_FLAGS)

check: .venv/.dev ## format, lint, types, who may import whom
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev ## let ruff write the format and what it can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

coverage: .venv/.dev ## branch coverage of the pure code, which has to be 100 %
	$(BIN)/python -m pytest --quiet $(PARALLEL) $(COVERAGE)

requirements: .venv/.dev ## every requirement with the tests that prove it
	$(BIN)/python -m pytest --quiet --requirements

bench: .venv/.dev ## measure speed
	$(BIN)/python -m tests.benchmarks

interop: .venv/.base ## let a cash register in Java, which is not ours, trade with an operator; needs java and mvn
	$(BIN)/python -m tests.interop.kz_jvm

proto: .venv/.dev ## compile the .proto files of the Kazakhstan protocol anew
	$(BIN)/python -m tests.fiscal.protocols.kz.write

# `make lock LOCK=--upgrade` takes the newest versions; without it only what pyproject.toml demands changes.
LOCK ?=
UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock' --no-emit-index-url --no-emit-find-links pyproject.toml
lock: .venv/.dev ## write requirements/*.txt anew from pyproject.toml
	$(UV_COMPILE) $(LOCK) --group dev --all-extras --output-file requirements/dev.txt
	$(UV_COMPILE) $(LOCK) --group build --constraint requirements/dev.txt --output-file requirements/base.txt

clean: ## remove all that make has made
	rm -rf .venv build dist htmlcov .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf tests/interop/kz-jvm/target
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An empty environment whenever the locked files change, so that nothing outlives its line in them.
.venv/.empty: requirements/base.txt requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mock-ofd needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/.base: .venv/.empty pyproject.toml
	$(PIP_LOCKED) --requirement requirements/base.txt
	$(PIP_PROJECT)
	@touch $@

.venv/.dev: .venv/.empty pyproject.toml
	$(PIP_LOCKED) --requirement requirements/dev.txt
	$(PIP_PROJECT)
	@touch .venv/.base $@
