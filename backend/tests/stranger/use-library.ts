// Use the library's client as its author would: node use-library.js ADDRESS
import { failureOf, LibraryApi, type LibraryOperations } from "./trader-client-library/index.js";

const api = new LibraryApi({ basePath: String(process.argv[2]) });

async function borrow(username: string): Promise<unknown[]> {
  const { data: token } = await api.loginTokenPost({ body: { grant_type: "password", username, password: "secret" } });
  const member = new LibraryApi({ basePath: String(process.argv[2]), accessToken: token.access_token });
  const { data: loan } = await member.borrowBooksBookIdLoansPost({ bookId: 1, days: 7 });
  const { data: returned } = await member.returnBookLoansLoanIdReturnPost({ loanId: loan.id });
  return [returned.member, returned.due, returned.returned];
}

const { data: author } = await api.createAuthorAuthorsPost({ body: { name: "Ursula K. Le Guin" } });
const { data: created } = await api.createBookBooksPost({
  body: { title: "The Dispossessed", author_id: author.id, genre: "science fiction", tags: ["utopia"] },
});
const { data: updated } = await api.updateBookBooksBookIdPatch({ bookId: created.id, body: { price: 9.5 } });
const file = new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff])], "cover.png", { type: "image/png" });
const { data: uploaded } = await api.uploadCoverBooksBookIdCoverPut({ bookId: created.id, body: { file, note: "a" } });
const { data: cover } = await api.downloadCoverBooksBookIdCoverGet({ bookId: created.id });
const { data: page } = await api.listBooksBooksGet({ genre: ["science fiction"], q: "dis" });
const events: number[] = [];
for await (const event of api.eventsEventsGet({ count: 3 })) events.push(event.book_id);
const seen: unknown[] = [
  author.id,
  [updated.title, updated.price, updated.genre],
  uploaded.message,
  [...new Uint8Array(await cover.arrayBuffer())],
  [page.total, page.items[0]?.title],
  (await api.exportBooksBooksExportCsvGet()).data,
  (await api.sendNoticeNoticesPost({ body: { channel: "email", address: "a@example.com" } })).data.message,
  events,
  await borrow("ada"),
];
await api.deleteBookBooksBookIdDelete({ bookId: created.id });
for (const authorId of [created.id, 99]) {
  try {
    await api.readAuthorAuthorsAuthorIdGet({ authorId });
  } catch (error) {
    const failure = failureOf<LibraryOperations["readAuthorAuthorsAuthorIdGet"]>(error);
    seen.push([failure?.status, failure?.data]);
  }
}
console.log(JSON.stringify(seen));
