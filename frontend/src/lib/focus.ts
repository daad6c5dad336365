/**
 * Move the focus after a form was sent: to its first invalid field, or else back to `focused`, the element
 * that lost the focus when it was disabled.
 */
export function returnFocus(focused: Element | null, form: HTMLElement | null): void {
  const next = form?.querySelector("[aria-invalid]") ?? (focusIsLost() ? focused : null);
  if (next instanceof HTMLElement) next.focus();
}

/** Return whether no element has the focus, as after the focused one was removed. */
export function focusIsLost(): boolean {
  return document.activeElement === document.body;
}
