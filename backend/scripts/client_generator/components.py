"""The schemas that a spec names, and the class of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from client_generator.errors import GeneratorError
from client_generator.models import Model, ModelIndex
from client_generator.pointers import SCHEMAS, follow_references
from client_generator.pytypes import PyType


class Components:
    """Resolves the references of a spec to classes.

    Attributes:
        models: the class of each schema that was referred to, by the schema's pointer.
        used: the pointers of the schemas that were referred to since `used` was cleared.

    Args:
        spec: the spec.
        index: the classes.
        reserved: names of the generated module, which imported classes must not have.
    """

    def __init__(
        self, spec: Mapping[str, Any], index: ModelIndex, reserved: frozenset[str]
    ) -> None:
        self.spec = spec
        self._index = index
        self._reserved = reserved
        self._types: dict[str, tuple[PyType, str]] = {}
        self._keys: dict[PyType, str] = {}
        self.models: dict[str, Model] = {}
        self.used: set[str] = set()

    def type(self, reference: str, pointer: str) -> PyType:
        """Return the type of the schema that the reference at `pointer` leads to.

        Raises:
            GeneratorError: it is not a named schema, or has no class of its own.
        """
        if not reference.startswith(SCHEMAS):
            raise GeneratorError(pointer, f"the reference {reference!r} does not lead to {SCHEMAS}")
        if reference not in self._types:
            schema, at = follow_references(self.spec, {"$ref": reference}, pointer)
            key = at.removeprefix(SCHEMAS)
            model = self._index.resolve(schema, key, at, self._reserved)
            self._check_own(model, key, at)
            self.models[at] = model
            self._types[reference] = model.type, at
        found, at = self._types[reference]
        self.used.add(at)
        return found

    def has_class(self, pointer: str) -> bool:
        """Return whether the key of a schema is the name of a class."""
        return self._index.has_key(pointer.removeprefix(SCHEMAS))

    def _check_own(self, model: Model, key: str, pointer: str) -> None:
        """Check that no other schema has this class; one for input and one for output may."""
        stem = re.sub("-(Input|Output)$", "", key)
        other = self._keys.setdefault(model.type, stem)
        if other != stem:
            raise GeneratorError(
                pointer,
                f"would have the class of {SCHEMAS}{other}, {model.type.annotation}; define"
                f" or import the class {stem!r} in the models, or give them different titles",
            )
