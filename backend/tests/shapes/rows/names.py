"""Names and texts that clients could trip over."""

from enum import Enum
from typing import Annotated, Literal

from fastapi import Body, FastAPI, Query
from pydantic import BaseModel, Field

from shapes.shape import Call, saw, shape


@shape(
    "name: operations called `configuration`, `axios`, `basePath`, `constructor`, `then`",
    python="""
return [
    await client.configuration(),
    await client.axios(),
    await client.base_path(),
    await client.constructor(),
    await client.then(),
]
""",
    typescript="""
return [
  (await api.configuration()).data,
  (await api.axios()).data,
  (await api.basePath()).data,
  (await api.constructor_()).data,
  (await api.then_()).data,
];
""",
    gets=["configuration", "axios", "basePath", "constructor", "then"],
)
def name_operations(app: FastAPI) -> None:
    for name in ("configuration", "axios", "basePath", "constructor", "then"):

        def answer(name: Annotated[str, Query(include_in_schema=False)] = name) -> str:
            return name

        app.get(f"/{name}", operation_id=name)(answer)


@shape(
    "name: operations that are reserved words, or what a client has already",
    python="""
return [await client.delete(), await client.class_(), await client.list_(), await client.aclose_()]
""",
    typescript="""
return [
  (await api.delete()).data,
  (await api.class()).data,
  (await api.list()).data,
  (await api.aclose()).data,
];
""",
    gets=["delete", "class", "list", "aclose"],
)
def name_reserved_operations(app: FastAPI) -> None:
    for name in ("delete", "class", "list", "aclose"):

        def answer(name: Annotated[str, Query(include_in_schema=False)] = name) -> str:
            return name

        app.get(f"/{name}", operation_id=name)(answer)


@shape(
    "name: parameters called `configuration`, `baseOptions`, `arguments`, `options`, `args`, `api`",
    python="""
await client.search(
    configuration="1", base_options="2", arguments="3", options="4", args="5", api="6", client="7"
)
""",
    typescript="""
(await api.search({
  configuration: "1",
  baseOptions: "2",
  arguments: "3",
  options: "4",
  args: "5",
  api: "6",
  client: "7",
})).data
""",
    sees={"values": "['1', '2', '3', '4', '5', '6', '7']"},
)
def name_parameters(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        configuration: str,
        baseOptions: str,
        arguments: str,
        options: str,
        args: str,
        api: str,
        client: str,
    ) -> dict[str, str]:
        values = [configuration, baseOptions, arguments, options, args, api, client]
        return saw(values=values)


@shape(
    "name: parameters that differ by their spelling alone",
    python=Call(
        'await client.search("1", "2", "3")', rejects="two parameters would be the argument"
    ),
    typescript='(await api.search({ userId: "1", userIdQuery: "2", userId2: "3" })).data',
    sees={"values": "['1', '2', '3']"},
)
def name_collisions(app: FastAPI) -> None:
    @app.get("/search")
    async def search(
        user_id: str, userId: str, dashed: Annotated[str, Query(alias="user-id")]
    ) -> dict[str, str]:
        return saw(values=[user_id, userId, dashed])


class Sign(Enum):
    POUND = "£"
    STARS = "**"
    ANY = "*/*"
    LINES = "a\nb"
    QUOTES = "'\"`"
    EMPTY = ""
    SPACES = " a "
    DOLLAR = "${a}"


@shape(
    "name: enum values such as `£`, `**`, `*/*`, line breaks, quotes",
    python="[await client.sign(each) for each in (Sign.POUND, Sign.ANY, Sign.LINES, Sign.QUOTES, Sign.EMPTY, Sign.DOLLAR)]",
    typescript="""
const signs = ["£", "*/*", "a\\nb", "'\\"`", "", "${a}"] as const;
const found: string[] = [];
for (const sign of signs) found.push((await api.sign({ body: sign })).data);
return found;
""",
    gets=["£", "*/*", "a\nb", "'\"`", "", "${a}"],
)
def name_enum_values(app: FastAPI) -> None:
    @app.post("/signs")
    async def sign(sign: Annotated[Sign, Body()]) -> Sign:
        return sign


