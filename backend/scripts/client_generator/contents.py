"""What requests and responses carry: bodies, media types and streams of a spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from client_generator import limits
from client_generator.document import Body, Content, Media, Parameter, Response, Status, Stream
from client_generator.errors import GeneratorError
from client_generator.pointers import SCHEMAS, join_pointer
from client_generator.pytypes import BYTES, EVENT, NONE, STR, PyType
from client_generator.schemas import TypeResolver, is_binary

COMPOSED_BODY = f"{SCHEMAS}Body_"
"""How the pointer of a schema starts that FastAPI composes of several body parameters."""

UNDECLARED = Content("", "bytes", BYTES)
"""What is read of a success whose content is not declared, such as that of a `FileResponse`."""

_WITHOUT_SCHEMA = {"text": STR, "bytes": BYTES}
# Of several media types, the one of which a spec says most.
_PREFERENCE: tuple[Media, ...] = ("json", "form", "multipart", "text", "bytes")
_WITHOUT_BODY = (204, 205, 304)
_LINES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")


def media_of(media_type: str) -> Media:
    """Return how a body of this media type is written and read."""
    match _essence(media_type):
        case "application/x-www-form-urlencoded":
            return "form"
        case "multipart/form-data":
            return "multipart"
        case kind if kind == "application/json" or kind.endswith("+json"):
            return "json"
        case kind:
            return "text" if kind.startswith("text/") else "bytes"


def preferred_media_type(content: Mapping[str, Any]) -> str:
    """Return the media type in which a body is sent, of those that are declared."""
    return min(content, key=lambda each: _PREFERENCE.index(media_of(each)), default="")


def is_success(status: Status) -> bool:
    """Return whether a declared status is a success; a redirect is one, too."""
    return str(status)[0] in "23"


class ContentParser:
    """Parses request bodies and responses.

    Args:
        follow: returns what a schema refers to, and the pointer of that.
        types: resolves types, and `upload_types` those of multipart forms.
        is_class: returns whether a reference leads to a class of the models.
    """

    def __init__(
        self,
        follow: limits.Follow,
        types: TypeResolver,
        upload_types: TypeResolver,
        is_class: Callable[[str], bool],
    ) -> None:
        self._follow = follow
        self._types = types
        self._upload_types = upload_types
        self._is_class = is_class

    def body(self, raw: Mapping[str, Any], pointer: str) -> Body | None:
        """Return the request body of the operation at `pointer`, in its preferred media type."""
        if "requestBody" not in raw:
            return None
        body, body_pointer = self._follow(raw["requestBody"], join_pointer(pointer, "requestBody"))
        content_type = preferred_media_type(body.get("content", {}))
        if not content_type:
            raise GeneratorError(join_pointer(body_pointer, "content"), "declares no media type")
        declared = body["content"][content_type]
        at = join_pointer(body_pointer, "content", content_type)
        limits.check_media_type(content_type, at)
        if "itemSchema" in declared:
            raise GeneratorError(at, "a stream cannot be sent; declare a body that has an end")
        media, schema, at = self._schema(content_type, declared, at)
        fields = self._fields(schema, at, media)
        if media == "form" and not fields and self._has_file(schema, at):
            # FastAPI declares a form model with a file like one without.
            media, content_type = "multipart", "multipart/form-data"
        if media in ("form", "multipart") and not fields:
            limits.check_form(schema, at, self._follow)
        return Body(
            media=media,
            content_type=content_type if "*" not in content_type else "application/octet-stream",
            type=None if fields else self._type(media, schema, at),
            fields=fields,
            required=bool(body.get("required")),
            description=text(body, "description", body_pointer),
            has_default=isinstance(schema, dict) and schema.get("default") is not None,
        )

    def responses(
        self, raw: Mapping[str, Any], pointer: str, *, has_body: bool
    ) -> Iterator[Response]:
        """Yield the responses of the operation at `pointer`; those of HEAD have no body."""
        for key, given in raw.get("responses", {}).items():
            found, at = self._follow(given, join_pointer(pointer, "responses", key))
            limits.check_status(key, at)
            status = int(key) if key.isdigit() else key
            contents: tuple[Content, ...] = ()
            stream: Stream | None = None
            if has_body and status not in _WITHOUT_BODY:
                content = found.get("content") or {}
                contents, stream = self._contents(content, at, is_error=not is_success(status))
                if not contents and key.startswith("2"):
                    contents = (UNDECLARED,)
            yield Response(status, contents, text(found, "description", at), stream)

    def _contents(
        self, declared: Mapping[str, Any], pointer: str, *, is_error: bool
    ) -> tuple[tuple[Content, ...], Stream | None]:
        contents = []
        for media_type, content in declared.items():
            at = join_pointer(pointer, "content", media_type)
            limits.check_media_type(media_type, at)
            if is_error and self._has_structure(content.get("schema"), at):
                # FastAPI declares the models of errors in the media type of the success.
                kind = self._types.resolve(content["schema"], join_pointer(at, "schema"))
                contents.append(Content(_essence(media_type), "json", kind))
                continue
            stream = _stream(media_type, content)
            if stream is not None:
                if len(declared) > 1:
                    reason = "a response that may be a stream or not is not supported; split it"
                    raise GeneratorError(at, f"{reason} into two operations")
                return (self._item(media_type, stream, content, at),), stream
            media, schema, at = self._schema(media_type, content, at)
            contents.append(Content(_essence(media_type), media, self._type(media, schema, at)))
        contents = [*dict.fromkeys(contents)]
        contents.sort(key=lambda each: _PREFERENCE.index(each.media))
        if len({(each.media, each.type) for each in contents}) == 1:
            contents = contents[:1]
        return tuple(contents), None

    def _item(
        self, media_type: str, stream: Stream, content: Mapping[str, Any], pointer: str
    ) -> Content:
        """Return what one item of a stream is: a line, or the data of an event."""
        schema, at = content.get("itemSchema", {}), join_pointer(pointer, "itemSchema")
        if stream == "lines":
            return Content(media_type, "json", self._types.resolve(schema, at))
        event, at = self._follow(schema, at)
        data = event.get("properties", {}).get("data", {})
        if "contentSchema" not in data:
            return Content(media_type, "event", EVENT)
        at = join_pointer(at, "properties", "data", "contentSchema")
        return Content(media_type, "json", self._types.resolve(data["contentSchema"], at))

    def _schema(
        self, media_type: str, declared: Mapping[str, Any], pointer: str
    ) -> tuple[Media, Any, str]:
        """Return the medium of a content, its schema, and the schema's pointer."""
        media = media_of(media_type)
        if "schema" not in declared and media in ("form", "multipart"):
            raise GeneratorError(pointer, "the form has no schema; add it")
        return media, declared.get("schema", {}), join_pointer(pointer, "schema")

    def _type(self, media: Media, schema: Any, pointer: str) -> PyType:
        return _WITHOUT_SCHEMA.get(media) or self._types.resolve(schema, pointer)

    def _has_structure(self, schema: Any, pointer: str) -> bool:
        """Return whether a schema is that of a named object or list, which is sent as JSON."""
        if not isinstance(schema, dict) or "$ref" not in schema:
            return False
        return self._follow(schema, pointer)[0].get("type") in ("object", "array")

    def _has_file(self, schema: Any, pointer: str) -> bool:
        """Return whether a form has a field that is a file, or a list of files."""
        found, _ = self._follow(schema, pointer) if isinstance(schema, dict) else ({}, "")
        return any(is_binary(each) for each in found.get("properties", {}).values())

    def _fields(self, schema: Any, pointer: str, media: Media) -> tuple[Parameter, ...]:
        """Return the fields of a body that FastAPI composes of several parameters."""
        if not isinstance(schema, dict) or media in _WITHOUT_SCHEMA:
            return ()
        found, at = self._follow(schema, pointer)
        if not at.startswith(COMPOSED_BODY) or self._is_class(at):
            return ()
        types = self._upload_types if media == "multipart" else self._types
        fields = []
        for name, field in found.get("properties", {}).items():
            field_pointer = join_pointer(at, "properties", name)
            limits.check_name(name, "body", at)
            kind, default = types.resolve(field, field_pointer), default_of(field)
            if media in ("form", "multipart"):
                limits.check_flat(field, field_pointer, "form", self._follow)
            fields.append(
                Parameter(
                    name=name,
                    location="body",
                    required=name in found.get("required", ()),
                    type=kind,
                    description=text(field, "description", field_pointer),
                    default=default,
                    hides_null=NONE in kind.members and default is not None,
                    needs_items=media != "json"
                    and name not in found.get("required", ())
                    and needs_items(field, field_pointer, self._follow),
                )
            )
        return tuple(fields)


