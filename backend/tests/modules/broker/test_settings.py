"""The broker's settings."""

from __future__ import annotations

import pytest

from modules.broker.doubles import FakeDatafeed
from trading_api.modules.broker.service import open_service
from trading_api.modules.broker.settings import BrokerSettings
from trading_api.shared.settings import InvalidSettingError


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


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "postgresql+other"])
async def test_password_of_the_database_is_in_no_error(
    monkeypatch: pytest.MonkeyPatch, feed: FakeDatafeed, scheme: str, unused_tcp_port: int
) -> None:
    url = f"{scheme}://trader:s3cret@127.0.0.1:{unused_tcp_port}/account"
    monkeypatch.setenv("BROKER_DATABASE_URL", url)
    assert "s3cret" not in repr(BrokerSettings())
    with pytest.raises(InvalidSettingError) as caught:
        async with open_service(feed):
            pass
    assert "s3cret" not in str(caught.value)
