import { describe, expect, it, vi } from "vitest";
import { ApiError } from "@/plugins/apiError";
import { OrderType, ParentType, Side, StopType, type PlacedOrder } from "@/plugins/broker";
import { Resolution } from "@/plugins/datafeed";
import { keptBars, renewed, toResolution, withBar } from "@/lib/bars";
import { chartTime, chartTimes, toCandle, toVolume } from "@/lib/chartData";
import { decimalsOf, pipOf, plain, price, quantity, signed, volume } from "@/lib/format";
import { draftOf, exitsOf, newDraft, numberOf, profit, toPreOrder } from "@/lib/orders";
import { placed, problemsOf } from "@/lib/problems";
import { bar, limitOrder, position, stopLoss, takeProfit } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));

const times = (bars: readonly { time: number }[]) => bars.map(({ time }) => time);

describe("live bars", () => {
  const bars = [bar(1000), bar(2000), bar(4000)];

  it("replace the one of the same time, or come after the last", () => {
    expect(withBar(bars, bar(4000, 11))).toEqual([bars[0], bars[1], bar(4000, 11)]);
    expect(withBar(bars, bar(2000, 11))[1]).toEqual(bar(2000, 11));
    expect(times(withBar(bars, bar(5000)))).toEqual([1000, 2000, 4000, 5000]);
    expect(times(withBar([], bar(5000)))).toEqual([5000]);
  });

  it("that fit nowhere are left out", () => {
    expect(withBar(bars, bar(3000))).toBe(bars);
    expect(withBar(bars, bar(500))).toBe(bars);
  });
});

describe("bars that are read again", () => {
  const held = [bar(1000), bar(2000), bar(3000)];

  it("keep the older ones", () => {
    expect(times(renewed(held, [bar(3000), bar(4000)]))).toEqual([1000, 2000, 3000, 4000]);
  });

  it("end where a replay that started anew ends", () => {
    expect(times(renewed(held, [bar(1500), bar(2000)]))).toEqual([1000, 1500, 2000]);
  });

  it("leave no gap", () => {
    expect(times(renewed(held, [bar(5000), bar(6000)]))).toEqual([5000, 6000]);
  });
});

it("a chart keeps what has not changed", () => {
  const bars = [bar(1000), bar(2000), bar(3000)];
  expect(keptBars(bars, withBar(bars, bar(3000, 11)))).toBe(2);
  expect(keptBars(bars, withBar(withBar(bars, bar(3000, 11)), bar(4000)))).toBe(2);
  expect(keptBars(bars, [bar(500), ...bars])).toBeUndefined();
  expect(keptBars(bars, renewed(bars, [bar(1000), bar(2000)]))).toBeUndefined();
  expect(keptBars([], bars)).toBeUndefined();
});

describe("the chart", () => {
  it("has UTC seconds, where bars have milliseconds", () => {
    expect(chartTime(951_868_800_000)).toBe(951_868_800);
    expect(toCandle(bar(60_000, 11))).toEqual({ time: 60, open: 10, high: 12, low: 9, close: 11 });
  });

  it("colours the volume by the direction of the bar", () => {
    expect(toVolume(bar(60_000, 11), "green", "red")).toEqual({ time: 60, value: 100, color: "green" });
    expect(toVolume(bar(60_000, 9), "green", "red").color).toBe("red");
  });

  it("shows intraday times as the exchange has them, and days as they are", () => {
    const june = Date.UTC(2012, 5, 1, 13, 30) / 1000;
    expect(chartTimes(true, "America/New_York").full(june)).toBe("Fri, 01 Jun 2012, 09:30");
    expect(chartTimes(true, "America/New_York").tick(june, 3)).toBe("09:30");
    const midnight = Date.UTC(2012, 5, 1) / 1000;
    expect(chartTimes(false, "America/New_York").full(midnight)).toBe("01 Jun 2012");
    expect(chartTimes(false, "America/New_York").tick(midnight, 2)).toBe("1");
  });
});

