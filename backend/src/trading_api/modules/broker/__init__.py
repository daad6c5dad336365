"""Broker: orders, positions, executions and the account, and their live streams."""

from trading_api.shared.module import ModuleInfo

info = ModuleInfo(
    title="Broker",
    description="Orders, positions, executions and the account of a simulated broker.",
    version="1.0.0",
    port=8001,
    requires=("datafeed",),
)
