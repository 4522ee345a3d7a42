# Every target makes the virtual environment when it is missing or older than the lock; `make help` lists them.
PYTHON ?= python3.11
STUDY ?= config.yaml
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
# a tenth of pip's time; it does not read pip's settings: where those name the only registry in reach, pip does its work
UV_INSTALL := $(BIN)/uv pip install --quiet
CONFIGFILE := $(if $(filter config.yaml,$(STUDY)),,--configfile '$(STUDY)')
# what is the project's: a user's own modules in this folder are not judged
CODE := colosseum executor $(wildcard docs examples hatch_build.py performance tests workflow)
PARTS := Makefile tools.mk cluster.mk

include tools.mk
include cluster.mk

.PHONY: help venv run report reference architecture dag docs wheels test test-fast lint format lock
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1	\2/p' $(PARTS) | expand -t 20

venv: $(READY)  ## make the virtual environment, .venv

$(READY): requirements.lock pyproject.toml executor/pyproject.toml
	@$(NEEDS_PYTHON)
	@echo "$(CURDIR)/$(VENV): made with $(PYTHON), for the $$(grep -c '^[^ ]' requirements.lock) packages of requirements.lock"
	$(PYTHON) -m venv --clear $(VENV)
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python $(PIP_INSTALL) --require-hashes -r $(VENV)/uv.lock
	$(UV_INSTALL) --python $(BIN)/python --require-hashes -r requirements.lock \
	    || $(BIN)/python $(PIP_INSTALL) --require-hashes -r requirements.lock
	$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation -e . -e executor
	@touch $@

# shell: ends in one line where there is no such Python
NEEDS_PYTHON = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || { echo "$(PYTHON) is no Python 3.11 or newer: name one, make PYTHON=/usr/bin/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }

# a lock names no host: where packages come from is each installation's own matter, the hashes say that they are the same
LOCK_FORM := --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
    --no-emit-package snakemake-executor-plugin-slurm-packed

lock: $(READY)  ## pin the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile pyproject.toml executor/pyproject.toml --all-extras --universal --python-version 3.11 --upgrade \
	    $(LOCK_FORM) -o requirements.lock
	@$(MAKE) --no-print-directory lock-rliable

# the instances are forks of one process that has loaded everything (colosseum/warm/session.py): half the time
run: $(READY)  ## run the study of config.yaml (STUDY=studies/....yaml: another one), then write its report
	@$(BIN)/python -m colosseum check '$(STUDY)' >/dev/null
	$(BIN)/python -m colosseum.warm.session $(BIN)/snakemake --cores $(CORES) $(CONFIGFILE)
	@$(MAKE) --no-print-directory report

# shell: sets `folder` to where the analysis of the study lies
ANALYSIS = folder=$$($(BIN)/python -c 'import sys, pathlib; from colosseum.study import Study, text; \
    print(Study(text.read_study_files([pathlib.Path(sys.argv[1])])).root("analysis"))' '$(STUDY)')

report: $(READY)  ## write the report of a finished study
	@$(ANALYSIS) && $(BIN)/snakemake $(CONFIGFILE) --quiet all --report "$$folder/report.html" \
	    && echo "The report: $(CURDIR)/$$folder/report.html" \
	    && echo "The results: $(CURDIR)/$$folder/index.html"

test: $(READY) $(RLIABLE)/.ready other-tools  ## run all tests but those on a throw-away Slurm
	COLOSSEUM_RLIABLE_PYTHON=$(CURDIR)/$(RLIABLE)/bin/python $(BIN)/python -m pytest

test-fast: $(READY)  ## run the tests that take no time; every module is reached
	$(BIN)/python -m pytest -m "not slow" --every-module tests

lint: $(READY)  ## check style, types and the workflow
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow examples/new_study
	$(BIN)/snakemake --configfile studies/tiny.yaml --lint

format: $(READY)  ## put the code into the form that lint wants
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)
	$(BIN)/snakefmt Snakefile workflow examples/new_study

# what is generated from the code lies in the repository, and tests compare it.
reference: $(READY)  ## renew the page and the schema of a study's keys, and the pictures of environments
	$(BIN)/python docs/generate/study.py
	$(BIN)/python docs/generate/environments.py

architecture: $(READY)  ## draw the parts of the package in docs/architecture.md anew
	$(BIN)/python docs/generate/architecture.py

dag: $(READY)  ## draw the rules in README.md and two pages of docs/ anew
	@$(BIN)/python docs/generate/rulegraph.py

docs: $(READY)  ## build the documentation site, build/site; a warning is an error
	$(BIN)/python -m sphinx -q -W --keep-going -b html -d build/doctrees docs build/site
	@echo "The site: $(CURDIR)/build/site/index.html"

wheels: $(READY)  ## build both distributions, dist/
	cd executor && ../$(BIN)/python -m hatchling build -t wheel -d ../dist
	$(BIN)/python -m hatchling build -t wheel -d dist
