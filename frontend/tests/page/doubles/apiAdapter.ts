import { vi } from "vitest";
import { ApiError, ClientNotLoaded } from "@/plugins/apiError";

export { ApiError, ClientNotLoaded };
export { isCancelled, randomId } from "@/plugins/http";

/** Operations whose results a test decides. */
export const datafeed = {
  getBars: vi.fn(),
  getServerTime: vi.fn(),
  resolveSymbol: vi.fn(),
  searchSymbols: vi.fn(),
};
export const broker = {
  cancelOrder: vi.fn(),
  closePosition: vi.fn(),
  editPositionBrackets: vi.fn(),
  getAccount: vi.fn(),
  getExecutions: vi.fn(),
  getOrder: vi.fn(),
  getOrders: vi.fn(),
  getPositions: vi.fn(),
  modifyOrder: vi.fn(),
  placeOrder: vi.fn(),
  previewOrder: vi.fn(),
};
export const datafeedApi = () => Promise.resolve(datafeed);
export const brokerApi = () => Promise.resolve(broker);

export function unreachable(): ApiError {
  return new ApiError({ status: 0, title: "Service unreachable", detail: "The service cannot be reached." });
}

/** The error of a request whose body has invalid fields: their names and what is wrong with them. */
export function invalid(fields: Record<string, string>): ApiError {
  const errors = Object.entries(fields).map(([name, detail]) => ({ pointer: `#/${name}`, code: "a_rule", detail }));
  return new ApiError({ status: 422, title: "Trading rule violation", detail: "The order is invalid.", errors });
}
