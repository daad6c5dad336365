import { onScopeDispose, ref } from "vue";
import { apiError } from "@/lib/problems";
import { callDatafeed } from "./useServices";

const PAUSE_MS = 5_000;
const DAY_SECONDS = 86_400;

/** The datafeed's time in Unix seconds, and its speed as a multiple of real time; read every few seconds. */
export function useMarketTime() {
  const time = ref<number>();
  const speed = ref<number>();
  let first: { market: number; real: number } | undefined;
  let next: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  async function read(): Promise<void> {
    let sent = 0;
    try {
      const market = await callDatafeed((api) => {
        sent = performance.now() / 1000;
        return api.getServerTime();
      });
      measure(market, sent);
    } catch (error) {
      apiError(error); // The state of the datafeed is shown elsewhere.
    }
    if (!ended) next = setTimeout(read, PAUSE_MS);
  }

  function measure(market: number, real: number): void {
    // A replay skips the time between two sessions, stands still at its end, and can be restarted.
    const continued = first && time.value !== undefined && market > time.value && sameDay(market, first.market);
    if (first && continued) speed.value = Math.round((market - first.market) / (real - first.real));
    else first = { market, real };
    time.value = market;
  }

  onScopeDispose(() => {
    ended = true;
    clearTimeout(next);
  });
  void read();
  return { time, speed };
}

function sameDay(a: number, b: number): boolean {
  return Math.floor(a / DAY_SECONDS) === Math.floor(b / DAY_SECONDS);
}
