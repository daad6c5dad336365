"""The kinds of changes of streams and their messages."""

# Kind: level, opposite, meaning, remedy.
ROWS: dict[str, tuple[str, str, str, str]] = {
    "channel-moved": (
        *("wire", "channel-moved", "the WebSocket has another address"),
        "Serve both addresses until no client connects to the old one.",
    ),
    "stream-removed": (
        *("wire", "stream-added", "the stream is gone"),
        "Keep it until nothing subscribes to it.",
    ),
    "stream-added": (
        *("service", "stream-removed", "there is a new stream"),
        "Deploy the service before the clients that subscribe to it.",
    ),
    "stream-renamed": (
        *("wire", "stream-renamed", "the stream, and so its messages, have another name"),
        "Serve it under both names until nothing subscribes to the old one.",
    ),
    "stream-replay-added": (
        *("service", "stream-replay-removed", "new subscribers receive the latest update first"),
        "Deploy the service before clients that rely on a first update.",
    ),
    "stream-replay-removed": (
        *("wire", "stream-replay-added", "new subscribers do not receive the latest update"),
        "Keep the first update: clients wait for it.",
    ),
    "stream-replay-key-changed": (
        *("wire", "stream-replay-key-changed", "the latest updates are kept by another field"),
        "Make it a new stream, and keep this one.",
    ),
    "stream-resume-added": (
        *("service", "stream-resume-removed", "the stream can be resumed"),
        "Deploy the service before the clients that resume it.",
    ),
    "stream-resume-removed": (
        *("wire", "stream-resume-added", "the stream cannot be resumed any more"),
        "Keep the numbers: clients would miss updates.",
    ),
    "message-received-added": (
        *("service", "message-received-removed", "the service accepts another message"),
        "Deploy the service before the clients that send it.",
    ),
    "message-received-removed": (
        *("wire", "message-received-added", "the service does not accept a message any more"),
        "Accept it until no client sends it.",
    ),
    "message-sent-added": (
        *("ok", "message-sent-removed", "the service sends another message"),
        "Nothing to do: clients ignore unknown messages.",
    ),
    "message-sent-removed": (
        *("wire", "message-sent-added", "the service does not send a message any more"),
        "Keep sending it until no client waits for it.",
    ),
    "schema-renamed": (
        *("source", "schema-renamed", "the model, and so the type in clients, has another name"),
        "Keep the name of the class, or rename its users in the same commit.",
    ),
}
