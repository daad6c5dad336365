"""The tasks of phases 3 to 5, and the checklist: TypeScript clients, pipeline, CI."""

from __future__ import annotations

from plan.check import Check, Command
from plan.commands import (
    ASYNCAPI,
    EXPORT_ALL,
    GENERATE_ALL,
    OPENAPI,
    PYTHON,
    REST,
    SRC,
    TEST_CI,
    TYPE_CHECK,
    WS,
)
from plan.facts import contains, exist, make_targets, printed, some_tests_ran
from plan.typescript import CLIENT_FOLDERS, plan_example_compiles
from plan.workflow import CLIENTS, EXPORT, jobs_succeeded, specs_are_handed_on

PHASE_3 = (
    Check(
        "3.1",
        "Update `frontend/scripts/generate-openapi-client.sh`",
        "it makes a typescript-axios client of each module's spec",
        (
            EXPORT_ALL,
            Command("make -C frontend install"),
            Command("rm -rf frontend/src/clients/trader-client-*"),
            Command("frontend/scripts/generate-openapi-client.sh"),
            exist(f"{REST}/api.ts", f"{REST}/index.ts"),
            contains("frontend/scripts/openapi-generator.json", '"typescript-axios"'),
            contains(f"{REST}/index.ts", "extends api."),
        ),
    ),
    Check(
        "3.2",
        "Update `frontend/scripts/generate-asyncapi-types.sh`",
        "it makes the message types of each module's spec",
        (
            EXPORT_ALL,
            Command("make -C frontend install"),
            Command("rm -rf frontend/src/clients/ws-types-*"),
            Command("frontend/scripts/generate-asyncapi-types.sh"),
            exist(f"{WS}/index.ts"),
            contains(f"{WS}/index.ts", "export type ServerMessage", "export const ADDRESS"),
        ),
    ),
    Check(
        "3.3",
        "Update `frontend/Makefile`",
        "`generate-clients` runs both scripts",
        (
            EXPORT_ALL,
            make_targets(
                "frontend",
                "Makefile",
                generate_clients="scripts/generate-openapi-client.sh"
                " scripts/generate-asyncapi-types.sh",
            ),
            Command("rm -rf frontend/src/clients/trader-client-* frontend/src/clients/ws-types-*"),
            Command("make generate-clients", "frontend"),
            exist(REST, WS),
        ),
    ),
    Check(
        "3.4",
        "Update `frontend/src/plugins/apiAdapter.ts`",
        "it loads each module's client at an address of its own; the plan's example compiles",
        (
            contains(
                "frontend/src/plugins/apiAdapter.ts",
                *(f'import("{folder}")' for folder in CLIENT_FOLDERS),
            ),
            contains(
                "frontend/src/plugins/apiAdapter.ts", 'baseUrl("broker")', 'baseUrl("datafeed")'
            ),
            GENERATE_ALL,
            plan_example_compiles,
            Command("npx vitest run tests/apiAdapter.test.ts", "frontend"),
            some_tests_ran,
        ),
    ),
    Check(
        "3.5",
        "Validate generation",
        "clients and types of both modules are there, and type-check passes",
        (
            EXPORT_ALL,
            Command("cd frontend && make generate-clients"),
            Command("ls src/clients/trader-client-*/", "frontend"),
            printed("^src/clients/trader-client-broker/", "^src/clients/trader-client-datafeed/"),
            Command("ls src/clients/ws-types-*/", "frontend"),
            printed("^src/clients/ws-types-broker/", "^src/clients/ws-types-datafeed/"),
            TYPE_CHECK,
        ),
    ),
)

TARGETS = (
    "export-specs-all",
    "generate-python-clients",
    "generate-frontend-clients",
    "generate-clients-all",
)
REMOVE_GENERATED = Command(
    f"rm -rf {SRC}/modules/*/specs {SRC}/clients frontend/src/clients/trader-client-*"
    " frontend/src/clients/ws-types-*"
)

PHASE_4 = (
    Check(
        "4.1",
        "Update `project.mk`",
        "the four targets exist; each makes what the plan says, from nothing",
        (
            make_targets(".", "project.mk", **{name.replace("-", "_"): "" for name in TARGETS}),
            REMOVE_GENERATED,
            EXPORT_ALL,
            exist(OPENAPI, ASYNCAPI),
            Command("make -f project.mk generate-python-clients"),
            exist(PYTHON),
            Command("make -f project.mk generate-frontend-clients"),
            exist(REST, WS),
            REMOVE_GENERATED,
            GENERATE_ALL,
            exist(OPENAPI, ASYNCAPI, PYTHON, REST, WS),
        ),
    ),
    Check(
        "4.2",
        "Validate pipeline",
        "all specs and clients are made, from nothing",
        (
            REMOVE_GENERATED,
            EXPORT_ALL,
            GENERATE_ALL,
            exist(OPENAPI, ASYNCAPI, PYTHON, REST, WS),
        ),
    ),
    Check(
        "4.3",
        "Update help target",
        "`help` lists the new targets",
        (
            Command("make -f project.mk help"),
            printed(*(rf"^  {name} +\w" for name in TARGETS)),
        ),
    ),
)

PHASE_5 = (
    Check(
        "5.1",
        "Update `.github/workflows/ci.yml`",
        "the three jobs exist; specs are uploaded once and downloaded by the jobs of the clients",
        (specs_are_handed_on, Command("make -f project.mk lint-ci")),
    ),
    Check(
        "5.2",
        "Validate CI",
        "the workflow's own steps, run from a fresh clone: specs handed on, clients, type checks",
        (TEST_CI, jobs_succeeded(EXPORT, *CLIENTS, "all-green")),
    ),
)

CHECKLIST = (
    Check(
        "C.1",
        "`make -f project.mk export-specs-all` works",
        "from nothing",
        (REMOVE_GENERATED, EXPORT_ALL, exist(OPENAPI, ASYNCAPI)),
    ),
    Check(
        "C.2",
        "`make -f project.mk generate-clients-all` works",
        "from nothing",
        (REMOVE_GENERATED, GENERATE_ALL, exist(PYTHON, REST, WS)),
    ),
    Check(
        "C.3",
        "Backend tests pass: `cd backend && make test`",
        "as written",
        (Command("cd backend && make test"), some_tests_ran),
    ),
    Check(
        "C.4",
        "Frontend tests pass: `cd frontend && make test`",
        "as written",
        (GENERATE_ALL, Command("cd frontend && make test"), some_tests_ran),
    ),
    Check(
        "C.5",
        "Type checks pass: `cd frontend && npm run type-check`",
        "as written",
        (GENERATE_ALL, TYPE_CHECK),
    ),
    Check(
        "C.6",
        "CI pipeline runs successfully",
        "every job of the workflow, run from a fresh clone",
        (TEST_CI, jobs_succeeded("all-green", "backend-test", "frontend-test", "lint")),
    ),
    Check(
        "C.7",
        "Documentation updated (ARCHITECTURE.md, CLIENT-GENERATION.md, MAKEFILE-GUIDE.md)",
        "its commands and examples run; its links, paths and tables hold",
        (
            exist("docs/ARCHITECTURE.md", "docs/CLIENT-GENERATION.md", "docs/MAKEFILE-GUIDE.md"),
            Command("make -f project.mk test-docs"),
            some_tests_ran,
        ),
    ),
)
