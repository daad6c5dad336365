"""Use the library's client as its author would: python use_library.py ADDRESS."""

import asyncio
import json
import sys

from clients.library_client import LibraryApi
from library import AuthorIn, BookIn, BookUpdate, EmailNotice, Genre

from clients import LibraryClient
from trading_api.shared.client import ApiError, FileUpload


async def borrow(library: LibraryApi, address: str) -> list[object]:
    token = await library.login_token_post("ada", "secret", grant_type="password")
    async with LibraryClient(address, token=token.access_token) as member:
        loan = await member.borrow_books__book_id__loans_post(1, days=7)
        loan = await member.return_book_loans__loan_id__return_post(loan.id)
        return [loan.member, loan.due.isoformat(), loan.returned]


async def use(library: LibraryApi, address: str) -> list[object]:
    author = await library.create_author_authors_post(AuthorIn(name="Ursula K. Le Guin"))
    book = BookIn(
        title="The Dispossessed", author_id=author.id, genre=Genre.science, tags={"utopia"}
    )
    created = await library.create_book_books__post(book)
    updated = await library.update_book_books__book_id__patch(created.id, BookUpdate(price=9.5))
    cover = FileUpload(b"\x89PNG\xff", filename="cover.png", content_type="image/png")
    uploaded = await library.upload_cover_books__book_id__cover_put(created.id, cover, note="a")
    page = await library.list_books_books__get(genre=[Genre.science], q="dis")
    seen: list[object] = [
        author.id,
        [updated.title, updated.price, updated.genre.value],
        uploaded.message,
        [*await library.download_cover_books__book_id__cover_get(created.id)],
        [page.total, page.items[0].title],
        await library.export_books_books_export_csv_get(),
        (await library.send_notice_notices_post(EmailNotice(address="a@example.com"))).message,
        [event.book_id async for event in library.events_events_get(count=3)],
        await borrow(library, address),
    ]
    await library.delete_book_books__book_id__delete(created.id)
    for number in (created.id, 99):
        try:
            await library.read_author_authors__author_id__get(number)
        except ApiError as error:
            seen.append([error.status, json.loads(error.content)])
    return seen


async def main(address: str) -> None:
    async with LibraryClient(address) as library:
        print(json.dumps(await use(library, address)))


asyncio.run(main(sys.argv[1]))