it("a resolution from an address is a known one", () => {
  expect(toResolution("60")).toBe(Resolution.HOUR);
  expect(toResolution("7")).toBe(Resolution.DAY);
  expect(toResolution(undefined)).toBe(Resolution.DAY);
});

it("numbers read alike everywhere", () => {
  expect([price(1234.5), price(0.12345, 2), price(undefined)]).toEqual(["1,234.50", "0.1235", "–"]);
  expect([signed(-0.5), signed(2), signed(0)]).toEqual(["−0.50", "+2.00", "0.00"]);
  expect([quantity(10), quantity(0.5), volume(1_234_567)]).toEqual(["10", "0.5", "1.2M"]);
});

it.each([
  [1, 100, 2, "0.01"],
  [25, 100, 2, "0.25"],
  [1, 32, 5, "0.03125"],
  [1, 1, 0, "1"],
  [1, 1e8, 8, "0.00000001"],
])("a price that moves by %i/%i has its decimals", (minmov, pricescale, decimals, pip) => {
  expect(decimalsOf({ minmov, pricescale })).toBe(decimals);
  expect(pipOf({ minmov, pricescale })).toBe(pip);
});

describe("an order from a ticket", () => {
  it.each([
    [OrderType.MARKET, {}],
    [OrderType.LIMIT, { limitPrice: 70 }],
    [OrderType.STOP, { stopPrice: 75.5 }],
    [OrderType.STOP_LIMIT, { limitPrice: 70, stopPrice: 75.5 }],
  ])("of type %i has the prices of its type and no other", (type, prices) => {
    const draft = { ...newDraft(), type, qty: " 10 ", limitPrice: "70", stopPrice: "75.5" };
    const expected = { symbol: "AAPL", side: Side.BUY, type, qty: 10, ...prices };
    expect(toPreOrder("AAPL", draft)).toEqual({ order: expected, problems: {} });
  });

  it("has the brackets that are filled in", () => {
    const draft = { ...newDraft(), takeProfit: "90", stop: "trailingStopPips" as const, stopValue: "500" };
    expect(toPreOrder("AAPL", draft).order).toMatchObject({ takeProfit: 90, trailingStopPips: 500 });
    expect(toPreOrder("AAPL", draft).order).not.toHaveProperty("stopLoss");
  });

  it("says what is missing or no number", () => {
    const draft = { ...newDraft(), type: OrderType.LIMIT, qty: "ten", stop: "stopLoss" as const };
    expect(toPreOrder("AAPL", draft).problems).toEqual({
      qty: expect.stringContaining("Enter a number"),
      limitPrice: "Enter a value.",
      stopLoss: "Enter a value.",
    });
  });
});

it("numbers are plain decimals", () => {
  expect([numberOf("1.5"), numberOf("-1"), numberOf(".5"), numberOf("  ")]).toEqual([1.5, -1, 0.5, undefined]);
  for (const text of ["1,5", "1e3", "0x10", "Infinity", "5 5"]) expect(numberOf(text), text).toBeNaN();
});

it.each([1e-7, 1e-8, 0.1 + 0.2, 460.25, 1_234_567.5, 1e21])("%d can be typed as it is shown", (value) => {
  expect(plain(value)).toMatch(/^\d+(\.\d+)?$/);
  expect(numberOf(plain(value))).toBeCloseTo(value, 12);
  const order = { ...limitOrder, qty: value, limitPrice: value, takeProfit: value, stopLoss: value };
  expect(toPreOrder("AAPL", draftOf(order)).problems).toEqual({});
});

it("nothing is typed as nothing", () => {
  expect([plain(undefined), plain(null), plain(0)]).toEqual(["", "", "0"]);
});

