"""Projects elsewhere: their own Python, their own packages, and the situations of real ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from ruff import find_ruff_bin

import generate_python_clients
from support.type_checks import type_errors

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
APPLICATION = ("annotated_doc", "anyio", "fastapi", "httpx", "httpcore", "h11", "certifi", "idna")
APPLICATION += ("annotated_types", "pydantic", "pydantic_core", "starlette", "sniffio")
APPLICATION += ("typing_extensions", "typing_inspection", "opentelemetry", "python_multipart")
GENERATOR = ("jinja2", "markupsafe", "ruff")
EXPORT = "import json, {0}; print(json.dumps({0}.app.openapi()))"


class Project:
    """A project in a folder of its own, with a Python that has only the packages it is given."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        self.root = root
        self.packages = root / "packages"
        self.packages.mkdir(parents=True)
        for name, text in files.items():
            path = root / "src" / name
            for folder in path.parents:
                if folder.is_relative_to(root / "src") and folder != root / "src":
                    folder.mkdir(parents=True, exist_ok=True)
                    (folder / "__init__.py").touch()
            path.write_text(text)

    def install(self, *names: str) -> None:
        for name in names:
            for found in SITE_PACKAGES.glob(f"{name}*"):
                if found.name in (name, f"{name}.py"):
                    (self.packages / found.name).symlink_to(found)
        if "ruff" in names:
            program = self.packages / "bin" / "ruff"
            program.parent.mkdir()
            program.symlink_to(find_ruff_bin())

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        paths = os.pathsep.join([str(self.root / "src"), str(self.packages)])
        return subprocess.run(
            # Without `site`, the packages of the environment that runs the tests are not found.
            [sys.executable, "-S", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.root,
            env={"PYTHONPATH": paths, "PATH": os.environ["PATH"]},
        )

    def export(self, module: str, application: str) -> None:
        exported = self.python("-c", EXPORT.format(application))
        assert exported.returncode == 0, exported.stderr
        specs = self.root / "modules" / module / "specs"
        specs.mkdir(parents=True)
        (specs / "openapi.json").write_text(exported.stdout)

    def generate(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.python(generate_python_clients.__file__, *options)


def pyproject(root: Path, clients: str, **options: object) -> None:
    lines = ["[tool.trading-api-clients]", 'modules-dir = "modules"', f'output-dir = "{clients}"']
    lines += [f"{name.replace('_', '-')} = {json.dumps(value)}" for name, value in options.items()]
    (root / "pyproject.toml").write_text("\n".join(lines))


ROUTES = {
    "app/models.py": "from pydantic import BaseModel\n\n\nclass User(BaseModel):\n    name: str\n",
    "app/routes/private.py": """\
from fastapi import APIRouter
from pydantic import BaseModel

from app.models import User

router = APIRouter()


class NewUser(BaseModel):
    name: str
    is_verified: bool = False


@router.post("/users/")
def create_user(user: NewUser) -> User:
    return User(name=f"{user.name} {user.is_verified}")
""",
    "app/main.py": """\
from fastapi import FastAPI

from app.routes import private

app = FastAPI(generate_unique_id_function=lambda route: f"{route.tags[0]}-{route.name}")
app.include_router(private.router, tags=["private"])
""",
    "app/__main__.py": "raise SystemExit('must not run')\n",
}
CALL_ROUTES = """\
from app.clients import SyncShopClient
from app.main import app
from app.routes.private import NewUser

with SyncShopClient.in_process(app) as client:
    print(client.private_create_user(NewUser(name="a", is_verified=True)).name)
"""


@pytest.fixture
def routes(tmp_path: Path) -> Project:
    """Create a project with a model in a file of routes, and its own runtime."""
    project = Project(tmp_path, ROUTES)
    project.install(*APPLICATION)
    project.export("shop", "app.main")
    return project


def test_missing_packages_are_one_line_that_says_how_to_install_them(routes: Project) -> None:
    result = routes.generate("--modules-dir=modules", "--models=app", "--output-dir=out")
    assert result.returncode == 1
    assert result.stderr.splitlines()[0].endswith("-m pip install jinja2 ruff")
    assert len(result.stderr.splitlines()) == 2
    (routes.packages / "pydantic").unlink()
    result = routes.generate("--help")
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.endswith("-m pip install jinja2 pydantic ruff")


def test_model_in_a_file_of_routes_needs_its_module(routes: Project) -> None:
    routes.install(*GENERATOR)
    pyproject(routes.root, "src/app/clients", models="app.models", copy_runtime=True)
    result = routes.generate()
    assert result.returncode == 1
    assert "app.models has no model 'NewUser'" in result.stderr
    assert "or name its module with --models" in result.stderr
    pyproject(routes.root, "src/app/clients", models=["app.models", "app.routes"], copy_runtime=1)
    assert "[tool.trading-api-clients] copy-runtime: 1 is not a valid value" in (
        routes.generate().stderr
    )
    pyproject(routes.root, "src/app/clients", models=["app.models"], copy_runtime=True)
    options = ("--models=app.models", "--models=app.routes.private")
    assert routes.generate(*options).returncode == 0
    called = routes.python("-c", CALL_ROUTES)
    assert called.stdout == "a True\n", called.stderr
    assert routes.generate(*options).stdout.count(": written") == 0


def test_models_of_the_whole_application_which_has_the_clients_too(routes: Project) -> None:
    routes.install(*GENERATOR)
    pyproject(routes.root, "src/app/clients", models="app", copy_runtime=True)
    assert routes.generate().returncode == 0
    again = routes.generate()
    assert again.returncode == 0, again.stderr
    assert again.stdout.count(": written") == 0
    called = routes.python("-c", CALL_ROUTES)
    assert called.stdout == "a True\n", called.stderr
    elsewhere = routes.generate("--output-dir=other/clients")
    assert elsewhere.returncode == 0, elsewhere.stderr


NAMESAKES = {
    "app/schema/recipes.py": """\
from datetime import datetime
from pydantic import BaseModel


class Summary(BaseModel):
    title: str
    created: datetime = datetime.now()
""",
    "app/schema/users.py": """\
from pydantic import BaseModel


class Summary(BaseModel):
    full_name: str
""",
    "app/main.py": """\
from fastapi import FastAPI

from app.schema import recipes, users

app = FastAPI(generate_unique_id_function=lambda route: route.name)


@app.post("/recipes")
def add_recipe(recipe: recipes.Summary) -> users.Summary:
    return users.Summary(full_name=recipe.title)
""",
}
CALL_NAMESAKES = """\
from app.clients import SyncMealsClient
from app.main import app
from app.schema.recipes import Summary

with SyncMealsClient.in_process(app) as client:
    print(client.add_recipe(Summary(title="a")))
"""


def test_two_classes_of_one_name_and_a_moving_default(tmp_path: Path) -> None:
    project = Project(tmp_path, NAMESAKES)
    project.install(*APPLICATION, *GENERATOR)
    project.export("meals", "app.main")
    pyproject(tmp_path, "src/app/clients", models="app.schema", copy_runtime=True)
    result = project.generate()
    assert result.returncode == 0, result.stderr
    source = (tmp_path / "src/app/clients/meals_client.py").read_text()
    assert "from app.schema.recipes import Summary as app__schema__recipes__Summary" in source
    called = project.python("-c", CALL_NAMESAKES)
    assert called.stdout == "full_name='a'\n", called.stderr


OWN_NAME = {
    "trading_api/models.py": ROUTES["app/models.py"],
    "trading_api/main.py": """\
from fastapi import FastAPI

from trading_api.models import User

app = FastAPI(generate_unique_id_function=lambda route: route.name)


@app.get("/users/{name}")
def get_user(name: str) -> User:
    return User(name=name)
""",
}
CALL_OWN_NAME = """\
from trading_api.clients import SyncProClient
from trading_api.main import app

with SyncProClient.in_process(app) as client:
    print(client.get_user("a").name)
"""


def test_package_that_has_our_own_name(tmp_path: Path) -> None:
    project = Project(tmp_path, OWN_NAME)
    project.install(*APPLICATION, *GENERATOR)
    project.export("pro", "trading_api.main")
    result = project.generate(
        "--modules-dir=modules", "--output-dir=src/trading_api/clients", "--copy-runtime"
    )
    assert result.returncode == 0, result.stderr
    called = project.python("-c", CALL_OWN_NAME)
    assert called.stdout == "a\n", called.stderr


def test_copied_runtime_passes_strict_type_check(routes: Project) -> None:
    routes.install(*GENERATOR)
    clients = "src/app/clients"
    pyproject(routes.root, clients, models=["app.models", "app.routes"], copy_runtime=True)
    assert routes.generate().returncode == 0
    source = routes.root / "src"
    assert type_errors(source / "app/clients", source_path=str(source)) == ""
    network = source / "app/clients/runtime/ws_network.py"
    # As in a project that has no websockets.
    assert type_errors(network, source_path=str(source), options=["--no-site-packages"]) == ""
