// @vitest-environment happy-dom
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import SymbolList from "@/components/SymbolList.vue";
import { ApiError } from "@/plugins/apiAdapter";
import type { SearchSymbolResultItem, SymbolInfo } from "@/plugins/datafeed";

const getSymbols = vi.fn();
const searchSymbols = vi.fn();
vi.mock("@/plugins/apiAdapter", async (original) => ({
  ...(await original<typeof import("@/plugins/apiAdapter")>()),
  datafeedApi: async () => ({ getSymbols, searchSymbols }),
}));

const apple = { name: "AAPL", description: "Apple Inc.", exchange: "NASDAQ", type: "stock" } as SymbolInfo;
const ibm: SearchSymbolResultItem = {
  symbol: "IBM",
  ticker: "IBM",
  description: "International Business Machines",
  exchange: "NYSE",
  type: "stock",
};

function cells(list: ReturnType<typeof mount>): string[][] {
  return list.findAll("tbody tr").map((row) => row.findAll("th, td").map((cell) => cell.text()));
}

beforeEach(() => {
  vi.useFakeTimers();
  getSymbols.mockReset().mockResolvedValue({ data: [apple] });
  searchSymbols.mockReset().mockResolvedValue({ data: [ibm] });
});
afterEach(() => vi.useRealTimers());

describe("the list of symbols", () => {
  it("says that it is loading, then shows every symbol", async () => {
    const list = mount(SymbolList);
    expect(list.get("[role=status]").text()).toBe("Loading…");
    await flushPromises();
    expect(cells(list)).toEqual([["AAPL", "Apple Inc.", "NASDAQ", "stock"]]);
    expect(list.get("[role=status]").text()).toBe("1 symbol");
  });

  it("searches once the typing pauses", async () => {
    const list = mount(SymbolList);
    await flushPromises();
    await list.get("input").setValue("I");
    await list.get("input").setValue(" IBM ");
    expect(searchSymbols).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(searchSymbols.mock.calls.map(([request]) => request)).toEqual([{ userInput: "IBM" }]);
    expect(cells(list)[0]).toEqual(["IBM", "International Business Machines", "NYSE", "stock"]);
  });

  it("does not let a late answer replace a newer one", async () => {
    let answerLate: (value: unknown) => void = () => undefined;
    getSymbols.mockReturnValue(new Promise((resolve) => (answerLate = resolve)));
    const list = mount(SymbolList);
    await list.get("input").setValue("IBM");
    await vi.advanceTimersByTimeAsync(200);
    answerLate({ data: [apple] });
    await flushPromises();
    expect(cells(list).map(([symbol]) => symbol)).toEqual(["IBM"]);
    expect(getSymbols.mock.calls[0]?.[1].signal.aborted).toBe(true);
  });

  it("says that nothing was found", async () => {
    searchSymbols.mockResolvedValue({ data: [] });
    const list = mount(SymbolList);
    await list.get("input").setValue("nope");
    await vi.advanceTimersByTimeAsync(200);
    expect(list.get("[role=status]").text()).toBe("No symbol fits “nope”.");
    expect(list.find("table").exists()).toBe(false);
  });

  it("shows the problem, and tries again when asked", async () => {
    const detail = "The datafeed service does not answer.";
    getSymbols.mockRejectedValueOnce(new ApiError({ status: 502, title: "Bad Gateway", detail }));
    const list = mount(SymbolList);
    await flushPromises();
    expect(list.get("[role=alert]").text()).toContain(detail);
    await list.get("[role=alert] button").trigger("click");
    await flushPromises();
    expect(list.find("[role=alert]").exists()).toBe(false);
    expect(cells(list)).toHaveLength(1);
  });
});
