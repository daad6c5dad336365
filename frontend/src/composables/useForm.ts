import { computed, ref, shallowRef } from "vue";
import { apiError, NO_PROBLEMS, problemsOf, type FieldLabels, type FormProblems } from "@/lib/problems";

/**
 * A form that is sent to a service: whether that is under way, and what is wrong with which field of
 * those that are on screen then; what concerns no such field is told of the form as a whole.
 */
export function useForm(labels: FieldLabels, shown: () => readonly string[] = () => Object.keys(labels)) {
  const busy = ref(false);
  const problems = shallowRef<FormProblems>(NO_PROBLEMS);
  const failed = computed(() => problems.value !== NO_PROBLEMS);

  /** Say what is wrong before anything is sent; tells whether that is anything. */
  function refuse(fields: Readonly<Record<string, string>>): boolean {
    const wrong = Object.keys(fields).length > 0;
    problems.value = wrong ? { fields, others: [] } : NO_PROBLEMS;
    return wrong;
  }

  /** Send the form, one at a time; tells whether that succeeded. */
  async function send(request: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    problems.value = NO_PROBLEMS;
    try {
      await request();
      return true;
    } catch (error) {
      problems.value = problemsOf(apiError(error), labels, shown());
      return false;
    } finally {
      busy.value = false;
    }
  }

  function clear(): void {
    problems.value = NO_PROBLEMS;
  }

  return { busy, problems, failed, refuse, send, clear };
}
