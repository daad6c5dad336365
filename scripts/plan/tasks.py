"""The tasks of the plan, 0.1 to 5.2, and its checklist, each with its check.

Ids, titles and commands are the plan's. Where it writes a command without a folder, the folder is
the one of the Makefile that has the target.
"""

from __future__ import annotations

from plan.check import Check, Command
from plan.facts import (
    absent,
    client_covers_spec,
    clients_use_httpx,
    contains,
    exist,
    ignored,
    make_targets,
    printed,
    printed_exactly,
    signature,
    some_tests_ran,
)
from plan.typescript import CLIENT_FOLDERS, plan_example_compiles
from plan.workflow import CLIENTS, EXPORT, jobs_succeeded, specs_are_handed_on

SRC = "backend/src/trading_api"
OPENAPI = f"{SRC}/modules/{{m}}/specs/openapi.json"
ASYNCAPI = f"{SRC}/modules/{{m}}/specs/asyncapi.json"
PYTHON = f"{SRC}/clients/{{m}}_client.py"
REST = "frontend/src/clients/trader-client-{m}"
WS = "frontend/src/clients/ws-types-{m}"
POETRY = Command("make -C scripts/plan install", shared=True)
POETRY_PATH = 'PATH="$PWD/../scripts/plan/.cache/bin:$PATH"'


def backend(text: str, venv: bool = False) -> Command:
    return Command(text, "backend", venv=venv)


def poetry(text: str) -> Command:
    """A command of the plan that starts with `poetry run`, with Poetry in the PATH."""
    return Command(f"{POETRY_PATH}; {text}", "backend")


EXPORT_ALL = Command("make -f project.mk export-specs-all")
GENERATE_ALL = Command("make -f project.mk generate-clients-all")
TYPE_CHECK = Command("cd frontend && npm run type-check", shared=True)
TEST_CI = Command("make -f project.mk test-ci", shared=True, limit=5400)

PHASE_0 = (
    Check(
        "0.1",
        "Create helper functions in `backend/src/trading_api/shared/utils.py`",
        "both have the plan's signature, find both modules, and pass their tests",
        (
            signature("trading_api.shared.utils.discover_modules", "(base_dir: Path) -> list[str]"),
            signature(
                "trading_api.shared.utils.discover_modules_with_websockets",
                "(base_dir: Path) -> list[str]",
            ),
            backend("python -m trading_api.shared.utils", venv=True),
            printed_exactly("broker", "datafeed"),
            backend("python -m pytest tests/test_discovery.py", venv=True),
            some_tests_ran,
        ),
    ),
    Check(
        "0.2",
        "Create directory structure",
        "the plan's commands run, and the folders hold what is generated into them",
        (
            Command(f"mkdir -p {SRC}/modules/{{broker,datafeed}}/specs"),
            Command(f"mkdir -p {SRC}/clients"),
            GENERATE_ALL,
            exist(f"{SRC}/modules/{{m}}/specs", f"{SRC}/clients"),
        ),
    ),
    Check(
        "0.3",
        "Update `.gitignore`",
        "it has the plan's four lines, and git ignores what is generated",
        (
            contains(
                ".gitignore",
                f"{SRC}/modules/*/specs/\n",
                f"{SRC}/clients/*_client.py\n",
                "frontend/src/clients/trader-client-*/\n",
                "frontend/src/clients/ws-types-*/\n",
            ),
            ignored(
                f"{SRC}/modules/broker/specs/openapi.json",
                f"{SRC}/clients/broker_client.py",
                "frontend/src/clients/trader-client-broker/api.ts",
                "frontend/src/clients/ws-types-broker/index.ts",
            ),
        ),
    ),
    Check(
        "0.4",
        "Validate selective loading",
        "the tests of each module alone, and of both together, pass",
        (
            backend("ENABLED_MODULES=broker make test-module-broker"),
            some_tests_ran,
            backend("ENABLED_MODULES=datafeed make test-module-datafeed"),
            some_tests_ran,
            backend("ENABLED_MODULES=broker,datafeed make test"),
            some_tests_ran,
        ),
    ),
)


def _exporter(kind: str, task: str, discover: str, module: str) -> Check:
    script = f"export_{kind}_spec"
    return Check(
        task,
        f"Update `backend/scripts/{script}.py`",
        "it discovers the modules, takes one module or all, and writes to its `specs/`",
        (
            contains(f"backend/scripts/{script}.py", "import ", discover),
            signature(
                f"{script}.{script}",
                "(module_name: str | None = None) -> list[str]",
            ),
            Command(f"rm -f {SRC}/modules/*/specs/{kind}.json"),
            backend(f"python scripts/{script}.py {module}", venv=True),
            exist(f"{SRC}/modules/{module}/specs/{kind}.json"),
            absent(f"{SRC}/modules/broker/specs/{kind}.json"),
            backend(f"python scripts/{script}.py", venv=True),
            exist(f"{SRC}/modules/{{m}}/specs/{kind}.json"),
        ),
    )


