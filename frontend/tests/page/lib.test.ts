import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { ApiError, type ProblemField } from "@/plugins/apiError";
import { OrderType, ParentType, Side, StopType, type PlacedOrder } from "@/plugins/broker";
import { Resolution } from "@/plugins/datafeed";
import { mergeFresh, toResolution, unchangedBars, withBar } from "@/lib/bars";
import { chartTime, chartTimes, toCandle, toVolume } from "@/lib/chartData";
import { decimalsOf, pipOf, plain, price, quantity, signed, volume } from "@/lib/format";
import { draftOf, exitsOf, FIELD_LABELS, isPlacedBy, newDraft, numberOf, profit, sideName, toPreOrder, typeName } from "@/lib/orders";
import { problemsOf } from "@/lib/problems";
import { bar, limitOrder, position, stopLoss, takeProfit } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));

const times = (bars: readonly { time: number }[]) => bars.map(({ time }) => time);

describe("a live bar", () => {
  const bars = [bar(1000), bar(2000), bar(4000)];

  it("replaces the bar with its time, or follows the last one", () => {
    expect(withBar(bars, bar(4000, 11))).toEqual([bars[0], bars[1], bar(4000, 11)]);
    expect(withBar(bars, bar(2000, 11))[1]).toEqual(bar(2000, 11));
    expect(times(withBar(bars, bar(5000)))).toEqual([1000, 2000, 4000, 5000]);
    expect(times(withBar([], bar(5000)))).toEqual([5000]);
  });

  it("is ignored if it is older than the last one and replaces none", () => {
    expect(withBar(bars, bar(3000))).toBe(bars);
    expect(withBar(bars, bar(500))).toBe(bars);
  });
});

describe("bars that are read again", () => {
  const held = [bar(1000), bar(2000), bar(3000)];

  it("are added to the older ones", () => {
    expect(times(mergeFresh(held, [bar(3000), bar(4000)]))).toEqual([1000, 2000, 3000, 4000]);
  });

  it("replace the newer ones of a replay that was restarted", () => {
    expect(times(mergeFresh(held, [bar(1500), bar(2000)]))).toEqual([1000, 1500, 2000]);
  });

  it("replace all bars if some may be missing in between", () => {
    expect(times(mergeFresh(held, [bar(5000), bar(6000)]))).toEqual([5000, 6000]);
  });
});

it("a chart keeps the bars before the first change", () => {
  const bars = [bar(1000), bar(2000), bar(3000)];
  expect(unchangedBars(bars, withBar(bars, bar(3000, 11)))).toBe(2);
  expect(unchangedBars(bars, withBar(withBar(bars, bar(3000, 11)), bar(4000)))).toBe(2);
  expect(unchangedBars(bars, [bar(500), ...bars])).toBeUndefined();
  expect(unchangedBars(bars, mergeFresh(bars, [bar(1000), bar(2000)]))).toBeUndefined();
  expect(unchangedBars([], bars)).toBeUndefined();
});

describe("the data of the chart", () => {
  it("has times in seconds, while bars have milliseconds", () => {
    expect(chartTime(951_868_800_000)).toBe(951_868_800);
    expect(toCandle(bar(60_000, 11))).toEqual({ time: 60, open: 10, high: 12, low: 9, close: 11 });
  });

  it("colours the volume by the direction of the bar", () => {
    expect(toVolume(bar(60_000, 11), "green", "red")).toEqual({ time: 60, value: 100, color: "green" });
    expect(toVolume(bar(60_000, 9), "green", "red").color).toBe("red");
  });

  it("has intraday times in the time zone of the exchange, and days in UTC", () => {
    const june = Date.UTC(2012, 5, 1, 13, 30) / 1000;
    expect(chartTimes(true, "America/New_York").full(june)).toBe("Fri, 01 Jun 2012, 09:30");
    expect(chartTimes(true, "America/New_York").tick(june, 3)).toBe("09:30");
    const midnight = Date.UTC(2012, 5, 1) / 1000;
    expect(chartTimes(false, "America/New_York").full(midnight)).toBe("01 Jun 2012");
    expect(chartTimes(false, "America/New_York").tick(midnight, 2)).toBe("1");
  });
});

it("an invalid resolution in an address becomes one day", () => {
  expect(toResolution("60")).toBe(Resolution.HOUR);
  expect(toResolution("7")).toBe(Resolution.DAY);
  expect(toResolution(undefined)).toBe(Resolution.DAY);
});

it("numbers are formatted with separators, signs and a dash for unknown ones", () => {
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
])("a price with steps of %i/%i has %i decimals", (minmov, pricescale, decimals, pip) => {
  expect(decimalsOf({ minmov, pricescale })).toBe(decimals);
  expect(pipOf({ minmov, pricescale })).toBe(pip);
});

