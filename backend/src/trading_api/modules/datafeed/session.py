"""The trading session of the exchange: 09:30 to 16:00 in New York.

Early closes before some holidays are ignored.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

TIMEZONE = "America/New_York"
SESSION = "0930-1600"
SESSION_MINUTES = 390
SESSION_SECONDS = SESSION_MINUTES * 60

_ZONE = ZoneInfo(TIMEZONE)
_OPENING = timedelta(hours=9, minutes=30)


@lru_cache(maxsize=16_384)
def session_open(day: int) -> int:
    """Return the time when the session of a trading day opens, in Unix seconds.

    `day` is midnight UTC of the date, in Unix seconds.
    """
    date = datetime.fromtimestamp(day, UTC).replace(tzinfo=None)
    return int((date + _OPENING).replace(tzinfo=_ZONE).timestamp())