@shape(
    'name: literals such as `Literal["买", "卖"]`',
    python='await client.trade("买")',
    typescript='(await api.trade({ side: "买" })).data',
    sees={"side": "'买'"},
)
def name_literals(app: FastAPI) -> None:
    @app.get("/trades")
    async def trade(side: Literal["买", "卖"]) -> dict[str, str]:
        return saw(side=side)


class TicketState(Enum):
    OPEN = "open"
    CLOSED = "closed"


class Issue(BaseModel):
    status: TicketState
    state: Literal["open", "closed"] = "open"


@shape(
    "name: a field's enum and an operation's literal of one name",
    python='await client.put_issue(Issue(status=TicketState.OPEN), status="any")',
    typescript='(await api.putIssue({ status: "any", body: { status: "open" } })).data',
    sees={"status": "'any'", "issue": "Issue(status=<TicketState.OPEN: 'open'>, state='open')"},
)
def name_enum_twice(app: FastAPI) -> None:
    @app.put("/issues")
    async def put_issue(issue: Issue, status: Literal["open", "any"] = "open") -> dict[str, str]:
        return saw(status=status, issue=issue)


class Inline(BaseModel):
    issue: dict[str, int] | Issue | None = None
    ticket: list[TicketState] | TicketState | None = None


@shape(
    "name: a field whose inline type gets the name of a model",
    python="await client.put_inline(Inline(issue={'a': 1}, ticket=[TicketState.CLOSED]))",
    typescript="""
(await api.putInline({ body: { issue: { a: 1 }, ticket: ["closed"] } })).data
""",
    gets={"issue": {"a": 1}, "ticket": ["closed"]},
)
def name_inline(app: FastAPI) -> None:
    @app.put("/inline")
    async def put_inline(inline: Inline) -> Inline:
        return inline


class Documented(BaseModel):
    """Says */ and `${a}` and \\ and {{ a }}.

    In several paragraphs; @deprecated is no tag here.
    """

    value: int = Field(description="First line */\nsecond line `\\`.", examples=[1])


@shape(
    "text: descriptions that could end a comment or a string",
    python="await client.put_documented(Documented(value=1))",
    typescript="(await api.putDocumented({ body: { value: 1 } })).data",
    gets={"value": 1},
)
def text_descriptions(app: FastAPI) -> None:
    description = "Ends */ a comment.\n\n\"\"\" and ''' and \\ and ${a} and {{a}}.\n\n* a list"

    @app.put("/documented", summary="One */ line", description=description)
    async def put_documented(documented: Documented) -> Documented:
        return documented


@shape(
    "text: a deprecated operation with two tags",
    python="""
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    return await client.get_old()  # pyright: ignore[reportDeprecated]
""",
    typescript="(await api.getOld()).data",
    gets=1,
)
def text_deprecated(app: FastAPI) -> None:
    @app.get("/old", deprecated=True, tags=["items", "users"])
    async def get_old() -> int:
        return 1


@shape(
    "name: an operation with letters beyond ASCII",
    python="await client.größe()",
    typescript="(await api.größe()).data",
    gets=1,
)
def name_letters(app: FastAPI) -> None:
    @app.get("/size")
    async def größe() -> int:
        return 1


@shape(
    "name: FastAPI's own operation ids",
    python="await client.read_item_items__item_id__get(3)",
    typescript="(await api.readItemItemsItemIdGet({ itemId: 3 })).data",
    gets=3,
)
def name_default_ids(app: FastAPI) -> None:
    @app.get("/items/{item_id}", operation_id="read_item_items__item_id__get")
    async def read_item(item_id: int) -> int:
        return item_id
