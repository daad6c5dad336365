# Shell flags, version checks, environments and help, shared by every Makefile of this repository.

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error GNU make 4.3 or newer is needed, this is $(MAKE_VERSION); on macOS: brew install make bash, then use gmake instead of make)
endif

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory

# The Makefiles that a Makefile calls have made sure of this already.
ifeq ($(MAKELEVEL),0)
ifneq ($(shell bash -c '((BASH_VERSINFO[0] >= 5)) && echo 5'),5)
$(error bash 5 or newer is needed, and `bash` in the PATH is older; on macOS: brew install bash)
endif
endif

COMMON_DIR := $(dir $(lastword $(MAKEFILE_LIST)))

# $(call remember,FILE,WORDS): keep WORDS in FILE, rewritten only when they differ. A target that
# depends on FILE is then remade when a file of a wildcard disappears, which time stamps cannot show.
remember = $(if $(filter-out $(strip $(file <$1)),$(strip $2))$(filter-out $(strip $2),$(strip $(file <$1))),$(shell mkdir -p $(dir $1))$(file >$1,$(strip $2)))

# $(call found,ARGUMENTS): the files that `find ARGUMENTS` prints, with their spaces escaped.
found = $(shell find $1 -print 2>/dev/null | sed 's/ /\\ /g' | LC_ALL=C sort)

# $(call absent,FILES): those of FILES that do not exist.
absent = $(filter-out $(wildcard $1),$1)

PYTHON_CHECK := import sys; sys.exit(None if sys.version_info >= (3, 11) else \
	f"error: Python 3.11 or newer is needed, but python3 is {sys.version.split()[0]}; install it, or put it first in the PATH")

# $(call venv,FOLDER,LOCK): a recipe that creates a virtual environment with the packages of a lock.
# `venv --clear` would empty the environment that a link points to, such as that of another worktree.
# pip shows its progress on a terminal, and is quiet in a log.
define venv
@python3 -c '$(PYTHON_CHECK)'
@rm -rf $1 && python3 -m venv $1
@$1/bin/pip install $$([[ -t 1 ]] || echo --quiet) --disable-pip-version-check --require-hashes --no-deps --requirement $2
endef

.PHONY: FORCE
FORCE:

##@ General

.PHONY: help
help: ## list the targets, those of the components included
	@awk -f $(COMMON_DIR)help.awk $(MAKEFILE_LIST)
	@$(foreach folder,$(COMPONENTS),printf '\nmake -C %s ...\n' $(folder); $(MAKE) -C $(ROOT)$(folder) help;)
