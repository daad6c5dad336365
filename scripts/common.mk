# Shell flags and help, the same for every Makefile of this repository. Knows nothing of the project.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory


COMMON_DIR := $(dir $(lastword $(MAKEFILE_LIST)))

# $(call remember,FILE,WORDS): keep WORDS in FILE, rewritten only when they differ. A target that
# depends on FILE is then remade when a file of a wildcard disappears, which time stamps cannot show.
remember = $(if $(filter-out $(strip $(file <$1)),$(strip $2))$(filter-out $(strip $2),$(strip $(file <$1))),$(shell mkdir -p $(dir $1))$(file >$1,$(strip $2)))

# $(call absent,FILES): those of FILES that do not exist.
absent = $(filter-out $(wildcard $1),$1)

.PHONY: FORCE
FORCE:

##@ General

.PHONY: help
help: ## list the targets of this Makefile
	@awk -f $(COMMON_DIR)help.awk $(MAKEFILE_LIST)
