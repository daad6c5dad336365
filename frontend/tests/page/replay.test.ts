// @vitest-environment happy-dom
import { enableAutoUnmount, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import ReplayNote from "@/components/ReplayNote.vue";
import { datafeed as api, unreachable } from "./doubles/apiAdapter";
import { resetDoubles } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

const FRIDAY = Date.UTC(2012, 5, 1, 14, 47) / 1000;
const MONDAY_OPEN = Date.UTC(2012, 5, 4, 13, 30) / 1000;
const NEW_YORK = { timezone: "America/New_York" };

/** Let five seconds pass, after which the market's time is `market`. */
async function read(market: number): Promise<void> {
  api.getServerTime.mockResolvedValue({ data: market });
  await vi.advanceTimersByTimeAsync(5_000);
}

async function show(market: number): Promise<VueWrapper> {
  api.getServerTime.mockResolvedValue({ data: market });
  const note = mount(ReplayNote, { props: NEW_YORK });
  await vi.advanceTimersByTimeAsync(0);
  return note;
}

enableAutoUnmount(afterEach);
beforeEach(() => {
  vi.useFakeTimers();
  resetDoubles();
});
afterEach(() => vi.useRealTimers());

it("a replay is shown with its speed and the market's time at the exchange", async () => {
  const note = await show(FRIDAY);
  expect(note.text()).toBe("Replay Market time Fri, 01 Jun 2012, 10:47");
  await read(FRIDAY + 300);
  expect(note.text()).toBe("Replay at 60× Market time Fri, 01 Jun 2012, 10:52");
});

it("a market in real time is not a replay", async () => {
  expect((await show(Date.now() / 1000 - 3_600)).text()).toBe("");
});

it("the speed does not count the time between two sessions, a restart, or the end of the data", async () => {
  const note = await show(FRIDAY);
  await read(FRIDAY + 300);
  await read(MONDAY_OPEN);
  expect(note.text()).toContain("Replay at 60× Market time Mon, 04 Jun 2012, 09:30");
  await read(MONDAY_OPEN + 300);
  await read(MONDAY_OPEN + 300);
  expect(note.text()).toContain("at 60×");
  await read(MONDAY_OPEN);
  await read(MONDAY_OPEN + 1_200);
  expect(note.text()).toContain("at 240×");
});

it("the speed does not depend on the duration of a request", async () => {
  api.getServerTime.mockImplementationOnce(() => new Promise((resolve) => setTimeout(() => resolve({ data: FRIDAY }), 2_000)));
  const note = mount(ReplayNote, { props: NEW_YORK });
  await vi.advanceTimersByTimeAsync(2_000);
  await read(FRIDAY + 420);
  expect(note.text()).toContain("at 60×");
});

it("the time is read again after an outage, and not after the page is closed", async () => {
  const note = await show(FRIDAY);
  api.getServerTime.mockRejectedValue(unreachable());
  await vi.advanceTimersByTimeAsync(5_000);
  await read(FRIDAY + 600);
  expect(note.text()).toContain("at 60× Market time Fri, 01 Jun 2012, 10:57");
  note.unmount();
  const calls = api.getServerTime.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.getServerTime).toHaveBeenCalledTimes(calls);
});
