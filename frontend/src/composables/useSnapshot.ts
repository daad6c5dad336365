import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { isCancelled, type ApiError } from "@/plugins/apiAdapter";
import { apiError } from "@/lib/problems";

/**
 * A state that is read from a service and then changed by a stream. What the stream pushes while a
 * read is under way is applied to its answer, so that nothing is lost in between.
 */
export function useSnapshot<State, Change = never>(options: {
  initial: State;
  /** Reads the state. A newer `refresh` aborts an older one. */
  read(signal: AbortSignal): Promise<State>;
  apply?(state: State, change: Change): State;
}) {
  const state = shallowRef(options.initial);
  const loading = ref(false);
  const readProblem = shallowRef<ApiError>();
  const streamProblem = shallowRef<ApiError>();
  /** Why the state cannot be read, or is not followed any more: no answer to a read helps against that. */
  const problem = computed(() => streamProblem.value ?? readProblem.value);
  /** Whether `state` was read: what a stream pushes before that has nothing to change. */
  const known = ref(false);
  let request = new AbortController();
  let waiting: Change[] = [];

  async function refresh(): Promise<void> {
    abort();
    const { signal } = (request = new AbortController());
    waiting = [];
    loading.value = true;
    try {
      const answer = await options.read(signal);
      if (signal.aborted) return;
      state.value = answer;
      known.value = true;
      readProblem.value = undefined;
    } catch (error) {
      if (signal.aborted || isCancelled(error)) return;
      readProblem.value = apiError(error);
    } finally {
      if (!signal.aborted) {
        loading.value = false;
        waiting.splice(0).forEach(change);
      }
    }
  }

  function change(update: Change): void {
    if (loading.value) waiting.push(update);
    else if (known.value && options.apply) state.value = options.apply(state.value, update);
  }

  /** End the read that is under way. */
  function abort(): void {
    request.abort();
    loading.value = false;
  }

  /** Forget everything, and whatever is being read. */
  function reset(): void {
    abort();
    waiting = [];
    state.value = options.initial;
    known.value = false;
    readProblem.value = streamProblem.value = undefined;
  }

  /** What the stream tells beside its updates. */
  const stream = {
    subscribed(): void {
      streamProblem.value = undefined;
      void refresh();
    },
    error(error: ApiError): void {
      streamProblem.value = error;
    },
  };

  /** Try again what has failed: to follow the stream, which `renew` subscribes anew, and to read. */
  async function retry(renew: () => void): Promise<void> {
    if (streamProblem.value) renew();
    await refresh();
  }

  onScopeDispose(abort);
  return { state, loading, problem, readProblem, streamProblem, known, stream, refresh, retry, change, abort, reset };
}
