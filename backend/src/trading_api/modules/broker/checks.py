"""What an operation needs to be true, and the problem it ends with otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from trading_api.models import OrderStatus
from trading_api.modules.broker.book import Draft
from trading_api.modules.broker.records import Holding, Order
from trading_api.shared.problems import ProblemError


def refuse(status: int, errors: Sequence[str]) -> None:
    """Raise a `ProblemError` that names the errors, if there are any."""
    if errors:
        raise ProblemError(status, "; ".join(errors))


def known_order(order: Order | None) -> Order:
    """Return an order that was found; 404 if it was not."""
    if order is None:
        raise ProblemError(404, "there is no such order")
    return order


def working_order(order: Order | None) -> Order:
    """Return an order that is WORKING; 404 if there is none, 409 if it is something else."""
    found = known_order(order)
    if found.status is not OrderStatus.WORKING:
        raise ProblemError(409, f"the order is {found.status.name}, not WORKING")
    return found


def open_holding(draft: Draft, holding_id: str) -> Holding:
    """Return an open position; 404 if there is none with this id."""
    holding = draft.holding_by_id(holding_id)
    if holding is None:
        raise ProblemError(404, "there is no such open position")
    return holding
