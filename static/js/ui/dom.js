/**
 * The element with this id, of the class the caller counts on.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind  e.g. HTMLButtonElement
 * @returns {T}
 * @throws {Error} when the page has no such element, which is a mistake in its template
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) {
    throw new Error(`the page has no ${kind.name} with the id ${id}`);
  }
  return element;
}
