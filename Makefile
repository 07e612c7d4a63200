# Everything a newcomer needs. Plain `make` lists it.

# python3 honours .python-version; should that name a version that is not installed, any other
# Python that is new enough will do.
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 12))
CANDIDATES = python3 python3.14 python3.13 python3.12 /usr/bin/python3 /usr/local/bin/python3 \
  $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.1[2-9]*/bin/python3)
FIND_PYTHON = for python in $(CANDIDATES); do \
  "$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$python" && exit; done

RUN = .venv/bin/python
MANAGE = $(RUN) manage.py
TEST = $(RUN) -m auditsite.embedded test -- $(RUN) -m pytest
SOURCES = audit auditsite tests manage.py
# For commands that start Django, but neither serve nor sign anything.
NO_SERVICE = SECRET_KEY=$$(head -c 48 /dev/urandom | base64) ALLOWED_HOSTS=localhost

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint format bench lock clean venv

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: venv ## Serve a demo organisation on http://127.0.0.1:8000 (PORT=… for another port)
	@$(RUN) -m auditsite.launch demo

serve: venv ## Serve without demo data
	@$(RUN) -m auditsite.launch serve

test: venv ## Run every test, on a throw-away database (ARGS="tests/diff -q" for some)
	@$(TEST) $(or $(ARGS),-n auto)

lint: venv ## Check style, types, imports, templates, migrations and deployment settings
	$(RUN) -m ruff check $(SOURCES)
	$(RUN) -m ruff format --check $(SOURCES)
	find templates -name '*.html' -exec .venv/bin/djade --target-version 6.1 --check {} +
	$(RUN) -m mypy
	$(RUN) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(NO_SERVICE) $(RUN) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(NO_SERVICE) $(MANAGE) check --deploy --fail-level WARNING

format: venv ## Format code and templates
	$(RUN) -m ruff check --fix-only $(SOURCES)
	$(RUN) -m ruff format $(SOURCES)
	-find templates -name '*.html' -exec .venv/bin/djade --target-version 6.1 {} +

bench: venv ## Measure the events page against bare SQL (SIZE=10000000 for another size)
	@$(NO_SERVICE) $(RUN) -m auditsite.embedded run --data .data/bench --set shared_buffers=2GB \
	  -- $(MANAGE) bench --size $(or $(SIZE),1000000) $(ARGS)

lock: ## Pin the dependencies of pyproject.toml anew, keeping the versions there are (needs uv)
	uv pip compile pyproject.toml --extra server --group test --group lint --group bench --universal \
	  --python-version 3.12 --generate-hashes --no-header --no-annotate -o requirements.lock

clean: ## Remove the virtual environment, the data and the caches
	rm -rf .venv .data test-results .mypy_cache .ruff_cache .pytest_cache
	rm -rf .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@python=$$($(FIND_PYTHON)); if [ -z "$$python" ]; then \
	  echo 'Auditsite needs Python 3.12 or newer, and found none: install one, or name it in .python-version.' >&2; \
	  exit 1; fi; "$$python" -I auditsite/install.py
