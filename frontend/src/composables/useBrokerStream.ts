import { ref, watch, type Ref } from "vue";
import { brokerStreams, type BrokerStreams, type StreamHandlers } from "@/plugins/wsAdapter";
import { track } from "./useServices";

export type AccountId = Readonly<Ref<string | undefined>>;

/**
 * Follow a stream of an account from the moment its id is known, until the component is unmounted.
 * Returns a function that subscribes again.
 */
export function useBrokerStream<Stream extends keyof BrokerStreams>(
  stream: Stream,
  accountId: AccountId,
  handlers: StreamHandlers<BrokerStreams[Stream]["update"]>,
): () => void {
  const streams = track("broker", brokerStreams());
  const renewals = ref(0);
  watch(
    [accountId, renewals],
    ([id], _before, onCleanup) => {
      if (id !== undefined) onCleanup(streams.subscribe(stream, { accountId: id }, handlers));
    },
    { immediate: true },
  );
  return () => (renewals.value += 1);
}
