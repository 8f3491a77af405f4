# Python 3.11 or later with venv is all that is needed. Another one: make PYTHON=python3.13 test
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: audit bench clean compare demo dist fuzz install lint lock mutate replay sbom support-data system
.PHONY: test

demo: $(VENV)/.runtime  ## audit the embedded sample platform
	$(BIN)/gdpr-audit demo

install: $(VENV)/.runtime  ## set up; afterwards .venv/bin/gdpr-audit works

test: $(VENV)/.dev system  ## run everything; on two cores a third process fills the waits
	$(BIN)/python -m pytest -n 3 --dist loadgroup

lint: $(VENV)/.dev  ## style, types, who may know whom, the rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/gdpr-audit rules test rules

replay: $(VENV)/.dev system  ## replay real decisions: each fault found, each repaired twin clean
	@$(BIN)/python -m tests.replay

compare: $(VENV)/.dev system  ## beside sslyze, testssl.sh, nmap and wapiti: docs/comparison.md, a quarter of an hour
	$(BIN)/python -m tools.compare

bench: $(VENV)/.dev  ## measure; results in benchmarks/results/
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/transport.py
	$(BIN)/python benchmarks/fleet.py
	$(BIN)/python -m benchmarks.hostile

mutate: $(VENV)/.dev  ## change rules and judge a bit at a time: does a test notice? docs/mutation.md
	$(BIN)/python -m tools.mutate

# Without a network: ADVISORIES=all.zip names OSV's records; STRICT=1 fails on what was not looked at.
audit: $(VENV)/.dev  ## are dependencies as locked, and is a vulnerability of them known?
	@$(BIN)/python -m tools.supply.audit

sbom: $(VENV)/.dev  ## what the wheel depends on (CycloneDX)
	@$(BIN)/python -W ignore -m tools.supply.sbom dist/gdpr_audit.cdx.json

dist: $(VENV)/.dev  ## wheel, source archive, bill of materials and their hashes: the same bytes each time
	@$(BIN)/python -W ignore -m tools.supply.dist

# FUZZ_SECONDS for each reader; FUZZ=artefact-mysql for one alone. docs/fuzzing.md
fuzz: $(VENV)/.fuzz  ## try every reader of input on what nobody has tried yet
	FUZZ_LARGE=1 $(BIN)/python -m pytest -q tests/hostile/test_inputs.py
	@$(BIN)/python -m tests.fuzz $(FUZZ)

support-data: $(VENV)/.runtime  ## renew the dated data on ends of support
	$(BIN)/python tools/support_data.py

# Where we may install (root on Debian) the tests' system programs are installed; elsewhere the
# tests that need them are left out, and listed at the end of the run with how to get them.
system:
	@sh tests/system-packages.sh

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "Python has no venv: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# sslyze comes as source only, so that setuptools must be there before it
$(VENV)/.build: requirements-build.txt | $(BIN)/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements-build.txt
	@touch $@

$(VENV)/.runtime: requirements.txt pyproject.toml $(VENV)/.build
	$(BIN)/python -m pip install -q --require-hashes --no-build-isolation -r requirements.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q gdpr_audit  # as pip does for a wheel
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install -q --require-hashes --no-build-isolation -r requirements-dev.txt
	@touch $@

$(VENV)/.fuzz: requirements-fuzz.txt $(VENV)/.dev
	$(BIN)/python -m pip install -q --require-hashes --only-binary :all: -r requirements-fuzz.txt
	@touch $@

UV := uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-strip-extras
lock:  ## renew the locks (needs uv)
	$(UV) requirements-build.in -o requirements-build.txt
	$(UV) pyproject.toml -c requirements-build.txt -o requirements.txt
	$(UV) pyproject.toml --extra pdf -c requirements.txt -c requirements-build.txt -o requirements-pdf.txt
	$(UV) requirements-dev.in -c requirements-pdf.txt -c requirements-build.txt -o requirements-dev.txt
	$(UV) requirements-fuzz.in -o requirements-fuzz.txt

clean:
	rm -rf $(VENV) dist build gdpr-audit-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
