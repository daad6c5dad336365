import { computed, ref, shallowRef, type ComputedRef } from "vue";
import { ApiError, ClientNotLoaded } from "@/plugins/apiAdapter";
import { brokerStreams, datafeedStreams, type ConnectionState } from "@/plugins/wsAdapter";

export type ServiceName = "datafeed" | "broker";
/** `idle`: the page has not needed it yet. */
export type ServiceState = "idle" | "connecting" | "up" | "down";

interface Service {
  state: ComputedRef<ServiceState>;
  /** Tells whether a request was answered; that of a gateway is none. */
  heard(answered: boolean): void;
  asked(): void;
  forget(): void;
}

// No answer, a gateway's "nobody there", and its "too late". A 503 comes from the service itself.
const UNREACHABLE = new Set([0, 502, 504]);

const services = new Map<ServiceName, Service>();

/** Return how a service is doing, as its streams and the page's requests have it. */
export function useService(name: ServiceName): ComputedRef<ServiceState> {
  return service(name).state;
}

/** Make a request to a service, and note whether it answered. Throws what `request` throws. */
export async function ask<T>(name: ServiceName, request: () => Promise<T>): Promise<T> {
  service(name).asked();
  try {
    const answer = await request();
    service(name).heard(true);
    return answer;
  } catch (error) {
    const asked = error instanceof ApiError && !(error instanceof ClientNotLoaded);
    if (asked) service(name).heard(!UNREACHABLE.has(error.status));
    throw error;
  }
}

/** The page needs a service no more: what was known of it only gets older. */
export function release(name: ServiceName): void {
  service(name).forget();
}

function service(name: ServiceName): Service {
  let found = services.get(name);
  if (!found) services.set(name, (found = watchService(name)));
  return found;
}

function watchService(name: ServiceName): Service {
  const socket = shallowRef<ConnectionState>("idle");
  const wanted = ref(false);
  const answered = ref<boolean>();
  // A new attempt does not make a service that is down look better until it has succeeded.
  const lost = ref(false);
  const forget = () => {
    answered.value = undefined;
    wanted.value = lost.value = false;
  };
  const streams = name === "broker" ? brokerStreams() : datafeedStreams();
  streams.onState((state) => {
    socket.value = state;
    if (state === "waiting") lost.value = true;
    if (state === "open" || state === "idle") forget();
  });
  const state = computed<ServiceState>(() => {
    if (lost.value || answered.value === false) return "down";
    if (socket.value === "open") return "up";
    if (socket.value === "connecting") return "connecting";
    if (answered.value) return "up";
    return wanted.value ? "connecting" : "idle";
  });
  return {
    state,
    heard: (value) => (answered.value = value),
    asked: () => (wanted.value = true),
    forget,
  };
}
