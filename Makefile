# make serve   sets everything up and serves the site on PORT (default 8000)
# make test    sets everything up and runs all tests
# make batch INPUT=recordings OUT=results   recognises folders of photos and videos (docs/batch.md)
# make test-processors   runs the tests that compare numbers as other processors would; once per release
# make check   lint, types (mypy, tsc) and the import arrows
# make audit   asks PyPI's and npm's advisories about everything that is pinned
# make lighthouse   has Lighthouse look at the pages; fails where a score is below 95
# make footprint   measures memory, packed size and start of the web process; fails above its limits

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
PIP_AUDIT := 2.10.1
LIGHTHOUSE := 12.8.2
PYTHON ?= $(shell bash bin/find-python)
# Groups, since Keras's backend is fixed for a process: what serves runs on OpenVINO, what trains
# and converts on TensorFlow. Two run at the same time; the longest begin first.
TESTS_SERVING := tests/app tests/inference tests/docs tests/test_arrows.py tests/test_makefile.py
TESTS_TRAINING := tests/training tests/converter
TEST_JOBS ?= 2
# The output of a group comes as a whole where make can do that (GNU make 4).
OUTPUT_SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
BUILT_FROM := $(wildcard bin/*.mjs static/examples/*.js static/css/* static/icons/* static/models/*/*) \
	$(shell find static/js -name '*.js')

.PHONY: serve batch test test-js test-serving test-browser test-training test-processors check audit lighthouse footprint format build setup setup-dev clean

serve: setup
	PORT=$(PORT) $(BIN)/gunicorn 'app:create_app()'

INPUT ?=
OUT ?= results
batch: $(STAMPS)/batch static/dist/live.js
	$(BIN)/python -m app.batch $(INPUT) --out $(OUT) $(BATCH_OPTIONS)

test: setup-dev chromium redis
	@echo "Running four groups of tests, $(TEST_JOBS) at a time; the output of each comes when it has ended."
	@$(MAKE) --no-print-directory --keep-going -j$(TEST_JOBS) $(OUTPUT_SYNC) test-browser test-training test-serving test-js

test-js: setup-dev
	npm test --silent

test-serving: setup-dev chromium redis
	KERAS_BACKEND=openvino $(BIN)/python -m pytest -q $(TESTS_SERVING)

# A browser that stops answering is ended by tests/browser/conftest.py, which names its test in
# BROWSER_HUNG. Only then what failed is run again, in new browsers.
BROWSER_HUNG := $(STAMPS)/browser-hung
test-browser: export KERAS_BACKEND := openvino
test-browser: setup-dev chromium
	@rm -f $(BROWSER_HUNG)
	$(BIN)/python -m pytest -q tests/browser || { test -f $(BROWSER_HUNG) && \
		echo "A browser stopped answering in $$(cat $(BROWSER_HUNG)). What failed is run once more." && \
		$(BIN)/python -m pytest -q --last-failed tests/browser; }

# requirements-dev.txt leaves TensorFlow out for a Python that it has no wheel for.
test-training: setup-dev
	@if $(BIN)/python -c 'import importlib.util, sys; sys.exit(not importlib.util.find_spec("tensorflow"))'; \
	then set -x; KERAS_BACKEND=tensorflow $(BIN)/python -m pytest -q $(TESTS_TRAINING); \
	else echo "Skipped: $(TESTS_TRAINING). There is no TensorFlow for $$($(BIN)/python --version) yet."; fi

test-processors: setup-dev
	$(BIN)/python -m tests.support.processors

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run --silent check:types
	KERAS_BACKEND=openvino $(BIN)/python -m pytest -q tests/test_arrows.py

# In an environment of its own: what pip-audit needs is none of the project's business.
PIP_AUDIT_RUN := $(STAMPS)/audit/bin/pip-audit --strict --disable-pip --no-deps
audit: $(STAMPS)/npm
	@test -x $(STAMPS)/audit/bin/pip-audit || { $(PYTHON) -m venv $(STAMPS)/audit && \
		$(STAMPS)/audit/bin/pip install --quiet --disable-pip-version-check pip-audit==$(PIP_AUDIT); }
	$(PIP_AUDIT_RUN) -r requirements.txt
	$(PIP_AUDIT_RUN) -r requirements-batch.txt
	$(PIP_AUDIT_RUN) -r requirements-dev.txt
	$(PIP_AUDIT_RUN) -r requirements-converter.txt
	npm audit --audit-level=low

# In a folder of its own: it is large, and nothing else needs it.
lighthouse: setup-dev chromium
	@test -d $(STAMPS)/lighthouse-$(LIGHTHOUSE) || npm install --prefix $(STAMPS)/lighthouse-$(LIGHTHOUSE) \
		--no-audit --no-fund --loglevel=error lighthouse@$(LIGHTHOUSE)
	$(BIN)/python -m tests.benchmarks.lighthouse $(STAMPS)/lighthouse-$(LIGHTHOUSE)

footprint: setup-dev
	$(BIN)/python -m tests.benchmarks.footprint

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: static/dist/live.js

setup: $(STAMPS)/web static/dist/live.js

setup-dev: $(STAMPS)/dev static/dist/live.js

.PHONY: chromium redis
chromium:
	@bash bin/get-chromium

redis:
	@bash bin/get-redis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Mien needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/web: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/batch: requirements.txt requirements-batch.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-batch.txt
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/web

$(STAMPS)/dev: requirements.txt requirements-batch.txt requirements-dev.txt requirements-converter.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-converter.txt
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/web $(STAMPS)/batch

$(STAMPS)/npm: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(STAMPS) && touch $@

static/dist/live.js: $(STAMPS)/npm $(BUILT_FROM)
	npm run --silent build
	@touch $@

clean:
	rm -rf $(VENV) $(STAMPS) node_modules static/dist
