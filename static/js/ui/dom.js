/**
 * Get the element with an id, checked to be of the expected class.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind  e.g. HTMLButtonElement
 * @returns {T}
 * @throws {Error} the page has no such element: a mistake in its template
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) {
    throw new Error(`the page has no ${kind.name} with the id ${id}`);
  }
  return element;
}
