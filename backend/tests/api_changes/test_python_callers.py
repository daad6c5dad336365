"""The Python code that calls a module's client is found, and other code is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from api_diff.callers import Read, Target
from api_diff.changes import User
from api_diff.python_callers import find_python_callers

TARGET = Target(
    "alerts",
    frozenset({User("operation", "getAlert"), User("operation", "list"), User("stream", "prices")}),
)
PARAMETER = "async def f(client: AlertsClient) -> None:\n    await client.get_alert()\n"


def calls_in(folder: Path, source: str, name: str = "modules/news/service.py") -> list[str]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    found = find_python_callers(folder, folder, [TARGET], frozenset())
    return [f"{call.line} {call.user.name}" for call in found.calls]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (PARAMETER, ["2 getAlert"]),
        (PARAMETER.replace("AlertsClient", "'AlertsClient | None'"), ["2 getAlert"]),
        (PARAMETER.replace("AlertsClient", "'SyncAlertsClient'"), ["2 getAlert"]),
        (PARAMETER.replace("AlertsClient", "OtherClient"), []),
        (PARAMETER.replace("get_alert", "list_"), ["2 list"]),
        ("def f(c: AlertsClient):\n    return c.prices_stream(None)\n", ["2 prices"]),
        ("def f():\n    c = AlertsClient.from_env()\n    c.get_alert()\n", ["3 getAlert"]),
        ("def f():\n    with AlertsClient() as c:\n        c.get_alert()\n", ["3 getAlert"]),
        (
            "class A:\n    c: AlertsClient\n    def f(self):\n        self.c.get_alert()\n",
            ["4 getAlert"],
        ),
        (
            "class A:\n    def get_alert(self): ...\n    def f(self):\n        self.get_alert()\n",
            [],
        ),
        ("def f(c: AlertsClient):\n    pass\n    x = get_alert\n", []),
        ("def f(:", []),
    ],
)
def test_receiver_decides(source: str, expected: list[str], tmp_path: Path) -> None:
    assert calls_in(tmp_path, source) == expected


def test_attribute_that_a_parameter_is_assigned_to_is_a_receiver(tmp_path: Path) -> None:
    source = (
        "class A:\n    def __init__(self, c: AlertsClient):\n        self._c = c\n"
        "    def f(self):\n        self._c.get_alert()\n"
    )
    assert calls_in(tmp_path, source) == ["5 getAlert"]


def test_protocol_of_the_methods_that_a_module_calls_is_a_client(tmp_path: Path) -> None:
    source = (
        "class Alerts(Protocol):\n    async def get_alert(self) -> None: ...\n\n"
        "def f(alerts: Alerts):\n    alerts.get_alert()\n"
    )
    assert calls_in(tmp_path, source) == ["2 getAlert", "5 getAlert"]


def test_protocol_with_other_methods_is_no_client(tmp_path: Path) -> None:
    source = (
        "class Store(Protocol):\n    def get_alert(self): ...\n    def save(self): ...\n\n"
        "def f(store: Store):\n    store.get_alert()\n"
    )
    assert calls_in(tmp_path, source) == []


@pytest.mark.parametrize("name", ["clients/alerts_client.py", "modules/alerts/service.py"])
def test_generated_clients_and_the_module_itself_are_no_callers(name: str, tmp_path: Path) -> None:
    assert calls_in(tmp_path, PARAMETER, name) == []


def test_fields_are_found_by_their_python_and_their_wire_name(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("order.stopLoss\norder.stop_loss\norder.stop\n")
    found = find_python_callers(tmp_path, tmp_path, [], frozenset({"stopLoss"}))
    assert found.reads == (Read("page.py", 1, "stopLoss"), Read("page.py", 2, "stopLoss"))
    assert found.names == (("page.py", frozenset({"order", "stopLoss", "stop_loss", "stop"})),)