def _spec_target(kind: str, task: str) -> Check:
    return Check(
        task,
        "Update `backend/Makefile`",
        f"`export-{kind}-specs` exists, and `export-specs` calls it",
        (
            make_targets("backend", "Makefile", export_specs=f"export-{kind}-specs"),
            Command(f"rm -f {SRC}/modules/*/specs/{kind}.json"),
            backend("make export-specs"),
            exist(f"{SRC}/modules/{{m}}/specs/{kind}.json"),
        ),
    )


def _spec_files(kind: str, task: str) -> Check:
    return Check(
        task,
        "Validate generation",
        "the target exports the specs of broker and datafeed",
        (
            Command(f"rm -f {SRC}/modules/*/specs/{kind}.json"),
            backend(f"make export-{kind}-specs"),
            Command(f"ls {SRC}/modules/*/specs/{kind}.json"),
            printed_exactly(
                f"{SRC}/modules/broker/specs/{kind}.json",
                f"{SRC}/modules/datafeed/specs/{kind}.json",
            ),
        ),
    )


PHASE_1 = (
    _exporter("openapi", "1.1", "discover_modules", "datafeed"),
    _spec_target("openapi", "1.2"),
    _spec_files("openapi", "1.3"),
    _exporter("asyncapi", "1.4", "discover_modules_with_websockets", "datafeed"),
    _spec_target("asyncapi", "1.5"),
    _spec_files("asyncapi", "1.6"),
)

PHASE_2 = (
    Check(
        "2.1",
        "Create custom client generator script",
        "each operation of a spec is an async method of the client that it writes",
        (
            exist("backend/scripts/generate_python_clients.py"),
            backend("make export-openapi-specs"),
            Command(f"rm -f {SRC}/clients/*_client.py"),
            backend("python scripts/generate_python_clients.py", venv=True),
            client_covers_spec,
        ),
    ),
    Check(
        "2.2",
        "Create Jinja2 templates",
        "the template makes one file per module that imports its models; golden files hold it",
        (
            exist("backend/scripts/templates/python_client.py.j2"),
            backend("make generate-python-clients"),
            contains(f"{SRC}/clients/{{m}}_client.py", "from trading_api.models import (\n"),
            backend(
                "python -c 'from trading_api.models import SymbolInfo, QuoteData, PlacedOrder'",
                venv=True,
            ),
            backend("python -m pytest tests/generator/test_golden.py", venv=True),
            some_tests_ran,
        ),
    ),
    Check(
        "2.3",
        "Implement generator logic",
        "one flat file per discovered module, and `__init__.py` exports the clients",
        (
            backend("make generate-python-clients"),
            backend("ls src/trading_api/clients/*.py | xargs -n 1 basename"),
            printed_exactly("__init__.py", "broker_client.py", "datafeed_client.py"),
            backend(
                "python -c 'from trading_api.clients import BrokerClient, DatafeedClient'",
                venv=True,
            ),
            backend("python -m pytest tests/pipeline -k new_module_folder", venv=True),
            some_tests_ran,
        ),
    ),
    Check(
        "2.4",
        "Create Makefile target",
        "`generate-python-clients` exists, runs what the plan says, and exports specs first",
        (
            make_targets("backend", "Makefile", generate_python_clients=".cache/openapi.failures"),
            contains("backend/Makefile", "scripts/generate_python_clients.py\n"),
            POETRY,
            poetry("poetry run python scripts/generate_python_clients.py"),
            printed("^python clients: "),
        ),
    ),
    Check(
        "2.5",
        "Validate generation",
        "both clients come back, import their models, call with httpx, import and type-check",
        (
            Command("rm -f backend/src/trading_api/clients/*_client.py"),
            absent(f"{SRC}/clients/*_client.py"),
            backend("make generate-python-clients"),
            backend("ls src/trading_api/clients/{broker,datafeed}_client.py"),
            client_covers_spec,
            clients_use_httpx,
            backend(
                "python -c 'from trading_api.clients.datafeed_client import DatafeedClient'",
                venv=True,
            ),
            POETRY,
            poetry("poetry run mypy src/trading_api/clients/"),
            printed("^Success: no issues found in 3 source files"),
        ),
    ),
    Check(
        "2.6",
        "Integration test - Multi-process communication",
        "broker at 8001 calls datafeed at 8002 over HTTP; models and types arrive whole",
        (
            backend("make generate-python-clients"),
            Command("../backend/.venv/bin/python -m plan.two_processes", "scripts"),
            printed("^order .*: BUY at ", "^without datafeed: 503"),
            backend("mypy ../scripts/plan/two_processes.py", venv=True),
            printed("^Success: no issues found"),
        ),
    ),
)

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

CHECKS = (*PHASE_0, *PHASE_1, *PHASE_2, *PHASE_3, *PHASE_4, *PHASE_5, *CHECKLIST)
