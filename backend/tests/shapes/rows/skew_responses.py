"""Version skew of responses: a client of one version, and the service of the other one."""

from enum import IntEnum, StrEnum
from typing import Annotated, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from shapes.shape import Call, saw
from shapes.versions import change


class OldNote(BaseModel):
    text: str


class NewNote(BaseModel):
    text: str
    author: str | None = None


def old_note(app: FastAPI) -> None:
    @app.get("/note")
    async def get_note() -> OldNote:
        return OldNote(text="a")


def new_note(app: FastAPI) -> None:
    @app.get("/note")
    async def get_note() -> NewNote:
        return NewNote(text="a", author="b")


change(
    "response_field",
    "a new optional field of a response",
    old_note,
    new_note,
    old_client={
        "python": "(await client.get_note()).text",
        "typescript": "(await api.getNote()).data.text",
        "gets": "a",
    },
    new_client={
        "python": "(await client.get_note()).author is None",
        "typescript": "(await api.getNote()).data.author === undefined",
        "gets": True,
    },
)


class OldColour(StrEnum):
    RED = "red"


class NewColour(StrEnum):
    RED = "red"
    BLUE = "blue"


class OldRank(IntEnum):
    LOW = 1


class NewRank(IntEnum):
    LOW = 1
    HIGH = 2


class OldFlag(BaseModel):
    colour: OldColour
    rank: OldRank


class NewFlag(BaseModel):
    colour: NewColour
    rank: NewRank


def old_flag(app: FastAPI) -> None:
    @app.get("/flag")
    async def get_flag() -> OldFlag:
        return OldFlag(colour=OldColour.RED, rank=OldRank.LOW)

    @app.put("/flag")
    async def put_flag(flag: OldFlag) -> OldFlag:
        return flag


def new_flag(app: FastAPI) -> None:
    @app.get("/flag")
    async def get_flag() -> NewFlag:
        return NewFlag(colour=NewColour.BLUE, rank=NewRank.HIGH)

    @app.put("/flag")
    async def put_flag(flag: NewFlag) -> NewFlag:
        saw(flag=flag)
        return flag


change(
    "enum_text",
    "a new member of an enum of texts",
    old_flag,
    new_flag,
    old_client={
        "python": """
colour = (await client.get_flag()).colour
return [is_unrecognized(colour), colour.name, colour.value]
""",
        "typescript": """
const { colour } = (await api.getFlag()).data;
return [!Object.values<unknown>(client.OldColour).includes(colour), "UNRECOGNIZED", colour];
""",
        "gets": [True, "UNRECOGNIZED", "blue"],
    },
    new_client={
        "python": "(await client.get_flag()).colour is NewColour.RED",
        "typescript": "(await api.getFlag()).data.colour === client.NewColour.red",
        "gets": True,
    },
)

change(
    "enum_number",
    "a new member of an enum of numbers, sent back",
    old_flag,
    new_flag,
    old_client={
        "python": "await client.put_flag(await client.get_flag())",
        "typescript": "(await api.putFlag({ body: (await api.getFlag()).data })).data",
        "sees": {"flag": "NewFlag(colour=<NewColour.BLUE: 'blue'>, rank=<NewRank.HIGH: 2>)"},
        "gets": {"colour": "blue", "rank": 2},
    },
    new_client={
        "python": Call(
            "await client.put_flag(NewFlag(colour=NewColour.BLUE, rank=NewRank.HIGH))",
            raises="422",
        ),
        "typescript": Call(
            'await api.putFlag({ body: { colour: "blue", rank: 2 } })', raises="422"
        ),
    },
)


class OldCircle(BaseModel):
    form: Literal["circle"]
    radius: int


class OldSquare(BaseModel):
    form: Literal["square"]
    side: int


class NewStar(BaseModel):
    form: Literal["star"]
    points: int


OldForm = Annotated[OldCircle | OldSquare, Field(discriminator="form")]
NewForm = Annotated[OldCircle | OldSquare | NewStar, Field(discriminator="form")]


class OldDrawing(BaseModel):
    forms: list[OldForm]


class NewDrawing(BaseModel):
    forms: list[NewForm]


def old_drawing(app: FastAPI) -> None:
    @app.get("/drawing")
    async def get_drawing() -> OldDrawing:
        return OldDrawing(forms=[OldCircle(form="circle", radius=1)])


def new_drawing(app: FastAPI) -> None:
    @app.get("/drawing")
    async def get_drawing() -> NewDrawing:
        circle = OldCircle(form="circle", radius=1)
        return NewDrawing(forms=[NewStar(form="star", points=5), circle])


change(
    "union",
    "a new member of a union",
    old_drawing,
    new_drawing,
    old_client={
        "python": """
star, circle = (await client.get_drawing()).forms
return [is_unrecognized(star), star, circle]
""",
        "typescript": """
const [star, circle] = (await api.getDrawing()).data.forms;
return [true, star, circle];
""",
        "gets": [True, {"form": "star", "points": 5}, {"form": "circle", "radius": 1}],
    },
    new_client={
        "python": "[type(each).__name__ for each in (await client.get_drawing()).forms]",
        "typescript": """
return (await api.getDrawing()).data.forms.map((each) => each.form === "circle" ? "OldCircle" : "");
""",
        "gets": ["OldCircle"],
    },
)


class OldLimits(BaseModel):
    count: Annotated[int, Field(le=10)]
    word: Annotated[str, Field(max_length=3)]


class NewLimits(BaseModel):
    count: Annotated[int, Field(le=100)]
    word: Annotated[str, Field(max_length=30)]


def old_limits(app: FastAPI) -> None:
    @app.post("/limits")
    async def set_limits(limits: OldLimits) -> OldLimits:
        return limits

    @app.get("/limits")
    async def get_limits() -> OldLimits:
        return OldLimits(count=1, word="a")


def new_limits(app: FastAPI) -> None:
    @app.post("/limits")
    async def set_limits(limits: NewLimits) -> NewLimits:
        return limits

    @app.get("/limits")
    async def get_limits() -> NewLimits:
        return NewLimits(count=50, word="longer")


change(
    "limits",
    "a larger range, and a larger length",
    old_limits,
    new_limits,
    old_client={
        "python": "await client.get_limits()",
        "typescript": "(await api.getLimits()).data",
        "gets": {"count": 50, "word": "longer"},
    },
    new_client={
        "python": Call('await client.set_limits(NewLimits(count=50, word="a"))', raises="422"),
        "typescript": Call('await api.setLimits({ body: { count: 50, word: "a" } })', raises="422"),
    },
)
