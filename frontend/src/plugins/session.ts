/** Who uses the page: the token that is sent to the services, if they need one. */
import { readonly, shallowRef } from "vue";

/** Where the tab keeps the token; it is forgotten with the tab. */
const KEY = "access-token";

// Marked as pure: a side effect here would make the bundler load the code of all modules with each route.
const reason = /* @__PURE__ */ shallowRef<string>();

/** Why the user has to sign in; undefined if nothing asks for it. */
export const signInReason = /* @__PURE__ */ readonly(reason);

export function accessToken(): string | undefined {
  // Node.js, in which some tests run, has no storage.
  return globalThis.sessionStorage?.getItem(KEY) ?? undefined;
}

/** Ask the user to sign in. A service has rejected the token, or needs one; `detail` says what is wrong. */
export function requireSignIn(detail: string): void {
  reason.value ??= detail;
}

/** Use the page as it is. The next rejected call asks again. */
export function dismissSignIn(): void {
  reason.value = undefined;
}

/** Use a token for all calls and streams from now on. The page starts anew, so that nothing is left of another user. */
export function signIn(token: string): void {
  sessionStorage.setItem(KEY, token.trim());
  location.reload();
}

/** Forget the token, and start the page anew. */
export function signOut(): void {
  sessionStorage.removeItem(KEY);
  location.reload();
}
