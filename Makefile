# Every target makes the virtual environment when it is missing or older than the lock.
#   make run [STUDY=studies/published.yaml] [CORES=all]    runs a study and writes its report
PYTHON ?= python3.11
STUDY ?= config.yaml
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONFIGFILE := $(if $(filter config.yaml,$(STUDY)),,--configfile $(STUDY))

include tools.mk
include cluster.mk

.PHONY: help venv run report reference dag test lint format lock
.DEFAULT_GOAL := help

help:
	@echo "make run     run the study of config.yaml (STUDY=studies/....yaml: another one), then write its report"
	@echo "make report  write the report of a finished study"
	@echo "make test    run the tests            make lint   check style and the workflow"
	@echo "make dag     draw the rule graph      make lock   pin the newest versions that pyproject.toml allows"
	@echo "make pictures  run the study and renew the pictures of the README    make test-slurm  test the cluster profiles"

venv: $(READY)

$(READY): requirements.lock pyproject.toml executor/pyproject.toml
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e executor
	@touch $@

lock: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade --quiet \
	    --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o requirements.lock
	@$(MAKE) --no-print-directory lock-rliable

# the instances are forks of one process that has loaded everything (colosseum/warm/session.py): half the time
run: $(READY)
	$(BIN)/python -m colosseum.warm.session $(BIN)/snakemake --cores $(CORES) $(CONFIGFILE)
	@$(MAKE) --no-print-directory report

# shell: sets `folder` to where the analysis of the study lies
ANALYSIS = folder=$$($(BIN)/python -c 'import sys, yaml; study = yaml.safe_load(open(sys.argv[1])); \
    print(study.get("results", "results"), "analysis", study.get("study", "default"), sep="/")' $(STUDY))

report: $(READY)
	@$(ANALYSIS) && $(BIN)/snakemake $(CONFIGFILE) --quiet all --report "$$folder/report.html" \
	    && echo "The report: $(CURDIR)/$$folder/report.html"

test: $(READY) $(RLIABLE)/.ready other-tools
	COLOSSEUM_RLIABLE_PYTHON=$(CURDIR)/$(RLIABLE)/bin/python $(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

# pages and files that are generated from the code; tests compare them
reference: $(READY)
	$(BIN)/python docs/generate/study.py

# with the barrier off the whole graph is known before anything ran
DRAW = $(BIN)/snakemake --quiet all $(1) --config barrier=False results=.snakemake/not-there | \
    $(BIN)/python workflow/scripts/draw_graph.py $(2) && echo $(2)
dag: $(READY)
	@$(call DRAW,--rulegraph $(CONFIGFILE),docs/rulegraph.svg)
	@$(call DRAW,--dag --configfile studies/tiny.yaml,docs/dag_tiny.svg)
