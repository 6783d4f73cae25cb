# Learn, teach and grade the foundations of deep learning. `make` alone lists what there is.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# A virtual environment holds the path of its folder: where that was moved or copied, it is made anew.
MADE_IN := $(shell cat $(READY) 2>/dev/null)
MOVED   := $(if $(MADE_IN),$(if $(subst $(CURDIR),,$(MADE_IN))$(subst $(MADE_IN),,$(CURDIR)),moved))

.DEFAULT_GOAL := help
.PHONY: help attacks demo bench bundle site test test-browser lab build prove lint clean $(if $(MOVED),$(READY))

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(if $(MOVED),--clear) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m compileall -q autograder utils  # an editable installation does not
	@pwd -P > $@

demo: $(READY) ## Build the course, grade an example class through nbgrader, show marks and feedback
	@$(BIN)/autograder demo

# Tests run side by side already: threads of BLAS beside them only wait for one another.
test test-browser: export OPENBLAS_NUM_THREADS = 1
test: $(READY) ## Lint, check the formatting, run every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/autograder lint
	$(BIN)/autograder build --check
	$(BIN)/python -m pytest -n 2

test-browser: $(READY) ## Drive JupyterLab, Notebook 7 and the pages with a real browser (needs chromium)
	$(BIN)/python -m pytest -m browser tests/browser

lab: $(READY) ## Open JupyterLab on the course; your copies of the notebooks are in work/
	@$(BIN)/autograder work
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root)

build: $(READY) ## Write source/ and release/ from the authored texts
	@$(BIN)/autograder build

prove: $(READY) ## Print the proof of every exercise's checks
	@$(BIN)/autograder prove

bundle: $(READY) ## Pack what students need into dist/deep-learning-foundations.zip
	@$(BIN)/autograder bundle

site: $(READY) ## Write all topics with figures as pages to read without a network, in site/
	@$(BIN)/autograder site

bench: $(READY) ## Time the fast convolution, and stock nbgrader beside autograder grade (long; QUICK=1 for small numbers)
	@$(BIN)/python benchmarks/conv.py
	@$(BIN)/python benchmarks/grading.py $(if $(QUICK),--quick)

attacks: $(READY) ## Hand in every known attack and print what it earned, leaked or broke
	@$(BIN)/python -m tests.attacks

lint: $(READY) ## Report what is wrong in code and authored texts
	$(BIN)/ruff check .
	$(BIN)/autograder lint

clean: ## Remove the demonstration's course and caches (never submissions or marks)
	rm -rf demo .pytest_cache .ruff_cache .hypothesis
