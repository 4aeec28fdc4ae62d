# What a newcomer and CI call. Everything lives in .venv; nothing is installed elsewhere.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Tests start hundreds of commands: with this variable set, each of them would compile the whole project anew.
unexport PYTHONDONTWRITEBYTECODE

QUIET := --quiet --disable-pip-version-check
PYTHONS ?= python3.11 python3.12 python3.13

.PHONY: demo test check lint types contracts package lower-bounds interpreters container bench scale soak diagnose docs
.PHONY: pictures fidelity constraints clean help

help:            ## Say what each target does.
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "fedemu needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install $(QUIET) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/test: $(VENV)/run
	$(BIN)/pip install $(QUIET) --constraint constraints.txt --editable '.[test,load]'
	@touch $@

# Real clients stand apart: they pin versions that this project does not.
$(VENV)/clients/installed: tests/clients/requirements.txt tests/clients/package-lock.json Makefile $(VENV)/run
	rm -rf $(VENV)/clients
	$(PYTHON) -m venv $(VENV)/clients
	$(VENV)/clients/bin/pip install $(QUIET) --requirement tests/clients/requirements.txt
	if command -v npm >/dev/null; then cp tests/clients/package.json tests/clients/package-lock.json $(VENV)/clients && \
	  cd $(VENV)/clients && npm ci --loglevel error --no-audit --no-fund; fi
	@touch $@

$(VENV)/lint: $(VENV)/test
	$(BIN)/pip install $(QUIET) --constraint constraints.txt --editable '.[test,load,lint]'
	@touch $@

demo: $(VENV)/run        ## Install, and run the main job: an Okta tile opens the Amazon Connect CCP.
	@$(BIN)/fedemu demo

# Neighbours share a process with worksteal, and with it what their module makes once.
test: $(VENV)/test $(VENV)/clients/installed  ## Install what tests need, and run them all.
	$(BIN)/pytest -n auto --dist worksteal

check: lint types contracts test   ## Lint, types, import contracts and tests.

lint: $(VENV)/lint       ## ruff.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/lint      ## mypy --strict.
	$(BIN)/mypy

contracts: $(VENV)/lint  ## Who may import whom.
	$(BIN)/lint-imports --no-logo

package:         ## Build the wheel, look into it, and try it in an empty environment.
	rm -rf build $(VENV)/package $(VENV)/wheel
	$(PYTHON) -m venv $(VENV)/package
	$(VENV)/package/bin/pip wheel $(QUIET) --no-deps --wheel-dir $(VENV)/wheel .
	rm -rf build
	$(VENV)/package/bin/python -m tests.release.wheel $(VENV)/wheel/fedemu-*.whl
	$(VENV)/package/bin/pip install $(QUIET) --constraint constraints.txt $(VENV)/wheel/fedemu-*.whl pytest
	$(VENV)/package/bin/python tests/release/trial.py
	du -sh $(VENV)/package

lower-bounds:    ## Run the core tests with the oldest versions of what fedemu depends on.
	rm -rf $(VENV)/lowest
	$(PYTHON) -m venv $(VENV)/lowest
	$(VENV)/lowest/bin/python -m tests.release.lower_bounds > $(VENV)/lowest/requirements.txt
	$(VENV)/lowest/bin/pip install $(QUIET) --requirement $(VENV)/lowest/requirements.txt
	$(VENV)/lowest/bin/pip install $(QUIET) --no-deps --editable .
	$(VENV)/lowest/bin/python -m tests.release.core -n auto

interpreters:    ## Run the core tests under each Python in PYTHONS="python3.12 python3.13", one after another.
	for python in $(PYTHONS); do \
	  folder=$(VENV)/$$($$python -c 'import sys; print("python%d.%d" % sys.version_info[:2])') && \
	  $$python -m venv $$folder && \
	  $$folder/bin/pip install $(QUIET) --constraint constraints.txt --editable '.[test]' && \
	  $$folder/bin/python -m tests.release.core -n auto || exit 1; \
	done

container:       ## Run the Dockerfile's steps in a clean Debian root, try it there, and measure it (Linux, root, debootstrap).
	$(PYTHON) -m venv $(VENV)/container
	$(VENV)/container/bin/pip install $(QUIET) --constraint constraints.txt pyyaml
	$(VENV)/container/bin/python -m tests.release.container

$(VENV)/bench: $(VENV)/test
	$(BIN)/pip install $(QUIET) --constraint constraints.txt --editable '.[test,load,bench]'
	@touch $@

bench: $(VENV)/bench $(VENV)/clients/installed  ## Measure: ratios, each in one run; BEFORE= names a check-out of another commit.
	$(BIN)/python -m tests.bench

scale: $(VENV)/test      ## Measure how far logins and scenarios go here: the tables of docs/scale.md.
	$(BIN)/python -m tests.bench.scale

soak: $(VENV)/test       ## Long use: 200,000 logins and 1,000,000 STS calls to one fedemu up, memory watched; takes an hour or two.
	$(BIN)/python -m tests.bench.soak

diagnose: $(VENV)/test   ## How often the first explanation names the setting that was broken, and the first fix restores it.
	$(BIN)/python -m tests.diagnose
	$(BIN)/python -m tests.diagnose --fixes

docs: $(VENV)/test       ## Write the pages that are made from the code: fidelity, catalogue, world and cli, in docs.
	$(BIN)/python -m tests.fidelity
	$(BIN)/python -m tests.catalogue
	$(BIN)/python -m tests.reference

pictures: $(VENV)/test   ## Take the pictures of docs/walkthrough.md anew; needs Chromium.
	FEDEMU_PICTURES=1 FEDEMU_REQUIRE=1 $(BIN)/pytest -q tests/browser/test_walkthrough_pictures.py

fidelity: $(VENV)/test   ## Count what is documented, observed and assumed; fail where assumed words lack their mark.
	@$(BIN)/python -m tests.fidelity --count

constraints: $(VENV)/lint  ## Write down the versions that were tested.
	$(BIN)/pip freeze --exclude-editable > constraints.txt
	cd tests/clients && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean:           ## Take away what was installed here.
	rm -rf $(VENV)
