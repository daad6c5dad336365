import { computed, onScopeDispose, reactive, ref, shallowRef, watch, type Ref } from "vue";
import { ApiError, brokerApi, isCancelled, randomId } from "@/plugins/apiAdapter";
import { OrderStatus, type OrderPreviewResult, type PlacedOrder, type PreOrder } from "@/plugins/broker";
import { describe, FIELD_LABELS, fieldsOf, newDraft, outcome, toPreOrder } from "@/lib/orders";
import { apiError, NO_PROBLEMS, placed, problemsOf, type FormProblems } from "@/lib/problems";
import { useForm } from "./useForm";
import { ask } from "./useServices";

const PAUSE_MS = 300;
const PRICE_PAUSE_MS = 2_000;

/** The prices that a trader sees when placing an order. */
export interface SeenPrices {
  lp?: number | null;
  bid?: number | null;
  ask?: number | null;
}

/** A ticket that was sent: sent again, it is the same order. */
interface Submission {
  ticket: string;
  key: string;
  body: PreOrder;
}

/**
 * An order ticket for `symbol`: a draft, the broker's preview of it while it is being typed, and its
 * placing. A ticket is placed once, however often it is submitted, until it is changed or renewed.
 */
export function useTicket(symbol: Readonly<Ref<string>>, seen: Readonly<Ref<SeenPrices | undefined>>) {
  const draft = reactive(newDraft());
  const shown = () => fieldsOf(draft);
  const form = useForm(FIELD_LABELS, shown);
  const confirmation = ref("");
  const done = ref(false);
  const rejected = ref(false);
  const wanted = computed(() => toPreOrder(symbol.value, draft));
  const preview = usePreview(wanted, seen, shown);
  let submission: Submission | undefined;

  async function submit(): Promise<void> {
    if (done.value || form.busy.value || form.refuse(wanted.value.problems)) return;
    const { order } = wanted.value;
    const sent = (submission = submissionOf(order, submission, seen.value));
    done.value = await form.send(async () => {
      const orderId = await place(sent);
      confirmation.value = `Order ${orderId} placed.`;
      const known = await lookUp(orderId);
      rejected.value = known?.status === OrderStatus.REJECTED;
      if (known) confirmation.value = `Order ${orderId}: ${describe(known)}, ${outcome(known)}.`;
    });
  }

  /** Make the ticket ready for another order, equal or not. */
  function renew(): void {
    submission = undefined;
    done.value = rejected.value = false;
    confirmation.value = "";
    preview.refresh();
  }

  watch(wanted, () => {
    form.clear();
    if (done.value) renew();
  });
  const problems = computed(() => (form.failed.value ? form.problems.value : preview.problems.value));
  return { draft, busy: form.busy, problems, failed: form.failed, preview, confirmation, done, rejected, submit, renew };
}

/**
 * Return what to send for a ticket: the same key and the same body as before if the ticket is the
 * same. The seen prices move on, but a key stands for one body.
 */
function submissionOf(order: PreOrder, last: Submission | undefined, seen: SeenPrices | undefined): Submission {
  const ticket = JSON.stringify(order);
  if (last?.ticket === ticket) return last;
  const { lp, bid, ask: offer } = seen ?? {};
  const body = { ...order };
  if (lp) body.seenPrice = lp;
  if (bid && offer) body.currentQuotes = { bid, ask: offer };
  return { ticket, key: randomId(), body };
}

async function place({ key, body }: Submission): Promise<string> {
  const request = { preOrder: body, idempotencyKey: key };
  return (await ask("broker", async () => (await brokerApi()).placeOrder(request))).data.orderId;
}

/** Return an order that was placed; undefined if the broker cannot tell, which changes nothing about it. */
async function lookUp(orderId: string): Promise<PlacedOrder | undefined> {
  try {
    return (await ask("broker", async () => (await brokerApi()).getOrder({ orderId }))).data;
  } catch (error) {
    apiError(error);
    return undefined;
  }
}

function usePreview(
  wanted: Readonly<Ref<ReturnType<typeof toPreOrder>>>,
  seen: Readonly<Ref<SeenPrices | undefined>>,
  shown: () => readonly string[],
) {
  const result = shallowRef<OrderPreviewResult>();
  const problems = shallowRef<FormProblems>(NO_PROBLEMS);
  /** The broker cannot give a preview now; undefined if it can. */
  const unavailable = ref<string>();
  const loading = ref(false);
  let request = new AbortController();
  let pause: ReturnType<typeof setTimeout> | undefined;
  let following: ReturnType<typeof setTimeout> | undefined;

  async function load(): Promise<void> {
    stop();
    const { order, problems: incomplete } = wanted.value;
    if (Object.keys(incomplete).length) return clear();
    const { signal } = (request = new AbortController());
    try {
      const { data } = await ask("broker", async () =>
        (await brokerApi()).previewOrder({ preOrder: order }, { signal }),
      );
      if (signal.aborted) return;
      result.value = data;
      problems.value = placed(data.errors, FIELD_LABELS, shown());
      unavailable.value = undefined;
    } catch (error) {
      if (!signal.aborted && !isCancelled(error)) fail(apiError(error));
    } finally {
      if (!signal.aborted) loading.value = false;
    }
  }

  function fail(error: ApiError): void {
    clear();
    if (error.status === 422) problems.value = problemsOf(error, FIELD_LABELS, shown());
    else unavailable.value = error.message;
  }

  function clear(): void {
    result.value = undefined;
    problems.value = NO_PROBLEMS;
    unavailable.value = undefined;
    loading.value = false;
  }

  function stop(): void {
    clearTimeout(pause);
    clearTimeout(following);
    following = undefined;
    request.abort();
  }

  /** Ask after a pause in the typing. */
  function refresh(): void {
    stop();
    loading.value = true;
    pause = setTimeout(load, PAUSE_MS);
  }

  /** The price has moved: ask anew now and then, without a sign of it. */
  function follow(): void {
    if (result.value && !loading.value) following ??= setTimeout(load, PRICE_PAUSE_MS);
  }

  watch(wanted, refresh, { immediate: true });
  watch(() => seen.value?.lp, follow);
  onScopeDispose(stop);
  return { result, problems, unavailable, loading, refresh };
}