it("a working order can be edited and comes out as it was", () => {
  const order: PlacedOrder = { ...limitOrder, takeProfit: 90, trailingStopPips: 500 };
  expect(toPreOrder("AAPL", draftOf(order)).order).toEqual({
    symbol: "AAPL", side: Side.BUY, type: OrderType.LIMIT, qty: 10, limitPrice: 50, takeProfit: 90, trailingStopPips: 500,
  });
});

describe("the exits of a position", () => {
  const nobodys = { parentId: null, parentType: null };

  it("are the orders that name it as their parent", () => {
    expect(exitsOf(position, [limitOrder, takeProfit, stopLoss])).toEqual({ takeProfit: "90", stop: "stopLoss", stopValue: "60" });
    const trailing = { ...stopLoss, stopType: StopType.TRAILING_STOP, trailingStopPips: 500 };
    expect(exitsOf(position, [trailing])).toEqual({ takeProfit: "", stop: "trailingStopPips", stopValue: "500" });
  });

  it("are no other orders, however much these look like them", () => {
    const others = [
      { ...takeProfit, ...nobodys },
      { ...stopLoss, ...nobodys },
      { ...takeProfit, parentId: "P2" },
      { ...stopLoss, parentType: ParentType.ORDER },
    ];
    expect(exitsOf(position, others)).toEqual({ takeProfit: "", stop: "", stopValue: "" });
    expect(exitsOf(position, [takeProfit, ...others])).toEqual({ takeProfit: "90", stop: "", stopValue: "" });
  });

  it("may have another quantity for a moment, while the position changes", () => {
    expect(exitsOf({ ...position, qty: 4 }, [takeProfit]).takeProfit).toBe("90");
  });
});

it("the profit of a position is what closing it would bring", () => {
  expect(profit(position, { bid: 71, ask: 72 })).toBe(10);
  expect(profit({ ...position, side: Side.SELL }, { bid: 71, ask: 72 })).toBe(-20);
  expect(profit(position, undefined)).toBeUndefined();
});

describe("a refused request", () => {
  const labels = { qty: "Quantity", limitPrice: "Limit price", takeProfit: "Take profit" };
  const error = (detail: string, fields: { place: string; message: string }[] = []) =>
    new ApiError({ status: 422, title: "Unprocessable Content", detail, fields });

  it("tells each problem at its field", () => {
    const fields = [
      { place: "body.qty", message: "Input should be greater than 0" },
      { place: "body", message: "Value error, a LIMIT order needs limitPrice" },
      { place: "body.else", message: "is odd" },
    ];
    expect(problemsOf(error("", fields), labels)).toEqual({
      fields: { qty: "Input should be greater than 0.", limitPrice: "A LIMIT order needs limit price." },
      others: ["Is odd."],
    });
  });

  it("tells what belongs to a field that is not on screen of the form as a whole", () => {
    const fields = [{ place: "body.qty", message: "is odd" }, { place: "body.limitPrice", message: "is high" }];
    expect(problemsOf(error("", fields), labels, ["limitPrice"])).toEqual({
      fields: { limitPrice: "Is high." },
      others: ["Quantity: is odd."],
    });
    expect(placed(["takeProfit is odd"], labels, ["qty"])).toEqual({ fields: {}, others: ["Take profit is odd."] });
  });

  it("may use any word", () => {
    expect(problemsOf(error("the constructor has no toString"), labels)).toEqual({
      fields: {},
      others: ["The constructor has no toString."],
    });
    expect(problemsOf(error("", [{ place: "body.constructor", message: "is odd" }]), labels).others).toEqual(["Is odd."]);
  });

  it("finds the field that a sentence names", () => {
    const detail = "takeProfit has to be above 73.2; the market is closed";
    expect(problemsOf(error(detail), labels)).toEqual({
      fields: { takeProfit: "Take profit has to be above 73.2." },
      others: ["The market is closed."],
    });
    expect(placed(["qty is odd", "qty is small"], labels).fields).toEqual({ qty: "Quantity is odd. Quantity is small." });
  });
});
