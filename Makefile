# The verbs of this repository. Everything runs inside a virtual environment that `make` sets up by itself.
PYTHON ?= python3
VENV ?= .venv
LOCK ?= requirements/dev.txt
BIN := $(VENV)/bin
# LiteLLM would otherwise fetch its price map over the network at import.
export LITELLM_LOCAL_MODEL_COST_MAP = True

.DEFAULT_GOAL := help
.PHONY: help demo serve test coverage older check lint format docs bench bench-routing soak lock clean

help:  ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# uv installs in seconds what takes pip minutes; pip takes over where uv cannot reach the package index. Bytecode is
# compiled at once, as pip does: LiteLLM alone takes seconds to compile, in every process where nobody may write it.
define install
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $(1) \
		|| $(BIN)/python -m pip install --quiet --require-hashes -r $(1)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
endef

# Hatch compiles it at every installation; this is for a checkout in which the sources changed since.
NATIVE := $(wildcard collector/native/*.[ch])
$(VENV)/.native: $(VENV)/.dev $(NATIVE)
	$(BIN)/python hatch_build.py
	@touch $@

# What tests need includes what the demo needs.
$(VENV)/.demo: requirements/demo.txt pyproject.toml
	$(if $(wildcard $(VENV)/.dev),@touch $@,$(call install,requirements/demo.txt))

$(VENV)/.dev: $(LOCK) pyproject.toml
	$(call install,$(LOCK))

demo: $(VENV)/.demo  ## fake providers, real LiteLLM traffic, hub and dashboard, on this machine alone
	$(BIN)/scalix demo

serve: $(VENV)/.demo  ## the hub and dashboard over SCALIX_HOME
	$(BIN)/scalix up

test: $(VENV)/.native  ## the whole suite except the long runs
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

# Measured processes take half as long again. A promise about time that breaks by that is for `make test` to judge.
coverage: $(VENV)/.native  ## the suite with a gate of 90 % of all branches and lines
	-$(BIN)/python -m pytest -n 2 --dist loadgroup --timeout 600 --cov --cov-report= $(ARGS)
	$(BIN)/coverage report

# What asks DuckDB the most: `make older OLDER=tests` runs the whole suite on it.
OLDER ?= tests/store tests/analytics/intake tests/analytics/lake tests/analytics/rollups tests/analytics/spend tests/analytics/reliability tests/cli/test_sql.py
older: export VENV := .venv-older
older:  ## the tests of the ledger on DuckDB 1.5.5, the oldest one supported
	$(MAKE) $(VENV)/.dev
	$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --require-hashes -r requirements/duckdb-1.5.txt \
		|| $(VENV)/bin/python -m pip install --quiet --require-hashes -r requirements/duckdb-1.5.txt
	$(VENV)/bin/python -m pytest -n 2 --dist loadgroup $(OLDER) $(ARGS)

check: lint docs  ## everything that is not a test: lint, types, layers, docs

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## rewrite the layout of the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev  ## check that generated pages are current and links lead somewhere
	$(BIN)/python -m docs.check

bench: $(VENV)/.native  ## measurements, each checks its own answers
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt \
		|| $(BIN)/python -m pip install --quiet --require-hashes -r requirements/bench.txt
	$(BIN)/python -m benchmarks

bench-routing: $(VENV)/.dev  ## Scalix against LiteLLM's strategies and a clairvoyant, in 20 generated worlds
	$(BIN)/python -m benchmarks.routing_worlds $(ARGS)

soak: $(VENV)/.native  ## the long versions of the fault tests: 1,000 kills, 100,000 fuzzed payloads
	SCALIX_SOAK=$${SCALIX_SOAK:-1} $(BIN)/python -m pytest -n 2 --dist loadgroup -m soak $(ARGS)

lock:  ## resolve the dependencies anew (needs uv)
	sh requirements/lock.sh

clean:  ## remove what the verbs above made
	rm -rf $(VENV) .venv-* dist build demo-data .coverage* htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
