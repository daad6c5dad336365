# The verbs of the whole project. Each component's own Makefile knows how; this one knows the order.

include $(dir $(lastword $(MAKEFILE_LIST)))scripts/common.mk

##@ Specs and clients

.PHONY: generate-clients-all
generate-clients-all: generate-python-clients generate-frontend-clients ## bring every spec and every client up to date

.PHONY: export-specs-all
export-specs-all: ## export the OpenAPI and AsyncAPI spec of every module
	@$(MAKE) -C backend export-specs

.PHONY: generate-python-clients
generate-python-clients: export-specs-all ## generate the Python clients, for calls between modules
	@$(MAKE) -C backend generate-python-clients

.PHONY: generate-frontend-clients
generate-frontend-clients: export-specs-all ## generate the TypeScript clients and WebSocket types
	@$(MAKE) -C frontend generate-clients

##@ Checks

.PHONY: test-all
test-all: generate-clients-all ## run every test of both components
	@$(MAKE) -C backend test
	@$(MAKE) -C frontend test type-check

.PHONY: lint-all
lint-all: generate-clients-all ## run every linter and type checker of both components
	@$(MAKE) -C backend lint
	@$(MAKE) -C frontend lint type-check

.PHONY: clean-all
clean-all: ## remove everything that is generated or installed
	@$(MAKE) -C backend clean
	@$(MAKE) -C frontend clean
