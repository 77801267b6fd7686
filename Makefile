# make national   install, solve the national instance, say where the plan lies
# make test       install, pass the tests (ARGS='-m "thorough or not thorough"': with the slow further witnesses)
# make notebooks  install, open the notebooks in a browser
# make bench      install, measure speed (ARGS="--case national --json FILE")
# Needs Python 3.11 or later, git and make. Another Python: make test PYTHON=python3.12

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS := 2
ARGS :=

# Exit status 4 is a plan too: solving stopped at its time limit, and says so.
SOLVED = || { status=$$?; test $$status -eq 4 || exit $$status; }

.PHONY: national small test bench lint notebooks instances docs reports clean help

national: $(VENV)/installed
	@$(BIN)/optimizer solve instances/national --out plans/national $(ARGS) $(SOLVED)

small: $(VENV)/installed
	@$(BIN)/optimizer solve instances/zhejiang-sichuan --out plans/zhejiang-sichuan $(ARGS) $(SOLVED)

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

bench: $(VENV)/installed
	@$(BIN)/python -m benchmarks $(ARGS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy

notebooks: $(VENV)/installed-notebook
	@$(BIN)/python -m jupyterlab notebooks $(ARGS)

instances: $(VENV)/installed
	$(BIN)/python instances/national/build.py
	$(BIN)/python instances/zhejiang-sichuan/build.py
	$(BIN)/python instances/us-counties/build.py

docs: $(VENV)/installed-docs
	$(BIN)/python -m mkdocs build --strict --quiet
	@echo "Open build/site/index.html"

reports: $(VENV)/installed
	@for name in national zhejiang-sichuan us-counties; do \
		test -d plans/$$name || { $(BIN)/optimizer solve instances/$$name --out plans/$$name $(SOLVED); } || exit $$?; done
	$(BIN)/python reports/make.py

clean:
	rm -rf $(VENV) build dist optimizer.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

help:
	@echo "make national | small | test | bench | lint | notebooks | instances | docs | reports | clean    (plans are kept in plans/)"

$(VENV)/made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later was not found. Install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) does not run or is older than 3.11. Name another one: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "The environment cannot be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml constraints.txt
	@echo "Installing into $(VENV), once ..." >&2
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/made pyproject.toml constraints.txt
	@echo "Installing into $(VENV), once ..." >&2
	@$(PIP) install -c constraints.txt -e '.[test,dev,docs,cluster,uncertainty]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-docs: $(VENV)/made pyproject.toml constraints.txt
	@echo "Installing into $(VENV), once ..." >&2
	@$(PIP) install -c constraints.txt -e '.[docs]'
	@touch $@ $(VENV)/installed

$(VENV)/installed-notebook: $(VENV)/made pyproject.toml constraints.txt
	@echo "Installing into $(VENV), once ..." >&2
	@$(PIP) install -c constraints.txt -e '.[notebook]'
	@touch $@ $(VENV)/installed
