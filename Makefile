# The words people type. Both `demo` and `test` set up all they need and are safe to run again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: demo run check test bench chaos translate clean
.DEFAULT_GOAL := help

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/'

demo: $(VENV)/installed bundles  ## load the demonstration and open the application (CHECK=1: verify and leave)
	@$(BIN)/jalons demo $(if $(CHECK),--check)

run: $(VENV)/installed bundles  ## start the application on one's own data
	@$(BIN)/jalons run

check: $(VENV)/installed  ## style, order of the shelves
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

test: $(VENV)/installed bundles  ## every test, on an embedded PostgreSQL or on DATABASE_URL
	@sh tests/run.sh $(ARGS)

bench: $(VENV)/installed bundles  ## speed against peers and limits (ONLY=name)
	@$(BIN)/python -m bench $(ONLY)

chaos: $(VENV)/installed bundles  ## phones that send while server and PostgreSQL are killed (POSTS=10000)
	@$(BIN)/python -m bench.chaos $(POSTS)

translate: $(VENV)/installed  ## gather strings, compile catalogues
	@$(BIN)/python locale/gather.py
	@$(BIN)/python locale/compile.py

bundles: $(VENV)/installed
	@$(BIN)/python frontend/build.py
	@$(BIN)/python locale/compile.py

$(VENV)/installed: requirements.txt pyproject.toml
	@sh setup.sh $(PYTHON) $(VENV)
	@touch $@

clean:  ## remove what was installed and built, never the data
	rm -rf $(VENV) build frontend/node_modules jalons/core/static/jalons
