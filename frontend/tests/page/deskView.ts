/** The desk as the tests of the page show it and operate it. A test that imports this file mocks the adapters. */
import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { defineComponent, h } from "vue";
import { afterEach, beforeEach, vi } from "vitest";
import AccountBar from "@/components/AccountBar.vue";
import DeskTables from "@/components/DeskTables.vue";
import { useDesk } from "@/composables/useDesk";
import { broker as streams } from "./doubles/wsAdapter";
import { resetDoubles } from "./samples";

const Desk = defineComponent(() => {
  const desk = useDesk();
  return () => [h(AccountBar, { account: desk.account.money }), h(DeskTables, { desk, pip: "0.01" })];
});

export let desk: VueWrapper;

export async function mountDesk(): Promise<void> {
  desk = mount(Desk, { attachTo: document.body });
  await flushPromises();
}

/** Show the desk after the streams are subscribed. */
export async function show(tab?: string): Promise<void> {
  await mountDesk();
  streams.open();
  await flushPromises();
  if (tab) await tabs().find((one) => one.text().startsWith(tab))?.trigger("click");
}

export const tabs = () => desk.findAll("[role=tab]");
export const rows = () => desk.findAll("tbody tr").map((row) => row.findAll("th, td").map((cell) => cell.text()));

export async function press(name: string, inside = ""): Promise<void> {
  const found = desk.findAll(`${inside} button`).find((one) => (one.attributes("aria-label") ?? one.text()).startsWith(name));
  if (!found) throw new Error(`no button ${name}`);
  if (found.attributes("type") === "submit") await desk.get(`${inside} form`).trigger("submit");
  else await found.trigger("click");
  await flushPromises();
}

export function field(label: string) {
  const found = desk.findAll("dialog label").find((one) => one.text() === label);
  return desk.get<HTMLInputElement>(`[id="${found?.attributes("for")}"]`);
}

export async function push(stream: string, payload: unknown): Promise<void> {
  streams.push(stream, payload);
  await flushPromises();
}

beforeEach(() => {
  vi.useFakeTimers();
  resetDoubles();
});
afterEach(() => {
  desk.unmount();
  vi.useRealTimers();
});
