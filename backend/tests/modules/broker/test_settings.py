"""The broker's settings."""

from __future__ import annotations

import pytest

from modules.broker.doubles import FakeDatafeed
from trading_api.modules.broker.service import open_service
from trading_api.modules.broker.settings import BrokerSettings


async def test_settings_are_read_from_the_environment(
    feed: FakeDatafeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_ACCOUNT_ID", "A-7")
    monkeypatch.setenv("BROKER_INITIAL_BALANCE", "2500.5")
    monkeypatch.setenv("BROKER_CURRENCY", "EUR")
    async with open_service(feed) as service:
        account = service.get_account()

    assert (account.id, account.balance, account.currency) == ("A-7", 2500.5, "EUR")


def test_default_leverage_above_the_maximum_is_rejected() -> None:
    with pytest.raises(ValueError, match="BROKER_DEFAULT_LEVERAGE is more than"):
        BrokerSettings(default_leverage=10, max_leverage=5)