def text(owner: Any, name: str, pointer: str) -> str:
    """Return the text `name` of the object or schema at `pointer`, which is empty by default."""
    found = owner.get(name, "") if isinstance(owner, dict) else ""
    if not isinstance(found, str):
        raise GeneratorError(join_pointer(pointer, name), f"{found!r:.80} is not a string")
    return found


def default_of(schema: Any) -> str | None:
    """Return the default of a schema as Python source."""
    default = schema.get("default") if isinstance(schema, dict) else None
    return None if default is None else ascii(default)


def needs_items(schema: Any, pointer: str, follow: limits.Follow) -> bool:
    """Return whether a service may take an empty list for its default, which may be another one.

    Nothing is sent of an empty list. The default is known to be empty only if the spec says so:
    FastAPI writes neither null (`list[int] = Query(default=None)`) nor what a factory makes.
    """
    found, at = follow(schema, pointer) if isinstance(schema, dict) else ({}, pointer)
    members = [
        follow(each, join_pointer(at, union, i))[0]
        for union in ("anyOf", "oneOf")
        for i, each in enumerate(found.get(union, ()))
        if isinstance(each, dict)
    ]
    is_list = "array" in [each.get("type") for each in (found, *members)]
    return is_list and schema.get("default", found.get("default")) != []


def _stream(media_type: str, content: Mapping[str, Any]) -> Stream | None:
    essence = _essence(media_type)
    if essence == "text/event-stream":
        return "events"
    return "lines" if essence in _LINES and "itemSchema" in content else None


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()
