/** What a trader sees of the chart: the candles on its canvases, and the line above them. */
import type { Page } from "playwright-core";

export interface Candles {
  rising: number;
  falling: number;
}

/**
 * Count the pixels in the colours of the candles, within a part of the chart's width (0 to 1).
 * Whatever else is drawn, text, grid or volume, has other colours.
 */
export function candlePixels(page: Page, from = 0, to = 1): Promise<Candles> {
  return page.evaluate(
    ([left, right]) => {
      const count = { rising: 0, falling: 0 };
      const section = document.querySelector("section.chart");
      if (!section) return count;
      const style = getComputedStyle(section);
      const [rising, falling] = ["--candle-up", "--candle-down"].map((name) => {
        const digits = style.getPropertyValue(name).trim().slice(1).match(/../g) ?? [];
        return digits.map((pair) => parseInt(pair, 16));
      });
      const near = (data: Uint8ClampedArray, at: number, colour: number[] = []) =>
        data[at + 3] === 255 && colour.every((value, part) => Math.abs((data[at + part] ?? 0) - value) < 8);
      for (const canvas of section.querySelectorAll("canvas")) {
        const x = Math.floor(canvas.width * left);
        const width = Math.floor(canvas.width * right) - x;
        const data = width && canvas.height ? canvas.getContext("2d")?.getImageData(x, 0, width, canvas.height).data : undefined;
        for (let at = 0; data && at < data.length; at += 4) {
          if (near(data, at, rising)) count.rising += 1;
          else if (near(data, at, falling)) count.falling += 1;
        }
      }
      return count;
    },
    [from, to] as const,
  );
}

/** Return the line above the chart: the time and the prices of its newest bar. */
export async function legend(page: Page): Promise<string> {
  return (await page.locator("section.chart .legend").textContent()) ?? "";
}
