"""The page's code that calls a module's client is found, and other code is not."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from api_diff.callers import Found, Target
from api_diff.changes import User
from api_diff.compare import users_of
from api_diff.specs import read_modules
from api_diff.typescript_callers import CallersError, find_typescript_callers
from trading_api.shared.utils import MODULES_DIR

REPOSITORY = MODULES_DIR.parents[3]
TARGET = Target(
    "price_alerts", frozenset({User("operation", "get_alert"), User("stream", "prices")})
)
ADAPTER = """import type { PriceAlertsApi } from "@/clients/trader-client-price_alerts";
import { STREAMS, type PriceAlertsStreams } from "@/clients/ws-types-price_alerts";
export const alertsApi = load(async (): Promise<PriceAlertsApi> => create());
export const callAlerts = caller("alerts", () => alertsApi());
export function alertsStreams(): StreamSocket<PriceAlertsStreams> {
  return new StreamSocket(STREAMS);
}
"""
CALLS = """import { alertsApi, alertsStreams, callAlerts } from "./adapter";
export async function direct() { return (await alertsApi()).getAlert(); }
export const given = () => callAlerts((api) => api.getAlert({ id: 1 }));
export async function local() {
  const api = await alertsApi();
  return api
    .getAlert();
}
export function typed(api: PriceAlertsApi) { return api.getAlert(); }
export const follow = () => track("alerts", alertsStreams()).subscribe("prices", {});
export function other(store: Store) { store.getAlert(); store.subscribe("prices"); }
export const unknown = callOthers((api) => api.getAlert());
"""


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    folder = tmp_path / "frontend"
    scripts = REPOSITORY / "frontend/scripts"
    for name in ("find-callers.mjs", "schema.mjs"):
        (folder / "scripts").mkdir(parents=True, exist_ok=True)
        shutil.copy(scripts / name, folder / "scripts" / name)
    (folder / "node_modules").symlink_to(REPOSITORY / "frontend/node_modules")
    (folder / "src/clients").mkdir(parents=True)
    (folder / "src/adapter.ts").write_text(ADAPTER)
    return folder


def find(frontend: Path, *fields: str) -> Found:
    return find_typescript_callers(frontend, frontend.parent, [TARGET], frozenset(fields))


def test_calls_lead_to_the_client(frontend: Path) -> None:
    (frontend / "src/calls.ts").write_text(CALLS)
    (frontend / "src/clients/client.ts").write_text("new PriceAlertsApi().getAlert();")

    found = find(frontend).calls
    assert {each.file for each in found} == {"frontend/src/calls.ts"}
    lines = [(each.line, each.user.category) for each in found]
    operations = [(line, "operation") for line in (2, 3, 7, 9)]
    assert lines == [*operations, (10, "stream")]


def test_script_of_a_component_keeps_its_line_numbers(frontend: Path) -> None:
    text = '<template>\n  <p>{{ x.limit }}</p>\n</template>\n\n<script setup lang="ts">\n'
    (frontend / "src/Alert.vue").write_text(
        f"{text}const x = await callAlerts((api) => api.getAlert());\nx.limit;\n</script>\n"
    )

    found = find(frontend, "limit")
    assert [each.line for each in found.calls] == [6]
    assert [(each.line, each.field) for each in found.reads] == [(7, "limit")]


def test_members_of_objects_are_uses_of_a_field(frontend: Path) -> None:
    (frontend / "src/uses.ts").write_text(
        "const { limit } = alert;\nalert.limit;\nconst next = { limit: 1 };\nfunction limit() {}\n"
    )
    assert [each.line for each in find(frontend, "limit").reads] == [1, 2, 3]


def test_missing_packages_are_one_error(frontend: Path) -> None:
    (frontend / "node_modules").unlink()
    with pytest.raises(CallersError, match=r"'typescript'.*; run: make -C frontend install"):
        find(frontend)


def test_missing_node_is_one_error(frontend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CallersError, match="node is not installed; install Node"):
        find(frontend)


def test_every_call_of_the_page_is_found() -> None:
    targets = [Target(name, users_of(specs)) for name, specs in read_modules(MODULES_DIR).items()]
    frontend = REPOSITORY / "frontend"
    found = find_typescript_callers(frontend, REPOSITORY, targets, frozenset()).calls
    sources = [
        path
        for pattern in ("*.ts", "*.vue")
        for path in (frontend / "src").rglob(pattern)
        if "clients" not in path.relative_to(frontend / "src").parts
    ]
    written = {
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in sources
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bapi\.[a-z]\w+\(", line)
    }
    assert written
    assert written <= {f"{each.file}:{each.line}" for each in found}
    assert {each.user.category for each in found} == {"operation", "stream"}
