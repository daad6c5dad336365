"""The backup of the broker's SQLite file, with the commands of docs/DEPLOYMENT.md."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.servers import serve_process
from trading_api.clients import BrokerClient
from trading_api.models import OrderType, PreOrder, Side
from trading_api.shared.client import ApiError

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/DEPLOYMENT.md"
ORDER = PreOrder(symbol="AAPL", type=OrderType.MARKET, side=Side.BUY, qty=1)


def run_documented(command: str, folder: Path) -> None:
    """Run the line of the document that contains `command`, in the folder of the database."""
    (line,) = re.findall(rf"^.*{re.escape(command)}.*$", DOCUMENT.read_text(), re.MULTILINE)
    line = line.replace("backend/.venv/bin/python", sys.executable)
    subprocess.run(["bash", "-ec", line], cwd=folder, check=True, timeout=60)


async def test_backup_of_a_running_broker_is_restored(tmp_path: Path) -> None:
    data = tmp_path / ".data"
    environment = {"BROKER_DATABASE_URL": f"sqlite:///{data}/broker.sqlite3"}
    with serve_process("trading_api.main:app", **environment) as (address, process):
        async with BrokerClient(base_url=address) as broker:
            kept = (await broker.place_order(ORDER)).order_id
            run_documented("VACUUM INTO", tmp_path)
            lost = (await broker.place_order(ORDER)).order_id
        # What was not checkpointed stays beside the file, and must not be applied to the backup.
        process.kill()
        process.wait()
    assert (data / "broker.sqlite3-wal").exists()
    run_documented("cp backup.sqlite3", tmp_path)
    with serve_process("trading_api.main:app", **environment) as (address, _):
        async with BrokerClient(base_url=address) as broker:
            assert (await broker.get_order(kept)).id == kept
            with pytest.raises(ApiError) as missing:
                await broker.get_order(lost)
            assert missing.value.status == 404
            assert (await broker.place_order(ORDER)).order_id
