import { CandlestickSeries, createChart, HistogramSeries, type IChartApi, type ISeriesApi } from "lightweight-charts";
import type { Bar } from "@/plugins/datafeed";
import { unchangedBars } from "./bars";
import { toCandle, toVolume, type ChartTimes } from "./chartData";

interface Listener {
  /** Called when the view comes near the oldest bar. */
  older(): void;
  /** Called with the index of the bar under the pointer, if there is one. */
  pointed(index: number | undefined): void;
}

const VISIBLE_BARS = 120;
const RIGHT_OFFSET = 4;
const SCROLL_BARS = 10;
const ZOOM = 1.25;

/** Candles and volume, drawn in an element with the colours of its style (`--candle-up` and so on). */
export class CandleChart {
  readonly #element: HTMLElement;
  readonly #listener: Listener;
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<"Candlestick">;
  readonly #volume: ISeriesApi<"Histogram">;
  #bars: readonly Bar[] = [];
  #series = "";

  constructor(element: HTMLElement, listener: Listener) {
    this.#element = element;
    this.#listener = listener;
    this.#chart = createChart(element, {
      autoSize: true,
      rightPriceScale: { scaleMargins: { top: 0.12, bottom: 0.24 }, borderVisible: false },
      timeScale: { rightOffset: RIGHT_OFFSET, borderVisible: false },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, { borderVisible: false });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange(() => this.#askForOlder());
    this.#chart.subscribeCrosshairMove(({ logical }) => {
      listener.pointed(typeof logical === "number" && this.#bars[logical] ? logical : undefined);
    });
    this.recolour();
  }

  format({ full, tick }: ChartTimes, timeVisible: boolean, decimals: number): void {
    this.#chart.applyOptions({
      localization: { timeFormatter: (time: unknown) => full(Number(time)) },
      timeScale: {
        timeVisible,
        secondsVisible: false,
        tickMarkFormatter: (time: unknown, type: number) => tick(Number(time), type),
      },
    });
    const priceFormat = { type: "price", precision: decimals, minMove: 10 ** -decimals } as const;
    this.#candles.applyOptions({ priceFormat });
  }

  /** Show `bars`. The view stays where it is unless `series`, which names the bars, has changed. */
  show(bars: readonly Bar[], series: string): void {
    const before = this.#bars;
    const kept = series === this.#series ? unchangedBars(before, bars) : undefined;
    const [up, down] = [this.#colour("--volume-up"), this.#colour("--volume-down")];
    this.#bars = bars;
    if (kept === undefined) {
      this.#candles.setData(bars.map(toCandle));
      this.#volume.setData(bars.map((bar) => toVolume(bar, up, down)));
    } else {
      for (const bar of bars.slice(kept)) {
        this.#candles.update(toCandle(bar));
        this.#volume.update(toVolume(bar, up, down));
      }
    }
    // An empty chart has no view to keep.
    if (series !== this.#series || (before.length === 0 && bars.length > 0)) this.#showEnd();
    this.#series = series;
  }

  recolour(): void {
    const [text, line, background] = ["--muted", "--line", "--background"].map((name) => this.#colour(name));
    const [up, down] = [this.#colour("--candle-up"), this.#colour("--candle-down")];
    this.#chart.applyOptions({
      layout: { background: { color: background }, textColor: text, fontFamily: "system-ui, sans-serif" },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
    });
    this.#candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    const [volumeUp, volumeDown] = [this.#colour("--volume-up"), this.#colour("--volume-down")];
    this.#volume.setData(this.#bars.map((bar) => toVolume(bar, volumeUp, volumeDown)));
  }

  /** Scroll or zoom with a key. Returns whether the key does anything. */
  key(key: string): boolean {
    const scale = this.#chart.timeScale();
    if (key === "ArrowLeft") scale.scrollToPosition(scale.scrollPosition() - SCROLL_BARS, false);
    else if (key === "ArrowRight") scale.scrollToPosition(scale.scrollPosition() + SCROLL_BARS, false);
    else if (key === "End") scale.scrollToPosition(RIGHT_OFFSET, false);
    else if (key === "+" || key === "=") this.#zoom(1 / ZOOM);
    else if (key === "-") this.#zoom(ZOOM);
    else return false;
    return true;
  }

  remove(): void {
    this.#chart.remove();
  }

  #zoom(factor: number): void {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range) this.#chart.timeScale().setVisibleLogicalRange({ from: range.to - (range.to - range.from) * factor, to: range.to });
  }

  #showEnd(): void {
    const end = this.#bars.length;
    this.#candles.priceScale().applyOptions({ autoScale: true });
    if (end) this.#chart.timeScale().setVisibleLogicalRange({ from: end - VISIBLE_BARS, to: end - 1 + RIGHT_OFFSET });
  }

  #askForOlder(): void {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range && this.#bars.length && range.from < VISIBLE_BARS / 2) this.#listener.older();
  }

  #colour(name: string): string {
    return getComputedStyle(this.#element).getPropertyValue(name).trim();
  }
}
