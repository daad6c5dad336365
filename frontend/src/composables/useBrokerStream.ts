import { watch, type Ref } from "vue";
import { brokerStreams, type BrokerStreams, type StreamHandlers } from "@/plugins/wsAdapter";

/** Follow a stream of the account `accountId` as soon as its id is known, while the component lives. */
export function useBrokerStream<Stream extends keyof BrokerStreams>(
  stream: Stream,
  accountId: Readonly<Ref<string | undefined>>,
  handlers: StreamHandlers<BrokerStreams[Stream]["update"]>,
): void {
  watch(
    accountId,
    (id, _before, onCleanup) => {
      if (id !== undefined) onCleanup(brokerStreams().subscribe(stream, { accountId: id }, handlers));
    },
    { immediate: true },
  );
}
