# Every command of the project. `make help` explains them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8080
export PORT

.PHONY: help run test lint format types contract migrate seed bench races kill fuzz browser screens \
	timing demo lock test-the-tests sbom advisories clean setup setup-test

help: ## this list
	@echo "IQX. Start with: make run"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, migrate, seed, start http://localhost:8080 (PORT=8081 changes the port)
	@tools/run

test: ## every check: style, types, layers, tests on SQLite and MariaDB (ARGS="tests/unit -k money" narrows)
	@tools/test $(ARGS)

lint: setup-test ## style, layers and a scan for secrets
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports
	@.venv/bin/python -m tests.tidy.secret_scan
	@npm run --silent lint

format: setup-test ## rewrite the code in the house style
	@.venv/bin/ruff check --fix-only -q .
	@.venv/bin/ruff format .
	@npm run --silent format

types: setup-test ## mypy and tsc, strict
	@tools/types
	@npm run --silent types

contract: setup-test ## write what is generated: contract/openapi.json, its TypeScript, docs/security/authorization.md
	@mkdir -p contract
	@.venv/bin/iqx openapi > contract/openapi.json.new && mv contract/openapi.json.new contract/openapi.json
	@npm run --silent --workspace contract/ts generate
	@mkdir -p docs/security
	@.venv/bin/iqx authorization > docs/security/authorization.md.new \
		&& mv docs/security/authorization.md.new docs/security/authorization.md

migrate: setup ## bring the database to the newest schema
	@.venv/bin/iqx migrate

seed: setup ## fill a development database with the demo world (only what is missing)
	@.venv/bin/iqx seed

bench: setup-test ## measure orders a second, latency and fan-out on a private MariaDB; writes bench/results
	@.venv/bin/python -m bench $(ARGS)

races: ## the long form of the race tests: processes, one barrier, one winner
	@tools/test --campaign tests/races $(ARGS)

kill: ## the long form of the kill tests: SIGKILL at every fault point
	@tools/test --campaign tests/kills $(ARGS)

fuzz: ## the long form of the random tests: matcher against its model, requests from our own document
	@tools/test --campaign -m fuzz $(ARGS)

browser: ## the journeys in Chromium, in their long form
	@tools/test --campaign tests/browser $(ARGS)

screens: setup-test ## a picture of every screen, in both themes and two sizes, into .run/screens (ARGS="FOLDER")
	@.venv/bin/python -m tests.browser.screens $(ARGS)

timing: ## 2,000 pairs of a known and an unknown account, at the real cost of passwords
	@WORKERS=1 tools/test --campaign tests/api/identity/test_timing.py $(ARGS)

demo: setup ## a live market of simulated people on a server of its own (ARGS="--minutes 2")
	@.venv/bin/iqx demo $(ARGS)

test-the-tests: ## apply each seeded bug and show that a named test catches it
	@tools/test-the-tests $(ARGS)

lock: setup-test ## lock requirements*.in anew, with hashes and without addresses
	@tools/lock

sbom: setup-test ## write build/sbom-*.json: every package, its version, hashes and licence (CycloneDX)
	@.venv/bin/python tools/write_sbom.py build

advisories: setup-test ## look for known advisories in local OSV databases (ADVISORIES="pypi.zip npm.zip")
	@.venv/bin/python tools/check_advisories.py $(ADVISORIES)

clean: ## remove the environment, caches and temporary files (databases stay)
	rm -rf .venv node_modules build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache .coverage
	if [ -d .run ]; then find .run -type f ! -name '*.db*' -delete; fi
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@tools/setup run

setup-test:
	@tools/setup test
