/** Streams between two versions: whatever the other version sends arrives as it was sent. */
import { describe, expect, it, vi } from "vitest";
import { running, socket, update, useFakes } from "./support/fakeStreams";

useFakes();

const CIRCLE = { form: "circle", radius: 1 };

describe("an update of another version", () => {
  it.each<[string, object]>([
    ["a new optional field, with an older client", { text: "a", author: "b" }],
    ["a new optional field, with a newer client", { text: "a" }],
    ["a new member of an enum of texts", { colour: "blue" }],
    ["a new member of an enum of numbers", { rank: 2 }],
    ["a new member of a union", { forms: [{ form: "star", points: 5 }, CIRCLE] }],
    ["a larger range, and a larger length", { count: 50, word: "longer" }],
  ])("arrives: %s", (_, payload) => {
    const { heard, topic } = running();
    socket().push(update(topic, payload));
    expect(heard).toEqual([payload]);
  });

  it("is ignored if its type is new", () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { heard, topic } = running();
    socket().push({ type: "orders.correction", topic, payload: { text: "no" } });
    socket().push(update(topic, { text: "a" }));
    expect(heard).toEqual([{ text: "a" }]);
    expect(warn).not.toHaveBeenCalled();
  });
});
