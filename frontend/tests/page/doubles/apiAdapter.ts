import { vi } from "vitest";
import { ApiError, ClientNotLoaded } from "@/plugins/apiError";

export { ApiError, ClientNotLoaded };
export { isCancelled, randomId } from "@/plugins/http";

/** Operations that answer as a test says. */
export const datafeed = {
  getBars: vi.fn(),
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
  return new ApiError({ status: 0, title: "Service unreachable", detail: "No answer." });
}

export function refused(fields: Record<string, string>): ApiError {
  const list = Object.entries(fields).map(([name, message]) => ({ place: `body.${name}`, message }));
  return new ApiError({ status: 422, title: "Unprocessable Content", detail: "refused", fields: list });
}
