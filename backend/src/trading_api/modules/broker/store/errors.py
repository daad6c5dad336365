"""The errors of the store. This file imports no database library, which takes a while."""

from __future__ import annotations

from trading_api.shared.problems import ProblemError, ProblemType
from trading_api.shared.settings import InvalidSettingError


class StoreError(InvalidSettingError):
    """The database cannot be used; the message names the setting, the reason and the remedy."""

    def __init__(self, database: str, reason: str) -> None:
        super().__init__(f"BROKER_DATABASE_URL={database}: {reason}")
        self.reason = reason


class StoreUnavailable(ProblemError):
    """The database cannot be read or written: 503. The log has the reason and the remedy."""

    def __init__(self) -> None:
        detail = "The account cannot be stored or read at the moment; retry later."
        super().__init__(503, detail, type=ProblemType.STORE_UNAVAILABLE)


class StoreLost(StoreUnavailable):
    """Another process writes to the database, so this one has to stop."""
