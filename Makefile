# Everything a newcomer needs: `make up` and `make test`. All that they install stays in .venv, .tools and .berth.
SHELL := /bin/bash
PYTHON ?= python3
BERTH := .venv/bin/berth
STACK ?= local
# Of tests: more than there are cores, as whole flows wait for other processes.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 2) * 3 // 2)')
# Compiled modules are kept, whatever the caller's shell says: `import pulumi_aws` without them takes seconds.
unexport PYTHONDONTWRITEBYTECODE
export PYRIGHT_PYTHON_CACHE_DIR := $(CURDIR)/.tools/pyright
export npm_config_cache := $(CURDIR)/.tools/npm

.PHONY: help setup up status preview down env test stories check format docs bench lock clean

.venv:
	@echo "nothing is set up in this checkout yet; run \`make up\` or \`make setup\` first" >&2; exit 1

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{gsub(/[$$][$$]/, "$$", $$2); printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing or has changed (Python environment, Pulumi CLI)
	@$(PYTHON) -m bootstrap

up: setup ## deploy stack `local` on the sandbox and show what runs and what it costs
	@$(BERTH) sandbox up

status: | .venv ## show that table again
	@$(BERTH) sandbox exec berth status --stack $(STACK)

preview: setup ## what `make up` would change and cost, with the policies
	@$(BERTH) sandbox exec berth ci preview --stack local

down: | .venv ## destroy stack `local` and stop the sandbox
	@$(BERTH) sandbox down

env: | .venv ## the environment for `pulumi`, `berth`, `aws` and boto3 on the sandbox: eval "$$(make -s env)"
	@$(BERTH) sandbox env

test: ## every test of seconds, the real Pulumi CLI against the sandbox included
	@$(PYTHON) -m bootstrap --for-tests
	@# Three runs: the sandbox makes moto as strict as AWS for its whole process, and other tests want it as it is.
	@set -e; for part in "components tests --ignore=tests/sandbox" "sandbox tests/sandbox" images; do \
		.venv/bin/python -m pytest -n $(WORKERS) --dist loadfile -m "not story" $$part; done

stories: ## the tests of minutes: each target, front, keeper, account and pipeline through all its changes
	@$(PYTHON) -m bootstrap --for-tests
	@.venv/bin/python -m pytest -n $(WORKERS) --dist loadfile -m story tests/e2e

check: setup ## format, lint, types, import rules, workflows
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/pyright
	@.venv/bin/pyright -p images/gateway
	@.venv/bin/pyright -p images/weight_cache
	@.venv/bin/pyright -p images/runpod_worker
	@.venv/bin/lint-imports
	@$(PYTHON) -m bootstrap.actionlint
	@.tools/lint/actionlint -shellcheck .venv/bin/shellcheck
	@.venv/bin/check-jsonschema -q --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@.venv/bin/check-jsonschema -q --builtin-schema vendor.github-actions .github/actions/*/action.yml
	@.venv/bin/check-jsonschema -q --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml
	@.venv/bin/zizmor --offline -q .github

format: ## rewrite the sources in the one format
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

docs: setup ## rewrite the generated reference pages
	@.venv/bin/python -m components.plan.reference
	@.venv/bin/python -m policies.reference
	@.venv/bin/python -m bench.accuracy > /dev/null
	@.venv/bin/python -m bench.printed

bench: setup ## how well speed is predicted, and how fast plans and previews are here and now
	@.venv/bin/python -m bench

lock: ## resolve the lock files anew, of this project and of each image
	@.tools/uv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		pyproject.toml --group policies --group sandbox --group gateway --group clients --group dev --extra runpod --extra local -o requirements.lock
	@.tools/uv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		pyproject.toml --extra sagemaker -o requirements-sagemaker-sdk.lock
	@for image in gateway weight_cache runpod_worker; do cd $(CURDIR)/images/$$image && \
		$(CURDIR)/.tools/uv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
			pyproject.toml --all-extras -o requirements.lock && \
		sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml | $(CURDIR)/.tools/uv/bin/uv pip compile -q --universal --generate-hashes \
			--no-emit-index-url --no-header --python-version 3.11 - -o requirements-build.lock || exit 1; done

clean: ## stop the sandbox and remove everything that was installed or made here
	@if [ -x .venv/bin/python ]; then .venv/bin/python -m sandbox stop || true; fi
	@rm -rf .venv .tools .berth .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
