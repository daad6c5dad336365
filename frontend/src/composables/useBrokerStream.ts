import { ref, watch, type Ref } from "vue";
import { brokerStreams, type BrokerStreams, type StreamHandlers } from "@/plugins/wsAdapter";

/**
 * Follow a stream of the account `accountId` as soon as its id is known, while the component lives.
 * Returns the function that ends the subscription and makes it anew.
 */
export function useBrokerStream<Stream extends keyof BrokerStreams>(
  stream: Stream,
  accountId: Readonly<Ref<string | undefined>>,
  handlers: StreamHandlers<BrokerStreams[Stream]["update"]>,
): () => void {
  const renewals = ref(0);
  watch(
    [accountId, renewals],
    ([id], _before, onCleanup) => {
      if (id !== undefined) onCleanup(brokerStreams().subscribe(stream, { accountId: id }, handlers));
    },
    { immediate: true },
  );
  return () => (renewals.value += 1);
}
