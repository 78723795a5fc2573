# Each target is a line or two over the tools; CONTRIBUTING.md says when to use which.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
TEST_STAMP := .venv/.installed-test
# The tests on all cores; what one module starts is shared by its tests, so neighbours stay together.
SIDE_BY_SIDE := -n auto --dist worksteal

# Each tracker alone, and the pairs that are promised.
CASES := github jira sandbox github+jira jira+sandbox github+sandbox \
	pingcode worktile redmine gitea jira+pingcode pingcode+github redmine+gitea
SCHEDULES ?= 2000
SEED ?= 7

.PHONY: install run test check bench lab proof docs checklists translations browser imap corpora
install: $(STAMP)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

$(STAMP): pyproject.toml hatch_build.py package-lock.json | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(TEST_STAMP): pyproject.toml $(STAMP) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[postgres,gunicorn]' --group test --group check
	for folder in plugins_contrib/*/; do $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e $$folder || exit 1; done
	@touch $@

run: install
	$(BIN)/hub run --demo

test: $(TEST_STAMP)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

check: $(TEST_STAMP)
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/deptry . && $(BIN)/vulture

bench: $(TEST_STAMP)
	for name in ingest board idle mail sync search pages browsers; do $(BIN)/python bench/$$name.py || exit 1; done

# The promises of the sync, two cases at a time: an hour and a half of one core, or less by SCHEDULES=200.
lab: $(TEST_STAMP)
	$(MAKE) --keep-going -j2 $(CASES:%=lab-%)

lab-%: $(TEST_STAMP)
	$(BIN)/hub lab sync --tracker $* --schedules $(SCHEDULES) --seed $(SEED) --shrink

# What takes too long for every change; run before a release.
proof: $(TEST_STAMP)
	HUB_PROOF=1 $(BIN)/python -m pytest $(SIDE_BY_SIDE)
	$(MAKE) lab
	$(MAKE) bench
	$(BIN)/python bench/peers.py

# What the browser tests need besides: Debian's Chromium and a Chinese font.
browser:
	apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk

# The real IMAP server that the tests of intake and bench/mail.py run, each its own; the tests do without, by pymap.
imap:
	apt-get update -qq && apt-get install -y -qq --no-install-recommends dovecot-imapd

# What others collected of bounces: the tests of intake read it from this archive.
corpora: $(TEST_STAMP)
	$(BIN)/python -m pip download --quiet --no-deps --no-binary flufl.bounce --dest .venv/corpora flufl.bounce==6.0.0

docs: $(TEST_STAMP)
	$(BIN)/python -m hub.testing.hooksdoc > docs/plugins/hooks.md

# What the plugins page says of the plugins in the box and of those beside it.
checklists: $(TEST_STAMP)
	$(BIN)/python -m hub.testing.telling $$($(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["entry-points"]["hub.plugins"])') $(dir $(wildcard plugins_contrib/*/pyproject.toml))

translations: $(TEST_STAMP)
	$(BIN)/pybabel -q extract -F babel.cfg -k lazy_gettext -k _l --no-location --sort-output -o .venv/messages.pot hub
	$(BIN)/pybabel -q update -i .venv/messages.pot -d hub/translations -l zh --no-fuzzy-matching --ignore-obsolete
