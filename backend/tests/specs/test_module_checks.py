"""What keeps a folder from being a module, and two modules from living in one process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from module_checks import conflict_errors, folder_errors, info_errors
from trading_api.shared.module import ModuleInfo

PORT_7 = '{"url": "http://127.0.0.1:7"}'
PORT_8 = '{"url": "http://127.0.0.1:8"}'


def add_module(folder: Path, name: str, *, exported: str = "", source: str = "") -> None:
    (folder / name / "specs").mkdir(parents=True)
    (folder / name / "api.py").touch()
    (folder / name / "__init__.py").write_text(source)
    if exported:
        (folder / name / "specs/openapi.json").write_text(exported)


def info(port: int, *requires: str) -> ModuleInfo:
    return ModuleInfo(title="", description="", version="1", port=port, requires=requires)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("price-alerts", "price-alerts is not a module name; call it price_alerts"),
        ("PriceAlerts", "PriceAlerts is not a module name; call it price_alerts"),
        ("Alerts", "Alerts is not a module name; call it alerts"),
        ("alerts.v2", "alerts.v2 is not a module name; call it alerts_v2"),
        ("2fa", "2fa is not a module name; call it a name such as price_alerts"),
        ("class", "class is a keyword of Python; choose another name"),
    ],
)
def test_folder_with_another_name_is_an_error_with_a_suggestion(
    tmp_path: Path, name: str, remedy: str
) -> None:
    add_module(tmp_path, name)
    (error,) = folder_errors(tmp_path)
    assert (error.kind, error.module) == ("module", name)
    assert error.error == f"{tmp_path / name}: {remedy}"


def test_folders_that_are_modules_or_leftovers_are_not_errors(tmp_path: Path) -> None:
    add_module(tmp_path, "alerts")
    add_module(tmp_path, "_private")
    (tmp_path / "deleted/specs").mkdir(parents=True)
    (tmp_path / "deleted/__pycache__").mkdir()
    assert list(folder_errors(tmp_path)) == []


def test_required_module_that_does_not_exist_is_an_error_at_its_line(tmp_path: Path) -> None:
    source = 'info = ModuleInfo(\n    port=1,\n    requires=("pirces",),\n)\n'
    add_module(tmp_path, "alerts", source=source)
    add_module(tmp_path, "prices")
    (error,) = info_errors({"alerts": info(1, "pirces"), "prices": info(2)}, tmp_path)
    assert error.error == (
        f"{tmp_path}/alerts/__init__.py:3: requires 'pirces', which is not a module"
        " (known: alerts, prices)"
    )


def test_port_of_an_exported_module_is_an_error_of_the_new_module(tmp_path: Path) -> None:
    add_module(tmp_path, "alerts", source="info = ModuleInfo(\n    port=7,\n)\n")
    add_module(tmp_path, "prices", exported=PORT_7)
    (error,) = info_errors({"alerts": info(7), "prices": info(7)}, tmp_path)
    assert error.error == (
        f"{tmp_path}/alerts/__init__.py:2: port 7 is already used by prices; choose another"
    )


@pytest.mark.parametrize(
    ("alerts", "prices", "modules"),
    [
        (PORT_7, PORT_7, ["alerts", "prices"]),
        ("", "", ["alerts", "prices"]),
        (PORT_8, PORT_7, ["alerts"]),
        (PORT_7, PORT_8, ["prices"]),
    ],
)
def test_port_of_two_modules_is_an_error_of_the_one_that_has_changed(
    tmp_path: Path, alerts: str, prices: str, modules: list[str]
) -> None:
    add_module(tmp_path, "alerts", exported=alerts)
    add_module(tmp_path, "prices", exported=prices)
    errors = info_errors({"alerts": info(7), "prices": info(7)}, tmp_path)
    assert [error.module for error in errors] == modules


def conflicts(tmp_path: Path, alerts: tuple[str, str], prices: tuple[str, str]) -> list[str]:
    add_module(tmp_path, "alerts")
    documents = {
        name: {"paths": {path: {"get": {"operationId": operation}}}}
        for name, (path, operation) in {"alerts": alerts, "prices": prices}.items()
    }
    add_module(tmp_path, "prices", exported=json.dumps(documents["prices"]))
    paths = {"alerts": alerts[0], "prices": prices[0]}

    def locations_of(name: str) -> dict[tuple[str, str], str]:
        return {(paths[name], "get"): f"{name}/api.py:7: f"}

    return [each.error for each in conflict_errors(documents, locations_of, tmp_path)]


def test_operation_with_the_path_of_another_module_is_an_error(tmp_path: Path) -> None:
    assert conflicts(tmp_path, ("/list", "get_alerts"), ("/list", "get_prices")) == [
        "alerts/api.py:7: f: GET /list is also used by prices (prices/api.py:7: f); change a path"
    ]


def test_paths_that_differ_only_in_the_name_of_a_parameter_are_an_error(tmp_path: Path) -> None:
    (error,) = conflicts(tmp_path, ("/list/{id}", "get_alert"), ("/list/{name}", "get_price"))
    assert "GET /list/{id} is also used by prices" in error


def test_operation_with_the_name_of_another_module_is_an_error(tmp_path: Path) -> None:
    assert conflicts(tmp_path, ("/alerts", "get_all"), ("/prices", "get_all")) == [
        "alerts/api.py:7: f: the operation name 'get_all' is also used by"
        " prices (prices/api.py:7: f); rename a function"
    ]


def test_different_operations_are_not_in_conflict(tmp_path: Path) -> None:
    assert conflicts(tmp_path, ("/alerts", "get_alerts"), ("/prices", "get_prices")) == []
