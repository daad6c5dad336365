# The verbs of the whole project. This file knows their order; the Makefile of each component knows
# how to do its part.

ROOT := $(dir $(lastword $(MAKEFILE_LIST)))

include $(ROOT)scripts/common.mk

COMPONENTS := backend frontend scripts/ci scripts/supply scripts/prism
# Where `make run` and `make run-multi` keep the data of the modules.
DATA := $(ROOT).data

PROJECT := -f $(ROOT)project.mk
BACKEND := -C $(ROOT)backend
FRONTEND := -C $(ROOT)frontend
CI := -C $(ROOT)scripts/ci
SUPPLY := -C $(ROOT)scripts/supply
PRISM := -C $(ROOT)scripts/prism

##@ Specs and clients

# A module that cannot be exported, or a client that cannot be generated, keeps nothing else from
# being up to date: both sides are generated from the specs that there are, and errors come last.
.PHONY: generate-clients-all
generate-clients-all: ## bring every spec and every client up to date
	@$(MAKE) $(BACKEND) export-report
	@$(MAKE) $(PROJECT) --keep-going typescript-clients generate-python-clients

.PHONY: export-specs-all
export-specs-all: ## export the OpenAPI and AsyncAPI spec of every module
	@$(MAKE) $(BACKEND) export-specs

.PHONY: generate-python-clients
generate-python-clients: ## generate the Python clients, for calls between modules
	@$(MAKE) $(BACKEND) generate-python-clients

.PHONY: generate-frontend-clients
generate-frontend-clients: typescript-clients ## generate the TypeScript clients and WebSocket types
	@$(MAKE) $(BACKEND) export-specs

.PHONY: typescript-clients
typescript-clients:
	@$(MAKE) $(BACKEND) export-report
	@$(MAKE) $(FRONTEND) generate-clients

##@ Running

PORT ?= 8000

.PHONY: run
run: page ## serve every module and the page from one process, at 127.0.0.1:8000 (PORT=...)
	@$(MAKE) $(BACKEND) serve PORT=$(PORT)

.PHONY: run-multi
run-multi: page ## the same with one process per module, each restarted when it ends
	@$(MAKE) $(BACKEND) serve-multi PORT=$(PORT)

.PHONY: token
token: ## print a token of the development issuer (SCOPE="broker:read ...", default: all; SUBJECT=, SECONDS=3600)
	@$(MAKE) $(BACKEND) token

.PHONY: page
page: generate-clients-all
	@$(MAKE) $(FRONTEND) build

##@ Checks

.PHONY: test-all
test-all: generate-clients-all ## run the tests of both components, and of the documents
	@echo "testing, about 6 minutes; each of three parts prints its results when it is done"
	@$(MAKE) $(PROJECT) --jobs=3 --output-sync=target test-backend-units test-processes test-frontend-and-docs

.PHONY: test-backend
test-backend:
	@$(MAKE) $(BACKEND) test

.PHONY: test-frontend
test-frontend:
	@$(MAKE) $(FRONTEND) test
	@$(MAKE) $(FRONTEND) type-check
	@$(MAKE) $(FRONTEND) test-browser

# The parts of `test-all`: that of the processes often waits.
PROCESSES := tests/integration
BENCHMARKS := tests/test_benchmarks.py

.PHONY: test-backend-units
test-backend-units:
	@$(MAKE) $(BACKEND) test TESTS="$(PROCESSES:%=--ignore=%) $(BENCHMARKS:%=--ignore=%)"

.PHONY: test-processes
test-processes:
	@$(MAKE) $(BACKEND) test TESTS="$(PROCESSES)"

.PHONY: test-benchmarks
test-benchmarks: generate-clients-all ## run each benchmark once, as small as possible; not a part of test-all
	@$(MAKE) $(BACKEND) test TESTS="$(BENCHMARKS)"

.PHONY: test-frontend-and-docs
test-frontend-and-docs: test-frontend
	@$(MAKE) $(BACKEND) test-docs

.PHONY: test-prism
test-prism: generate-clients-all ## let Stoplight Prism compare the services and the clients with the specs; not a part of test-all
	@$(MAKE) $(PRISM) test

.PHONY: lint-all
lint-all: generate-clients-all ## run every linter and type checker of both components and of the workflow
	@$(MAKE) $(BACKEND) lint
	@$(MAKE) $(FRONTEND) lint type-check
	@$(MAKE) $(CI) lint

.PHONY: lint-ci
lint-ci: ## check the workflow of .github: schema, expressions, security
	@$(MAKE) $(CI) lint

.PHONY: test-ci
test-ci: ## run the workflow on this machine, from a clone (JOB=lint: one job and those it needs)
	@$(MAKE) $(CI) test JOB=$(JOB)

.PHONY: test-docs
test-docs: generate-clients-all ## run the examples of the documents, and check their links, paths and make targets
	@$(MAKE) $(BACKEND) test-docs

.PHONY: api-diff
api-diff: ## compare the API with that of a commit, and fail on a break (BASE=origin/main, JSON=file)
	@$(MAKE) $(BACKEND) api-diff $(if $(BASE),BASE='$(BASE)') $(if $(JSON),JSON='$(abspath $(JSON))')

.PHONY: check-generated
check-generated: ## say which generated files are stale, and how to mend them; writes none of them
	@$(MAKE) --silent $(BACKEND) install
	@$(MAKE) --silent $(FRONTEND) install
	@$(ROOT)backend/.venv/bin/python $(ROOT)scripts/check_generated.py

.PHONY: docs-tables
docs-tables: ## write the tables of docs/MAKEFILE-GUIDE.md (settings) and docs/API-CHANGES.md (kinds of changes)
	@$(MAKE) $(BACKEND) docs-tables

.PHONY: shapes
shapes: ## call each shape with the clients of both generators, and write the table of docs/CLIENT-GENERATION.md (SHAPE=name: one)
	@$(MAKE) $(BACKEND) shapes SHAPE=$(SHAPE)

.PHONY: validate
validate: ## check the tasks of the plan, and write docs/PLAN-STATUS.md (TASK=2.5: one task)
	@$(ROOT)scripts/validate-plan.sh scripts/plan.txt docs/PLAN-STATUS.md $(TASK)

##@ Packages

.PHONY: audit
audit: ## verify all packages, and list their licences; with a network, ask for known vulnerabilities
	@$(MAKE) $(PROJECT) --keep-going audit-backend audit-frontend audit-tools

.PHONY: audit-backend
audit-backend:
	@$(MAKE) $(BACKEND) audit

.PHONY: audit-frontend
audit-frontend:
	@$(MAKE) $(FRONTEND) audit

.PHONY: audit-tools
audit-tools:
	@$(MAKE) $(SUPPLY) audit

.PHONY: sbom
sbom: ## write the software bills of materials of backend and frontend (CycloneDX)
	@$(MAKE) $(BACKEND) sbom
	@$(MAKE) $(FRONTEND) sbom

##@ Cleaning

.PHONY: clean-all
clean-all: ## remove everything that is generated or installed, and the data of `make run`
	@$(if $(wildcard $(DATA)/*),echo "removing the data of the modules: $(wildcard $(DATA)/*)")
	@rm -rf $(DATA)
	@$(MAKE) $(BACKEND) clean
	@$(MAKE) $(FRONTEND) clean
	@$(MAKE) $(CI) clean
	@$(MAKE) $(SUPPLY) clean
	@$(MAKE) $(PRISM) clean
