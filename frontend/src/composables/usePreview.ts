import { computed, onScopeDispose, ref, watch, type Ref } from "vue";
import type { OrderPreviewResult, PreOrder } from "@/plugins/broker";
import { FIELD_LABELS } from "@/lib/orders";
import { NO_PROBLEMS, placeProblems, problemsOf } from "@/lib/problems";
import { callBroker } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const PAUSE_MS = 300;
const PRICE_PAUSE_MS = 2_000;

/**
 * The broker's preview of `order`, read after a pause in the typing, and again when the price `last` has
 * moved. A problem belongs to one of the fields that `shown` returns, or to the order as a whole.
 */
export function usePreview(
  order: Readonly<Ref<PreOrder | undefined>>,
  last: () => number | null | undefined,
  shown: () => readonly string[],
) {
  const snapshot = useSnapshot<OrderPreviewResult | undefined>({
    initial: undefined,
    read: async (signal) => {
      const preOrder = order.value;
      return preOrder && callBroker((api) => api.previewOrder({ body: preOrder }, { signal }));
    },
  });
  const { state, problem } = snapshot;
  const result = computed(() => (problem.value ? undefined : state.value));
  const invalid = computed(() => problem.value?.status === 422);
  /** Why the broker gives no preview of a valid order. */
  const unavailable = computed(() => (invalid.value ? undefined : problem.value?.message));
  const problems = computed(() => {
    if (problem.value && invalid.value) return problemsOf(problem.value, FIELD_LABELS, shown());
    return result.value ? placeProblems(result.value.problems, FIELD_LABELS, shown()) : NO_PROBLEMS;
  });
  /** Whether the preview is that of an earlier draft. */
  const stale = ref(false);
  let next: ReturnType<typeof setTimeout> | undefined;

  function schedule(pause: number): void {
    clearTimeout(next);
    next = setTimeout(load, pause);
  }

  async function load(): Promise<void> {
    next = undefined;
    await snapshot.refresh();
    if (next === undefined && !snapshot.loading.value) stale.value = false;
  }

  function refresh(): void {
    snapshot.abort();
    stale.value = true;
    schedule(PAUSE_MS);
  }

  watch(order, refresh, { immediate: true });
  watch(last, () => {
    if (result.value && next === undefined && !stale.value) schedule(PRICE_PAUSE_MS);
  });
  onScopeDispose(() => clearTimeout(next));
  return { result, problems, unavailable, stale, refresh };
}
