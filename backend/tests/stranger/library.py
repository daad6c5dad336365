"""The API of a town library: an ordinary FastAPI application."""

import asyncio
import csv
import io
from collections.abc import AsyncIterable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from enum import Enum
from typing import Annotated, Any, Literal

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Depends,
    FastAPI,
    Form,
    HTTPException,
    Query,
    Response,
    UploadFile,
    status,
)
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel, Field


class Genre(str, Enum):
    novel = "novel"
    science = "science fiction"
    history = "history"


class AuthorIn(BaseModel):
    name: str = Field(min_length=1)
    born: date | None = None


class Author(AuthorIn):
    id: int


class BookIn(BaseModel):
    title: str
    author_id: int
    genre: Genre = Genre.novel
    tags: set[str] = set()
    price: float | None = Field(default=None, ge=0)


class BookUpdate(BaseModel):
    title: str | None = None
    genre: Genre | None = None
    price: float | None = None


class Book(BookIn):
    id: int


class Page(BaseModel):
    items: list[Book]
    total: int


class EmailNotice(BaseModel):
    channel: Literal["email"] = "email"
    address: str


class TextNotice(BaseModel):
    channel: Literal["text"] = "text"
    number: str


class Loan(BaseModel):
    id: int
    book: Book
    member: str
    due: date
    returned: bool = False


class Event(BaseModel):
    kind: str
    book_id: int


class Message(BaseModel):
    message: str


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"


authors: dict[int, Author] = {}
books: dict[int, Book] = {}
loans: dict[int, Loan] = {}
covers: dict[int, bytes] = {}
notices: list[str] = []


@asynccontextmanager
async def lifespan(app: FastAPI):
    authors[1] = Author(id=1, name="Stanisław Lem", born=date(1921, 9, 12))
    books[1] = Book(id=1, title="Solaris", author_id=1, genre=Genre.science, tags={"ocean"})
    yield
    for each in (authors, books, loans, covers):
        each.clear()


app = FastAPI(title="Town library", version="0.3.1", lifespan=lifespan)
bearer = OAuth2PasswordBearer(tokenUrl="token")
router = APIRouter(prefix="/books", tags=["books"])


def current_member(token: Annotated[str, Depends(bearer)]) -> str:
    if not token.startswith("token-"):
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Invalid token")
    return token.removeprefix("token-")


Member = Annotated[str, Depends(current_member)]


def find_book(book_id: int) -> Book:
    if book_id not in books:
        raise HTTPException(404, "Book not found")
    return books[book_id]


Found = Annotated[Book, Depends(find_book)]


@app.get("/")
def root():
    return {"message": "Welcome"}


@app.post("/token")
def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    return Token(access_token=f"token-{form.username}")


@app.get("/me", tags=["members"])
def me(member: Member) -> str:
    return member


@app.get("/authors", tags=["authors"])
def list_authors(born_after: date | None = None) -> list[Author]:
    return [a for a in authors.values() if not born_after or (a.born and a.born > born_after)]


@app.post("/authors", status_code=201, tags=["authors"])
def create_author(author: AuthorIn) -> Author:
    found = Author(id=len(authors) + 1, **author.model_dump())
    authors[found.id] = found
    return found


@app.get("/authors/{author_id}", responses={404: {"model": Message}}, tags=["authors"])
def read_author(author_id: int) -> Author:
    if author_id not in authors:
        return JSONResponse({"message": "no such author"}, 404)
    return authors[author_id]


@router.get("/")
def list_books(
    q: str | None = None,
    genre: Annotated[list[Genre] | None, Query()] = None,
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(le=100)] = 20,
) -> Page:
    found = [
        book
        for book in books.values()
        if (not q or q.lower() in book.title.lower()) and (not genre or book.genre in genre)
    ]
    return Page(items=found[skip : skip + limit], total=len(found))


@router.post("/", status_code=201)
def create_book(book: BookIn, response: Response) -> Book:
    found = Book(id=max(books, default=0) + 1, **book.model_dump())
    books[found.id] = found
    response.headers["Location"] = f"/books/{found.id}"
    return found


@router.get("/export.csv", response_class=PlainTextResponse)
def export_books() -> str:
    file = io.StringIO()
    csv.writer(file).writerows([book.id, book.title] for book in books.values())
    return file.getvalue()


@router.get("/by-genre")
def count_by_genre() -> dict[Genre, int]:
    counts = dict.fromkeys(Genre, 0)
    for book in books.values():
        counts[book.genre] += 1
    return counts


@router.get("/{book_id}")
def read_book(book: Found) -> Book:
    return book


@router.patch("/{book_id}")
def update_book(book: Found, update: BookUpdate) -> Book:
    books[book.id] = book.model_copy(update=update.model_dump(exclude_unset=True))
    return books[book.id]


@router.delete("/{book_id}", status_code=204)
def delete_book(book: Found) -> None:
    del books[book.id]


@router.put("/{book_id}/cover")
async def upload_cover(book: Found, file: UploadFile, note: Annotated[str, Form()] = "") -> Message:
    covers[book.id] = await file.read()
    return Message(message=f"{file.filename} {len(covers[book.id])} {note}".strip())


@router.get("/{book_id}/cover", response_class=StreamingResponse)
def download_cover(book: Found):
    return StreamingResponse(iter([covers[book.id]]), media_type="image/png")


@router.post("/{book_id}/loans", status_code=201, tags=["loans"])
def borrow(book: Found, member: Member, days: int = 14) -> Loan:
    due = date(2024, 2, 29) + timedelta(days=days)
    loan = Loan(id=len(loans) + 1, book=book, member=member, due=due)
    loans[loan.id] = loan
    return loan


@app.post("/loans/{loan_id}/return", tags=["loans"])
def return_book(loan_id: int, member: Member) -> Loan:
    loans[loan_id].returned = True
    return loans[loan_id]


@app.post("/notices", status_code=202)
def send_notice(
    notice: Annotated[EmailNotice | TextNotice, Field(discriminator="channel")],
    tasks: BackgroundTasks,
) -> Message:
    tasks.add_task(notices.append, notice.channel)
    return Message(message=f"{notice.channel} queued")


@app.get("/events", response_class=EventSourceResponse)
async def events(count: int = 2) -> AsyncIterable[Event]:
    for number in range(count):
        yield Event(kind="returned", book_id=number)
        await asyncio.sleep(0)


@app.post("/search")
def search(filters: dict[str, Any]) -> list[Book]:
    return [book for book in books.values() if book.title == filters.get("title")]


app.include_router(router)
