# The verbs of the whole project. Each component's own Makefile knows how; this one knows the order.

include $(dir $(lastword $(MAKEFILE_LIST)))scripts/common.mk

##@ Specs and clients

# What can be exported is exported first. A broken module is then reported by the target that needs
# it, after the clients of the others are made; so the frontend comes before the backend here.
.PHONY: generate-clients-all
generate-clients-all: generate-frontend-clients generate-python-clients ## bring every spec and every client up to date

.PHONY: export-specs-all
export-specs-all: sound-specs ## export the OpenAPI and AsyncAPI spec of every module
	@$(MAKE) -C backend export-specs

.PHONY: generate-python-clients
generate-python-clients: sound-specs ## generate the Python clients, for calls between modules
	@$(MAKE) -C backend generate-python-clients export-asyncapi-specs

.PHONY: generate-frontend-clients
generate-frontend-clients: sound-specs ## generate the TypeScript clients and WebSocket types
	@$(MAKE) -C frontend generate-clients

.PHONY: sound-specs
sound-specs:
	@$(MAKE) -C backend export-sound-specs

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
