"""Write the table of settings in docs/MAKEFILE-GUIDE.md, between its two markers.

The rows come from the JSON schemas of the settings classes. Run by `make docs-tables`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from repository import REPOSITORY
from trading_api.shared.settings import Settings
from trading_api.shared.utils import MODULES_DIR, discover_modules

GUIDE = REPOSITORY / "docs/MAKEFILE-GUIDE.md"
BEGIN, END = "<!-- begin settings -->\n", "<!-- end settings -->"
HEADER = "| Variable | Default | Accepts | Meaning |\n|---|---|---|---|\n"
LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minLength": "length ≥ {}",
    "maxLength": "length ≤ {}",
    "pattern": "matches `{}`",
}
MODULE_URL = (
    "`<MODULE>_URL`",
    "the server in the module's spec",
    "URL",
    "Where other modules reach a module, and where `make run-multi` serves it.",
)


def main() -> None:
    GUIDE.write_text(with_table(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


def with_table(text: str) -> str:
    """Return the document with an up-to-date table.

    Raises:
        ValueError: a marker is missing, or a setting has no docstring.
    """
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{GUIDE.name} has no {BEGIN.strip()} followed by {END}")
    lines = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in rows())
    return f"{before}{BEGIN}{HEADER}{''.join(lines)}{END}{after}"


def rows() -> Iterator[tuple[str, str, str, str]]:
    for name in discover_modules(MODULES_DIR):
        if (MODULES_DIR / name / "settings.py").is_file():
            importlib.import_module(f"trading_api.modules.{name}.settings")
    for settings in Settings.__subclasses__():
        prefix = settings.model_config.get("env_prefix", "")
        for name, schema in settings.model_json_schema(mode="serialization")["properties"].items():
            if "description" not in schema:
                raise ValueError(f"{settings.__name__}.{name} has no docstring")
            meaning = " ".join(schema["description"].split())
            yield (
                f"`{prefix}{name.upper()}`",
                _default(schema["default"]),
                _accepts(schema),
                meaning,
            )
    yield MODULE_URL


def _default(value: Any) -> str:
    return "" if value in (None, "") else f"`{_text(value).removeprefix(f'{REPOSITORY}/')}`"


def _accepts(schema: dict[str, Any]) -> str:
    kind = schema.get("anyOf", [schema])[0]
    limits = (words.format(_text(schema[key])) for key, words in LIMITS.items() if key in schema)
    return ", ".join([kind.get("format", kind["type"]), *limits])


def _text(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
