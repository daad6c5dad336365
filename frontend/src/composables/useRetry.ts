import { onScopeDispose, watch, type Ref } from "vue";

const PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;

/** Retry `request` with growing pauses while it is `wanted`. */
export function useRetry(wanted: Readonly<Ref<boolean>>, request: () => Promise<void>): void {
  let pause: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  function schedule(attempts: number): void {
    clearTimeout(pause);
    pause = setTimeout(() => attempt(attempts), Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** attempts));
  }

  async function attempt(attempts: number): Promise<void> {
    await request();
    if (wanted.value && !ended) schedule(attempts + 1);
  }

  watch(wanted, (now) => (now ? schedule(0) : clearTimeout(pause)), { immediate: true });
  onScopeDispose(() => {
    ended = true;
    clearTimeout(pause);
  });
}