describe("the order of a ticket", () => {
  it.each([
    [OrderType.MARKET, {}],
    [OrderType.LIMIT, { limitPrice: 70 }],
    [OrderType.STOP, { stopPrice: 75.5 }],
    [OrderType.STOP_LIMIT, { limitPrice: 70, stopPrice: 75.5 }],
  ])("of type %i has only the prices of its type", (type, prices) => {
    const draft = { ...newDraft(), type, qty: " 10 ", limitPrice: "70", stopPrice: "75.5" };
    const expected = { symbol: "AAPL", side: Side.BUY, type, qty: 10, ...prices };
    expect(toPreOrder("AAPL", draft)).toEqual({ order: expected, problems: {} });
  });

  it("has the brackets that were entered", () => {
    const draft = { ...newDraft(), takeProfit: "90", stop: "trailingStopPips" as const, stopValue: "500" };
    expect(toPreOrder("AAPL", draft).order).toMatchObject({ takeProfit: 90, trailingStopPips: 500 });
    expect(toPreOrder("AAPL", draft).order).not.toHaveProperty("stopLoss");
  });

  it("has problems if a value is missing or not a number", () => {
    const draft = { ...newDraft(), type: OrderType.LIMIT, qty: "ten", stop: "stopLoss" as const };
    expect(toPreOrder("AAPL", draft).problems).toEqual({
      qty: expect.stringContaining("Enter a number"),
      limitPrice: "Enter a value.",
      stopLoss: "Enter a value.",
    });
  });
});

it("only plain decimals are numbers", () => {
  expect([numberOf("1.5"), numberOf("-1"), numberOf(".5"), numberOf("  ")]).toEqual([1.5, -1, 0.5, undefined]);
  for (const text of ["1,5", "1e3", "0x10", "Infinity", "5 5"]) expect(numberOf(text), text).toBeNaN();
});

it.each([1e-7, 1e-8, 0.1 + 0.2, 460.25, 1_234_567.5, 1e21])("%d can be entered as it is shown", (value) => {
  expect(plain(value)).toMatch(/^\d+(\.\d+)?$/);
  expect(numberOf(plain(value))).toBeCloseTo(value, 12);
  const order = { ...limitOrder, qty: value, limitPrice: value, takeProfit: value, stopLoss: value };
  expect(toPreOrder("AAPL", draftOf(order)).problems).toEqual({});
});

it("an unknown number is an empty text", () => {
  expect([plain(undefined), plain(null), plain(0)]).toEqual(["", "", "0"]);
});

it("an order that is edited without a change stays the same", () => {
  const order: PlacedOrder = { ...limitOrder, takeProfit: 90, trailingStopPips: 500 };
  expect(toPreOrder("AAPL", draftOf(order)).order).toEqual({
    symbol: "AAPL", side: Side.BUY, type: OrderType.LIMIT, qty: 10, limitPrice: 50, takeProfit: 90, trailingStopPips: 500,
  });
});

describe("the exits of a position", () => {
  const noParent = { parentId: null, parentType: null };

  it("are the orders whose parent it is", () => {
    expect(exitsOf(position, [limitOrder, takeProfit, stopLoss])).toEqual({ takeProfit: "90", stop: "stopLoss", stopValue: "60" });
    const trailing = { ...stopLoss, stopType: StopType.TRAILING_STOP, trailingStopPips: 500 };
    expect(exitsOf(position, [trailing])).toEqual({ takeProfit: "", stop: "trailingStopPips", stopValue: "500" });
  });

  it("are not other orders with the same values", () => {
    const others = [
      { ...takeProfit, ...noParent },
      { ...stopLoss, ...noParent },
      { ...takeProfit, parentId: "P2" },
      { ...stopLoss, parentType: ParentType.ORDER },
    ];
    expect(exitsOf(position, others)).toEqual({ takeProfit: "", stop: "", stopValue: "" });
    expect(exitsOf(position, [takeProfit, ...others])).toEqual({ takeProfit: "90", stop: "", stopValue: "" });
  });

  it("may have another quantity for a moment after the position has changed", () => {
    expect(exitsOf({ ...position, qty: 4 }, [takeProfit]).takeProfit).toBe("90");
  });
});

it("the profit of a position is that of closing it at the bid or the ask, in whole cents", () => {
  expect(profit(position, { bid: 71, ask: 72 })).toBe(10);
  expect(profit({ ...position, side: Side.SELL }, { bid: 71, ask: 72 })).toBe(-20);
  expect(profit({ ...position, qty: 0.5, avgPrice: 70.333 }, { bid: 71 })).toBe(0.33);
  expect(profit(position, undefined)).toBeUndefined();
});

it("an order is recognised by the values that it was placed with", () => {
  const request = { symbol: "AAPL", type: OrderType.LIMIT, side: Side.BUY, qty: 10, limitPrice: 50, seenPrice: 51 };
  const order = { ...limitOrder, seenPrice: 51, takeProfit: null };
  expect(isPlacedBy({ ...request, currentQuotes: { bid: 50, ask: 52 } }, order)).toBe(true);
  expect(isPlacedBy(request, { ...order, seenPrice: 52 })).toBe(false);
  expect(isPlacedBy(request, { ...order, qty: 11 })).toBe(false);
});

