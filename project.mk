# The verbs of the whole project. Each component's own Makefile knows how; this one knows the order.

ROOT := $(dir $(lastword $(MAKEFILE_LIST)))

include $(ROOT)scripts/common.mk

##@ Specs and clients

# What can be exported is exported first, and then both sides are made: neither a broken module nor a
# refusal by one side keeps the rest from what it can have. What failed is reported by exit code.
.PHONY: generate-clients-all
generate-clients-all: ## bring every spec and every client up to date
	@$(MAKE) --keep-going -f $(ROOT)project.mk generate-frontend-clients generate-python-clients

.PHONY: export-specs-all
export-specs-all: sound-specs ## export the OpenAPI and AsyncAPI spec of every module
	@$(MAKE) -C $(ROOT)backend export-specs

.PHONY: generate-python-clients
generate-python-clients: sound-specs ## generate the Python clients, for calls between modules
	@$(MAKE) -C $(ROOT)backend generate-python-clients export-asyncapi-specs

.PHONY: generate-frontend-clients
generate-frontend-clients: sound-specs ## generate the TypeScript clients and WebSocket types
	@$(MAKE) -C $(ROOT)frontend generate-clients

.PHONY: sound-specs
sound-specs:
	@$(MAKE) -C $(ROOT)backend export-sound-specs

# Scripts that concern both components run with the backend's environment.
ON_BACKEND := PYTHONPATH=$(abspath $(ROOT)scripts):$(abspath $(ROOT)backend/scripts) $(ROOT)backend/.venv/bin/python

##@ Running

PORT := 8000
SERVE := $(ROOT)backend/.venv/bin/python $(ROOT)scripts

.PHONY: run
run: page ## serve every module and the page from one process, at 127.0.0.1:8000 (PORT=...)
	@exec $(SERVE)/run.py --port $(PORT)

.PHONY: run-multi
run-multi: page ## the same with one process per module, each restarted when it ends
	@exec $(SERVE)/run_multi.py --port $(PORT)

.PHONY: page
page: generate-clients-all
	@$(MAKE) -C $(ROOT)frontend build

##@ Checks

.PHONY: test-all
test-all: generate-clients-all ## run every test of both components, and of the documents
	@$(MAKE) -C $(ROOT)backend test
	@$(MAKE) -C $(ROOT)frontend test type-check test-browser
	@$(MAKE) -f $(ROOT)project.mk test-docs

.PHONY: lint-all
lint-all: generate-clients-all ## run every linter and type checker of both components and of the workflow
	@$(MAKE) -C $(ROOT)backend lint
	@$(MAKE) -C $(ROOT)frontend lint type-check
	@$(MAKE) -C $(ROOT)scripts/ci lint

.PHONY: lint-ci
lint-ci: ## check the workflow of .github: schema, expressions, security
	@$(MAKE) -C $(ROOT)scripts/ci lint

.PHONY: test-ci
test-ci: ## run the workflow on this machine, from a clone (JOB=lint: one job and those it needs)
	@$(MAKE) -C $(ROOT)scripts/ci test JOB=$(JOB)

.PHONY: test-docs
test-docs: generate-clients-all ## run the examples of the documents, and check their links, paths and make targets
	@cd $(ROOT)backend && .venv/bin/python -m pytest --config-file pyproject.toml ../scripts/tests

.PHONY: docs-tables
docs-tables: ## write the table of settings in docs/MAKEFILE-GUIDE.md
	@$(MAKE) -C $(ROOT)backend install
	@$(ON_BACKEND) -m docs.settings

.PHONY: validate
validate: ## check the tasks of the plan, and write docs/PLAN-STATUS.md (TASK=2.5: one task)
	@$(ROOT)scripts/validate-plan.sh scripts/plan.txt docs/PLAN-STATUS.md $(TASK)

.PHONY: clean-all
clean-all: ## remove everything that is generated or installed
	@$(MAKE) -C $(ROOT)backend clean
	@$(MAKE) -C $(ROOT)frontend clean
	@$(MAKE) -C $(ROOT)scripts/ci clean
