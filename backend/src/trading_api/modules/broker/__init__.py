"""Broker: orders, positions, executions and the account, and their live streams.

Where to look:

* `api.py`, `ws.py`: which operations and streams are there? `service.py`: what do they do?
* `engine.py`: which rules do orders, margin and leverage follow, and what does an order change?
* `exits.py`: which brackets are valid, and how do they become orders?
* `matching.py`: when does an order execute, at which price? `portfolio.py`: what does it earn?
* `preview.py`: what would an order or a change of leverage do?
* `records.py`: what is stored? `book.py`: what is the state, and what is about to change it?
* `ledger.py`: how is a change stored and published, once per idempotency key?
* `store/`: how does a database keep the account?
* `prices.py`: what does the broker need from the datafeed, and what if that fails?
* `live_prices.py`: how do the prices of watched symbols arrive?
* `marking.py`: when are prices applied?
* `plausibility.py`: which quotes does the broker not trade at?
* `views.py`: how do API models become records, and back? `events.py`: who gets which update?
* `settings.py`: what can be configured?
"""

from trading_api.shared.module import ModuleInfo

info = ModuleInfo(
    title="Broker",
    description="Orders, positions, executions and the account of a simulated broker.",
    version="1.0.0",
    port=8001,
    requires=("datafeed",),
    change_scope="trade",
)
