// @vitest-environment happy-dom
import { enableAutoUnmount, flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import SymbolSearch from "@/components/SymbolSearch.vue";
import { datafeed as api, unreachable } from "./doubles/apiAdapter";
import { pending, resetDoubles } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

const hit = (symbol: string) => ({ symbol, ticker: symbol, description: `${symbol} Inc.`, exchange: "NYSE", type: "stock" });

async function open(...symbols: string[]) {
  api.searchSymbols.mockResolvedValue({ data: symbols.map(hit) });
  const search = mount(SymbolSearch, { props: { current: "AAPL" } });
  await search.get("input").trigger("focus");
  await flushPromises();
  return search;
}

type Search = Awaited<ReturnType<typeof open>>;

async function press(search: Search, ...keys: string[]): Promise<void> {
  for (const key of keys) await search.get("input").trigger("keydown", { key });
  await flushPromises();
}

async function type(search: Search, text: string): Promise<void> {
  await search.get("input").setValue(text);
  await vi.advanceTimersByTimeAsync(150);
}

/** Return the symbol of the active option. */
function active(search: Search): string | undefined {
  const id = search.get("input").attributes("aria-activedescendant");
  if (id === undefined) return undefined;
  const option = search.get(`[id="${id}"]`);
  expect(option.attributes("aria-selected")).toBe("true");
  return option.get("b").text();
}

enableAutoUnmount(afterEach);
beforeEach(() => {
  resetDoubles();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe("the symbol search", () => {
  it("shows every symbol before anything is typed", async () => {
    const search = await open("AAPL", "IBM");
    expect(search.get("input").attributes("aria-expanded")).toBe("true");
    expect(search.findAll("[role=option]")).toHaveLength(2);
    expect(search.get("[role=status]").text()).toBe("2 symbols");
  });

  it("searches after a pause in the typing", async () => {
    const search = await open("AAPL");
    await search.get("input").setValue("I");
    await type(search, " IBM ");
    expect(api.searchSymbols.mock.calls.map(([request]) => request.userInput)).toEqual(["", "IBM"]);
  });

  it("can be used with the arrow keys and Enter", async () => {
    const search = await open("AAPL", "IBM", "MSFT");
    expect(active(search)).toBeUndefined();
    await press(search, "ArrowDown", "ArrowDown");
    expect(active(search)).toBe("IBM");
    await press(search, "ArrowDown", "ArrowDown");
    expect(active(search)).toBe("AAPL");
    await press(search, "ArrowUp");
    expect(active(search)).toBe("MSFT");
    await press(search, "Enter");
    expect(search.emitted("choose")).toEqual([["MSFT"]]);
    expect(search.get("input").attributes("aria-expanded")).toBe("false");
  });

  it("chooses the first hit if Enter was pressed during the search", async () => {
    const search = await open("AAPL");
    api.searchSymbols.mockResolvedValue({ data: [hit("MSFT"), hit("MS")] });
    await search.get("input").setValue("ms");
    await press(search, "Enter");
    expect(search.emitted("choose")).toBeUndefined();
    await vi.advanceTimersByTimeAsync(150);
    expect(search.emitted("choose")).toEqual([["MSFT"]]);
  });

  it("closes with Escape, and opens again with an arrow key", async () => {
    const search = await open("AAPL");
    await press(search, "Escape");
    expect(search.get("input").attributes("aria-expanded")).toBe("false");
    await press(search, "ArrowDown");
    expect(search.get("input").attributes("aria-expanded")).toBe("true");
  });

  it("ignores late responses", async () => {
    const search = await open("AAPL");
    const late = pending();
    api.searchSymbols.mockReturnValueOnce(late.promise);
    await type(search, "i");
    await type(search, "ib");
    late.resolve({ data: [hit("LATE")] });
    await flushPromises();
    expect(search.findAll("[role=option] b").map((option) => option.text())).toEqual(["AAPL"]);
  });

  it("reports that nothing was found, or why it failed", async () => {
    const search = await open();
    await type(search, "nope");
    expect(search.get("[role=status]").text()).toBe("No symbol matches “nope”.");
    api.searchSymbols.mockRejectedValue(unreachable());
    await type(search, "nope!");
    expect(search.get("[role=status]").text()).toBe("The search failed. The service cannot be reached.");
  });
});
