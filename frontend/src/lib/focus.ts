/**
 * Give the focus, after a form was sent, to the first field that is wrong in `form`; else back to
 * `focused`, which had it before, if it has lost it by being disabled meanwhile.
 */
export function returnFocus(focused: Element | null, form: HTMLElement | null): void {
  const lost = document.activeElement === document.body ? focused : null;
  const next = form?.querySelector("[aria-invalid]") ?? lost;
  if (next instanceof HTMLElement) next.focus();
}
