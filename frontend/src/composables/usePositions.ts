import type { Ref } from "vue";
import { brokerApi } from "@/plugins/apiAdapter";
import type { Brackets, Position } from "@/plugins/broker";
import { useBrokerStream } from "./useBrokerStream";
import { ask } from "./useServices";
import { useSnapshot } from "./useSnapshot";

/** What has become of a position: told by the stream, or by the answer to a request, which may be older. */
interface Change {
  position: Position;
  answer: boolean;
}

/** The open positions of the account; `tell` hears when one was closed. */
export function usePositions(accountId: Readonly<Ref<string | undefined>>, tell: (message: string) => void) {
  const snapshot = useSnapshot<readonly Position[], Change>({
    initial: [],
    read: async (signal) => (await ask("broker", async () => (await brokerApi()).getPositions({ signal }))).data,
    // The stream may have told meanwhile that it is closed.
    apply: (positions, { position, answer }) =>
      answer && !positions.some(({ id }) => id === position.id) ? positions : withPosition(positions, position),
  });
  const { state, problem, known, change } = snapshot;

  function update(position: Position, answer = false): void {
    const before = state.value.find(({ id }) => id === position.id);
    if (before && position.qty === 0) tell(`Position in ${position.symbol} closed.`);
    change({ position, answer });
  }

  /** Close `amount` shares of a position, or all of it; once, however often it is sent with one `key`. Throws `ApiError`. */
  async function close(position: Position, amount: number | undefined, key: string): Promise<void> {
    const request = { positionId: position.id, idempotencyKey: key, ...(amount === undefined ? {} : { amount }) };
    await ask("broker", async () => (await brokerApi()).closePosition(request));
    await snapshot.refresh();
  }

  /** Replace the exits of a position. Throws `ApiError`. */
  async function editBrackets(position: Position, brackets: Brackets): Promise<void> {
    const request = { positionId: position.id, brackets };
    const { data } = await ask("broker", async () => (await brokerApi()).editPositionBrackets(request));
    update(data, true);
  }

  const renew = useBrokerStream("positions", accountId, {
    update: (position) => update(position),
    ...snapshot.stream,
  });
  return { positions: state, problem, known, retry: () => snapshot.retry(renew), close, editBrackets };
}

/** Return `positions` with what has become of one; one of no shares is closed. */
export function withPosition(positions: readonly Position[], position: Position): readonly Position[] {
  const others = positions.filter(({ id }) => id !== position.id);
  if (position.qty === 0) return others;
  if (others.length === positions.length) return [...positions, position];
  return positions.map((other) => (other.id === position.id ? position : other));
}
