# Everything a person does with this checkout. "make" alone lists it.
.DEFAULT_GOAL := help
.PHONY: help run test check bench wheel assets lock clean

# The first Python on this machine that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python && break; done)
SETUP = @test -n "$(PYTHON)" || { echo "Civicboard needs Python 3.11 or newer. Install it, then try again."; exit 1; }; \
	$(PYTHON) bin/setup
ARGS ?=

help:  ## Show this list
	@sed -n 's/^\([a-z]*\):  *## /\1\t/p' Makefile | awk -F '\t' '{ printf "  make %-8s %s\n", $$1, $$2 }'

run:  ## Set up what is missing and start the board with its demo neighbourhood (PORT, CIVICBOARD_DATA)
	$(SETUP) run
	@CIVICBOARD_DEMO="$${CIVICBOARD_DEMO-1}" exec .venv/bin/civicboard serve

test:  ## Set up what is missing and run all tests (ARGS='-k sign_in' picks some)
	$(SETUP) test
	@CHROMIUM="$$(bin/chromium)" exec .venv/bin/pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

check:  ## Style, types, import rules, templates, security, migrations
	$(SETUP) dev
	@exec .venv/bin/python bin/check

bench:  ## Measure the board against the limits of this machine (ARGS picks what)
	$(SETUP) dev
	@exec .venv/bin/python -m bench $(ARGS)

wheel:  ## Build dist/civicboard-….whl, with migrations and browser assets inside
	$(SETUP) run
	@exec .venv/bin/uv build --wheel --out-dir dist

assets:  ## Install the browser assets that package.json pins
	$(SETUP) run

lock:  ## Renew requirements*.txt and package-lock.json after a change of pyproject.toml or package.json
	$(SETUP) dev
	@for name in requirements requirements-dev; do \
		[ $$name = requirements ] && more= || more='--group dev -c requirements.txt'; \
		.venv/bin/uv pip compile pyproject.toml $$more --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --annotation-style line --custom-compile-command 'make lock' \
			--quiet --output-file $$name.txt || exit 1; \
	done
	@PATH="$$PATH:$$PWD/.venv/bin" npm install --package-lock-only --ignore-scripts --no-audit --no-fund \
		--omit-lockfile-registry-resolved=true

clean:  ## Remove what was installed and built; the board's data in .civicboard stays
	rm -rf .venv node_modules civicboard/static/vendor tests/vendor dist build
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find civicboard tests migrations -name __pycache__ -type d -prune -exec rm -rf {} +
