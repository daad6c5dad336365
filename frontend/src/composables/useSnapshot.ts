import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { isCancelled, type ApiError } from "@/plugins/apiAdapter";
import { apiError } from "@/lib/problems";

/**
 * A state that is read from a service and then changed by a stream. Updates that arrive during a read are
 * applied to its result, so that none is lost.
 */
export function useSnapshot<State, Update = never>(options: {
  initial: State;
  /** Reads the state. A newer `refresh` aborts an older one. */
  read(signal: AbortSignal): Promise<State>;
  apply?(state: State, update: Update): State;
}) {
  const state = shallowRef(options.initial);
  const loading = ref(false);
  const readProblem = shallowRef<ApiError>();
  const streamProblem = shallowRef<ApiError>();
  /** Why the state is unknown or out of date. A successful read does not solve a problem of the stream. */
  const problem = computed(() => streamProblem.value ?? readProblem.value);
  /** Whether the state has been read; before that, updates are ignored. */
  const known = ref(false);
  let request = new AbortController();
  let waiting: Update[] = [];

  async function refresh(): Promise<void> {
    abort();
    const { signal } = (request = new AbortController());
    waiting = [];
    loading.value = true;
    try {
      const result = await options.read(signal);
      if (signal.aborted) return;
      state.value = result;
      known.value = true;
      readProblem.value = undefined;
    } catch (error) {
      if (signal.aborted || isCancelled(error)) return;
      readProblem.value = apiError(error);
    } finally {
      if (!signal.aborted) {
        loading.value = false;
        waiting.splice(0).forEach(update);
      }
    }
  }

  function update(one: Update): void {
    if (loading.value) waiting.push(one);
    else if (known.value && options.apply) state.value = options.apply(state.value, one);
  }

  /** Cancel the current read. */
  function abort(): void {
    request.abort();
    loading.value = false;
  }

  /** Return to the initial state. */
  function reset(): void {
    abort();
    waiting = [];
    state.value = options.initial;
    known.value = false;
    readProblem.value = streamProblem.value = undefined;
  }

  /** The handlers of the stream. A caller may replace `update`. */
  const stream = {
    update,
    subscribed(): void {
      streamProblem.value = undefined;
      void refresh();
    },
    resumed(): void {
      streamProblem.value = undefined;
      if (!known.value || readProblem.value) void refresh();
    },
    error(error: ApiError): void {
      streamProblem.value = error;
    },
  };

  /** Read again, and call `resubscribe` if the stream has failed. */
  async function retry(resubscribe: () => void): Promise<void> {
    if (streamProblem.value) resubscribe();
    await refresh();
  }

  onScopeDispose(abort);
  return { state, loading, problem, readProblem, streamProblem, known, stream, refresh, retry, update, abort, reset };
}
