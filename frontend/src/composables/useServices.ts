import { computed, reactive, type ComputedRef } from "vue";
import { ApiError, brokerApi, ClientNotLoaded, datafeedApi } from "@/plugins/apiAdapter";
import type { ConnectionState } from "@/plugins/wsAdapter";

export type ServiceName = "datafeed" | "broker";
/** `idle`: not needed by the page, or not yet. */
export type ServiceState = "idle" | "connecting" | "up" | "down";

interface Service {
  socket: ConnectionState;
  /** The socket was lost. Until a new attempt has succeeded, the service counts as down. */
  lost: boolean;
  /** A request was sent. */
  requested: boolean;
  /** Whether the service has responded to the last request; undefined before the first response. */
  responded: boolean | undefined;
}

const UNUSED: Service = { socket: "idle", lost: false, requested: false, responded: undefined };
const services: Record<ServiceName, Service> = reactive({ datafeed: { ...UNUSED }, broker: { ...UNUSED } });
const tracked = new WeakSet<object>();

/** Return the state of a service, which follows from its socket and from the responses to requests. */
export function useService(name: ServiceName): ComputedRef<ServiceState> {
  return computed(() => {
    const { socket, lost, requested, responded } = services[name];
    if (lost || responded === false) return "down";
    if (socket === "open" || socket === "connecting") return socket === "open" ? "up" : "connecting";
    if (responded) return "up";
    return requested ? "connecting" : "idle";
  });
}

/** Return the streams of a service; from the first call on, the service's state follows their socket. */
export function track<S extends { onState(listener: (state: ConnectionState) => void): unknown }>(name: ServiceName, streams: S): S {
  if (tracked.has(streams)) return streams;
  tracked.add(streams);
  streams.onState((socket) => {
    if (socket === "open" || socket === "idle") release(name);
    services[name].socket = socket;
    services[name].lost ||= socket === "waiting";
  });
  return streams;
}

/** Forget the responses of a service that the page does not need any more. */
export function release(name: ServiceName): void {
  Object.assign(services[name], { ...UNUSED, socket: services[name].socket });
}

/** Call an operation of the datafeed and return its data. Throws what the operation throws. */
export const callDatafeed = caller("datafeed", () => datafeedApi());
/** Call an operation of the broker, in the same way. */
export const callBroker = caller("broker", () => brokerApi());

function caller<Api>(name: ServiceName, load: () => Promise<Api>) {
  return async <T>(operation: (api: Api) => Promise<{ data: T }>): Promise<T> => {
    const service = services[name];
    service.requested = true;
    try {
      const { data } = await operation(await load());
      service.responded = true;
      return data;
    } catch (error) {
      if (error instanceof ApiError && !(error instanceof ClientNotLoaded)) service.responded = !error.unconfirmed;
      throw error;
    }
  };
}
