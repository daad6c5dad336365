"""Live streams over one WebSocket per module, with typed messages and an AsyncAPI document."""

from trading_api.shared.ws.router import EventLog, Numbered, Stream, StreamRouter

__all__ = ["EventLog", "Numbered", "Stream", "StreamRouter"]
