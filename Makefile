# Everything runs in an environment of the checkout's own, which is made once and again when pyproject.toml changes.
# Another Python than python3 (3.11 or later): make demo PYTHON=python3.13

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: help setup demo test cover oldest bench bench-quick check format clean

help:
	@echo "make demo    train, export, serve and ask, with the time of each"
	@echo "make test    run the tests; ARGS='-k tables' runs some"
	@echo "make cover   run the handlers' tests, which leave no branch of a handler untried"
	@echo "make oldest  prove every estimator of the oldest scikit-learn that is supported"
	@echo "make bench   measure everything (docs/benchmarks.md); ARGS='--only=startup' measures some"
	@echo "make bench-quick  the ratios that must hold on any machine"
	@echo "make check   formatting, lint, types and the rules of the house"
	@echo "make format  mend what the formatter and the linter can"
	@echo "make clean   remove the environment and all that tools have cached"

setup: $(READY)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("leanfn needs Python 3.11 or later\n  found:  %s\nName one: make PYTHON=python3.13" % sys.version.split()[0])'
	@echo "setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(READY)
	@$(BIN)/python demo.py

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

cover: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile tests/handlers --cov=handlers --cov-branch --cov-fail-under=100 \
		--cov-report=term-missing:skip-covered

# The oldest scikit-learn that leanfn exports from, in an environment of its own.
$(VENV)-oldest/ready: pyproject.toml
	@$(PYTHON) -m venv $(VENV)-oldest
	@$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check 'scikit-learn==1.4.2' 'scipy<1.13' \
		'numpy<2' 'pandas<2.3' joblib pytest hypothesis
	@touch $@

oldest: $(VENV)-oldest/ready
	$(VENV)-oldest/bin/python -m pytest tests/test_coverage.py tests/exporters/lean/test_linear_model.py

bench: $(READY)
	$(BIN)/python -m benchmarks.run $(ARGS)

bench-quick: $(READY)
	$(BIN)/python -m benchmarks.quick

check: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf $(VENV) $(VENV)-oldest .bench build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache .coverage
