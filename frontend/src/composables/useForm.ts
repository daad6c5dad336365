import { computed, ref, shallowRef } from "vue";
import { apiError, NO_PROBLEMS, problemsOf, type FieldLabels, type FormProblems } from "@/lib/problems";

/**
 * A form that is sent to a service: whether it is being sent, and its problems. A problem belongs to one of
 * the fields that `shown` returns, which are on screen, or else to the form as a whole.
 *
 * `ifUnconfirmed` is shown if the service has not responded, after a sentence that says so.
 */
export function useForm(
  labels: FieldLabels,
  shown: () => readonly string[],
  ifUnconfirmed = "The change may have been made. It is safe to send it again.",
) {
  const busy = ref(false);
  const problems = shallowRef<FormProblems>(NO_PROBLEMS);
  const failed = computed(() => problems.value !== NO_PROBLEMS);
  /** Whether the service has not responded: it may have carried out what was sent. */
  const unconfirmed = ref(false);

  /** Show what is wrong before anything is sent. Returns whether there is anything wrong. */
  function reject(fields: Readonly<Record<string, string>>): boolean {
    const wrong = Object.keys(fields).length > 0;
    problems.value = wrong ? { fields, others: [] } : NO_PROBLEMS;
    return wrong;
  }

  /** Send the form unless it is being sent. Returns whether that succeeded. */
  async function send(request: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false;
    clear();
    busy.value = true;
    try {
      await request();
      return true;
    } catch (cause) {
      const error = apiError(cause);
      unconfirmed.value = error.unconfirmed;
      problems.value = error.unconfirmed
        ? { fields: {}, others: [error.message, ifUnconfirmed] }
        : problemsOf(error, labels, shown());
      return false;
    } finally {
      busy.value = false;
    }
  }

  function clear(): void {
    problems.value = NO_PROBLEMS;
    unconfirmed.value = false;
  }

  return { busy, problems, failed, unconfirmed, reject, send, clear };
}
