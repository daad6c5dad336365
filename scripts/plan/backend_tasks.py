"""The tasks of phases 0 to 2: discovery, specs, Python clients."""

from __future__ import annotations

from plan.check import Check, Command
from plan.commands import GENERATE_ALL, POETRY, SRC, backend, poetry
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
            contains("backend/Makefile", "scripts/generate_python_clients.py"),
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
