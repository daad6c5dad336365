import { computed } from "vue";
import type { Brackets, Position } from "@/plugins/broker";
import { profit, withRow } from "@/lib/orders";
import { useBrokerStream, type AccountId } from "./useBrokerStream";
import { useQuotes } from "./useQuotes";
import { callBroker } from "./useServices";
import { useSnapshot } from "./useSnapshot";

/** A position at the current quote of its symbol; what depends on an unknown quote is undefined. */
export interface ValuedPosition extends Position {
  last: number | null | undefined;
  profit: number | undefined;
}

/** The open positions of the account; `announce` is called when one has been closed. */
export function usePositions(accountId: AccountId, announce: (news: string) => void) {
  const { state, problem, known, stream, refresh, retry, update } = useSnapshot<readonly Position[], Position>({
    initial: [],
    read: (signal) => callBroker((api) => api.getPositions({ signal })),
    apply: (positions, position) => withRow(positions, position, position.qty > 0),
  });
  const quotes = useQuotes(computed(() => state.value.map(({ symbol }) => symbol)));
  const rows = computed(() =>
    state.value.map((position): ValuedPosition => {
      const quote = quotes.get(position.symbol);
      return { ...position, last: quote?.lp, profit: profit(position, quote) };
    }),
  );
  /** The sum of the rows' profits; undefined if one of them is unknown. */
  const unrealized = computed(() => {
    const sum = rows.value.reduce((total, row) => total + (row.profit ?? Number.NaN), 0);
    return known.value && !Number.isNaN(sum) ? sum : undefined;
  });

  function pushed(position: Position): void {
    const held = state.value.some(({ id }) => id === position.id);
    if (held && position.qty === 0) announce(`Position in ${position.symbol} closed.`);
    update(position);
  }

  /** Close `amount` shares of a position, or all of it: once per `idempotencyKey`. Throws `ApiError`. */
  async function close({ id }: Position, amount: number | undefined, idempotencyKey: string): Promise<void> {
    const request = { positionId: id, idempotencyKey, ...(amount === undefined ? {} : { amount }) };
    await callBroker((api) => api.closePosition(request));
    await refresh();
  }

  /** Replace the exits of a position. Throws `ApiError`. */
  async function editBrackets({ id }: Position, brackets: Brackets): Promise<void> {
    await callBroker((api) => api.editPositionBrackets({ positionId: id, body: brackets }));
    await refresh();
  }

  const resubscribe = useBrokerStream("positions", accountId, { ...stream, update: pushed });
  return { open: state, rows, unrealized, problem, known, retry: () => retry(resubscribe), close, editBrackets };
}
