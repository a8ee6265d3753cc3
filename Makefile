# `make demo` and `make test` set up all they need in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What is needed to run, and what is needed to test.
RUNS := $(VENV)/.runs
STAMP := $(VENV)/.installed
# Number of processes that share the tests; a test that must run alone is marked.
PROCESSES ?= 2
PYTEST := $(BIN)/pytest -q -n $(PROCESSES) --dist worksteal
# Containers often set it; then each of the hundreds of processes that tests start would
# compile all of Gharial again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-long check docs wheels mutants bench fuzz format clean

demo: $(RUNS)
	$(BIN)/gharial demo

test: $(STAMP)
	$(BIN)/python hatch_build.py
	$(PYTEST)

test-long: $(STAMP)
	$(BIN)/python -m pip install --quiet --group wheels
	$(BIN)/pytest -q -m long -o faulthandler_timeout=3600

# Tests in plain Python, which coverage can see into; `make test` runs the compiled build.
check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini
	$(BIN)/lint-imports
	GHARIAL_PLAIN=1 $(BIN)/python hatch_build.py
	GHARIAL_PLAIN=1 $(PYTEST) -m 'not slow and not long' --cov --cov-report=term --cov-fail-under=85
	$(BIN)/python hatch_build.py

# Static pages in build/site; warnings and links that lead nowhere are errors.
docs: $(RUNS)
	$(BIN)/python -m pip install --quiet --group docs
	$(BIN)/python docs/generate.py --check
	$(BIN)/python docs/site.py

# Wheels in dist/ of each Python from 3.11 on that is installed here; a wheel installs without
# a compiler.
wheels: $(RUNS)
	$(BIN)/python -m pip install --quiet --group wheels
	$(BIN)/python packaging/wheels.py

# Puts small faults into the code, and reports those that no unit test notices.
MUTANTS_SECONDS ?= 1800
mutants: $(STAMP)
	$(BIN)/python tests/mutants.py --processes $(PROCESSES) --seconds $(MUTANTS_SECONDS)

# A missed budget does not stop what follows. Takes three quarters of an hour, and needs a
# quiet machine; BENCH='--quick' tries it out.
bench: $(STAMP)
	$(BIN)/python hatch_build.py
	@failed=0; for part in 'benchmarks $(BENCH)' 'benchmarks.whole_runs $(BENCH)' \
	    benchmarks.cluster; do \
	  $(BIN)/python -m $$part || failed=1; \
	done; exit $$failed

# Coverage-guided; a finding does not stop the other harnesses.
FUZZ_SECONDS ?= 150
fuzz: $(STAMP)
	@failed=0; for name in frames answers deflate urls lenses; do \
	  echo "== $$name, $(FUZZ_SECONDS) s"; \
	  PYTHONPATH=tests/support $(BIN)/python tests/fuzz/fuzz_$$name.py -max_total_time=$(FUZZ_SECONDS) || failed=1; \
	done; exit $$failed

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

$(STAMP): $(RUNS)
	$(BIN)/python -m pip install --quiet --group dev
	@touch $(STAMP)

$(RUNS): pyproject.toml hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit("Gharial needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $(RUNS)