describe("the problems of a rejected request", () => {
  const labels = { qty: "Quantity", limitPrice: "Limit price" };
  const problems = (errors: ProblemField[], shown = ["qty", "limitPrice"]) =>
    problemsOf(new ApiError({ status: 422, title: "Validation error", detail: "Two values are invalid.", errors }), labels, shown);

  it("belong to the fields that their pointers and parameters name", () => {
    const errors = [
      { pointer: "#/limitPrice", code: "limit_price_odd", detail: "The limit price is odd." },
      { parameter: "qty", code: "quantity_odd", detail: "The quantity is odd." },
    ];
    expect(problems(errors)).toEqual({ fields: { limitPrice: "The limit price is odd.", qty: "The quantity is odd." }, others: [] });
  });

  it("are joined at their field", () => {
    const errors = [{ pointer: "#/qty", code: "a", detail: "It is odd." }, { pointer: "#/qty", code: "b", detail: "It is small." }];
    expect(problems(errors).fields).toEqual({ qty: "It is odd. It is small." });
  });

  it("belong to the form if they concern no field on screen, which is named then", () => {
    const errors = [
      { pointer: "#", code: "not_enough_margin", detail: "The margin is too small." },
      { pointer: "#/qty", code: "quantity_odd", detail: "It is odd." },
      { pointer: "#/constructor", code: "x", detail: "It is unknown." },
    ];
    const others = ["The margin is too small.", "Quantity: It is odd.", "It is unknown."];
    expect(problems(errors, ["limitPrice"])).toEqual({ fields: {}, others });
  });

  it("are the detail if no values are listed, whatever words it has", () => {
    expect(problems([])).toEqual({ fields: {}, others: ["Two values are invalid."] });
  });

  it.each([
    ["missing", "Enter a value."],
    ["greater_than", "Enter a number greater than 0."],
    ["greater_than_equal", "Enter a number greater than 0."],
    ["less_than_equal", "Enter a number up to 1,000,000,000."],
    ["finite_number", "Enter a number, such as 10 or 460.25."],
  ])("with the code %s are in the page's own words", (code, message) => {
    expect(problems([{ pointer: "#/qty", code, detail: "Input should be something else" }]).fields).toEqual({ qty: message });
  });

  it.each([
    ["greater_than_equal", "Input should be greater than or equal to 1", "Enter a larger number."],
    ["less_than", "Input should be less than 5", "Enter a smaller number."],
    ["multiple_of", "Input should be a multiple of 5", "Enter a number in the steps of this field."],
    ["string_too_short", "String should have at least 1 character", "Enter a longer text."],
    ["string_too_long", "String should have at most 64 characters", "Enter a shorter text."],
    ["too_short", "List should have at least 1 item", "Enter more values."],
    ["too_long", "List should have at most 6 items", "Enter fewer values."],
  ])("with the code %s have the limit, too: %s", (code, detail, instruction) => {
    const { fields } = problems([{ pointer: "#/limitPrice", code, detail }], ["limitPrice"]);
    expect(fields).toEqual({ limitPrice: `${instruction} ${detail}` });
  });
});

it("the limits in the page's messages are those of the API, for every field of a form", () => {
  const spec = JSON.parse(readFileSync(new URL("../../../backend/src/trading_api/modules/broker/specs/openapi.json", import.meta.url), "utf8"));
  const { PreOrder } = spec.components.schemas;
  const parameters = spec.paths["/api/v1/positions/{position_id}"].delete.parameters;
  const schemas = [
    ...Object.keys(FIELD_LABELS).map((name) => PreOrder.properties[name]),
    parameters.find(({ name }: { name: string }) => name === "amount").schema,
  ];
  for (const schema of schemas) {
    const { minimum, exclusiveMinimum, maximum } = schema.anyOf?.[0] ?? schema;
    expect(maximum).toBe(1e9);
    expect(minimum === undefined ? exclusiveMinimum : minimum - 1e-8).toBe(0);
  }
});

it("an order of a newer broker shows the numbers of the side and type that the page does not know", () => {
  const { side, type } = JSON.parse('{"side": 7, "type": 9}') as PlacedOrder;
  expect([sideName(side), typeName(type)]).toEqual(["Side 7", "Type 9"]);
  expect([Side.BUY, Side.SELL].map(sideName)).toEqual(["Buy", "Sell"]);
  expect(typeName(OrderType.STOP_LIMIT)).toBe("Stop limit");
  const exit = { ...stopLoss, stopType: JSON.parse("9") as PlacedOrder["stopType"] };
  expect(exitsOf(position, [exit]).stop).toBe("");
});
