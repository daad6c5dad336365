import { computed, reactive, ref, watch, type Ref } from "vue";
import { randomId } from "@/plugins/apiAdapter";
import { OrderStatus, type PlacedOrder, type PreOrder } from "@/plugins/broker";
import type { QuoteValues } from "@/plugins/datafeed";
import { describe, FIELD_LABELS, fieldsOf, isPlacedBy, newDraft, outcome, toPreOrder } from "@/lib/orders";
import { apiError } from "@/lib/problems";
import { useForm } from "./useForm";
import { usePreview } from "./usePreview";
import { callBroker } from "./useServices";

const IF_UNCONFIRMED =
  "The order may have been placed: check Orders and Executions. It is safe to send it again: it is placed only once.";

/** What the page knows about the account's orders. */
export interface KnownOrders {
  readonly rows: readonly PlacedOrder[];
  readonly latest: PlacedOrder | undefined;
}

/** An order that was sent. It is sent again with the same key and body, so that it is placed only once. */
interface Submission {
  ticket: string;
  key: string;
  body: PreOrder;
  /** The ids of the orders that were known before. */
  before: ReadonlySet<string>;
  /** The order that was placed, as soon as the stream has reported it. */
  placed?: PlacedOrder;
}

/**
 * An order ticket: its values as typed, the broker's preview, and the submission. A ticket is placed only
 * once until it is changed or renewed, and not before `symbol` is known. `quote` is what the trader sees.
 */
export function useTicket(
  symbol: Readonly<Ref<string | undefined>>,
  quote: Readonly<Ref<QuoteValues | undefined>>,
  orders: KnownOrders,
) {
  const draft = reactive(newDraft());
  const shown = () => fieldsOf(draft);
  const form = useForm(FIELD_LABELS, shown, IF_UNCONFIRMED);
  const confirmation = ref("");
  const done = ref(false);
  const rejected = ref(false);
  const wanted = computed(() => toPreOrder(symbol.value ?? "", draft));
  const complete = computed(() => symbol.value !== undefined && Object.keys(wanted.value.problems).length === 0);
  const preview = usePreview(computed(() => (complete.value ? wanted.value.order : undefined)), () => quote.value?.lp, shown);
  let submission: Submission | undefined;

  async function submit(): Promise<void> {
    if (symbol.value === undefined || done.value || form.busy.value || form.reject(wanted.value.problems)) return;
    const sent = (submission = submissionOf(wanted.value.order));
    const request = { body: sent.body, idempotencyKey: sent.key };
    done.value = await form.send(async () => {
      const { orderId } = await callBroker((api) => api.placeOrder(request));
      confirm(orderId, await lookUp(orderId));
    });
    confirmUnconfirmed();
  }

  /** Return the last submission if the ticket has not changed, even if the prices have; else a new one. */
  function submissionOf(order: PreOrder): Submission {
    const ticket = JSON.stringify(order);
    if (submission?.ticket === ticket) return submission;
    const { lp, bid, ask } = quote.value ?? {};
    const body = { ...order };
    if (lp) body.seenPrice = lp;
    if (bid && ask) body.currentQuotes = { bid, ask };
    return { ticket, key: randomId(), body, before: new Set(known().map(({ id }) => id)) };
  }

  function confirm(id: string, order: PlacedOrder | undefined): void {
    confirmation.value = order ? `Order ${id}: ${describe(order)}, ${outcome(order)}.` : `Order ${id} placed.`;
    rejected.value = order?.status === OrderStatus.REJECTED;
  }

  /** Confirm an order without a response if the stream has reported it. */
  function confirmUnconfirmed(): void {
    if (!form.unconfirmed.value || !submission?.placed) return;
    confirm(submission.placed.id, submission.placed);
    form.clear();
    done.value = true;
  }

  /** Make the ticket ready for another order. */
  function renew(): void {
    submission = undefined;
    done.value = rejected.value = false;
    confirmation.value = "";
    preview.refresh();
  }

  function known(): readonly PlacedOrder[] {
    return orders.latest ? [orders.latest, ...orders.rows] : orders.rows;
  }

  function findPlaced(): void {
    const sent = submission;
    if (sent) sent.placed = known().find((order) => !sent.before.has(order.id) && isPlacedBy(sent.body, order)) ?? sent.placed;
    confirmUnconfirmed();
  }

  // Synchronous, as the next update replaces the latest one.
  watch(() => [orders.rows, orders.latest], findPlaced, { flush: "sync" });
  watch(wanted, () => {
    form.clear();
    if (done.value) renew();
  });
  const problems = computed(() => (form.failed.value ? form.problems.value : preview.problems.value));
  return { draft, busy: form.busy, problems, failed: form.failed, preview, confirmation, done, rejected, submit, renew };
}

/** Return a placed order; undefined if that fails, as the order is placed nevertheless. */
async function lookUp(orderId: string): Promise<PlacedOrder | undefined> {
  try {
    return await callBroker((api) => api.getOrder({ orderId }));
  } catch (error) {
    apiError(error);
    return undefined;
  }
}
