/**
 * Choose the model that a page uses: the one in the address (`?model=`), else the one that was selected earlier in this
 * browser, else the site's default. Fills the page's select and stores the selection in this browser only.
 */

/** Key of the selection in localStorage. */
export const KEY = 'mien.model';

/**
 * @param {object} options
 * @param {string[]} options.models  names of all models
 * @param {string} options.preset  the site's default
 * @param {string[]} options.requested  names in the address
 * @param {string | null} [options.stored]  an earlier selection; ignored if that model no longer exists
 * @returns {{model: string, problem: string}} problem: a sentence if the address names an unknown model, else ''
 */
export function resolveModel({ models, preset, requested, stored = null }) {
  const fallback = stored !== null && models.includes(stored) ? stored : preset;
  const problem = unknownModel(requested, models);
  const [model = fallback] = problem ? [] : requested;
  return { model, problem };
}

/**
 * @param {string[]} requested
 * @param {string[]} models  names of all models
 * @returns {string} a sentence about the first requested model that does not exist; '' if all exist
 */
export function unknownModel(requested, models) {
  const unknown = requested.find((name) => !models.includes(name));
  if (unknown === undefined) return '';
  return `There is no model '${unknown.slice(0, 80)}'; the known ones: ${models.join(', ') || 'none'}.`;
}

/** @returns {string[]} the models that the page's address names */
export function requestedModels() {
  return new URLSearchParams(location.search).getAll('model');
}

/**
 * Set up the select of templates/_model_select.html.
 *
 * @param {HTMLElement} root  the values of its options are model names, their data-url the addresses of the bundles
 * @param {(url: string) => void} onSelect  called with the address of the selected model's bundle: now, and on each change
 */
export function createModelSelect(root, onSelect) {
  const select = root.querySelector('select');
  const message = root.querySelector('.message');
  if (!select || !(message instanceof HTMLElement)) throw new Error('the model select has no select or message element');
  const options = [...select.options];
  const { model, problem } = resolveModel({
    models: options.map((option) => option.value),
    preset: options.find((option) => option.defaultSelected)?.value ?? '',
    requested: requestedModels(),
    stored: readStored(),
  });
  select.value = model;
  message.textContent = problem && `${problem} ${model} is used.`;
  message.hidden = problem === '';
  root.hidden = options.length < 2 && problem === '';
  const notify = () => onSelect(select.selectedOptions[0]?.dataset.url ?? '');
  select.addEventListener('change', () => {
    message.hidden = true;
    store(select.value);
    removeRequest();
    notify();
  });
  notify();
}

/** Remove the model from the address, so that the selection also holds after a reload. */
function removeRequest() {
  const address = new URL(location.href);
  if (!address.searchParams.has('model')) return;
  address.searchParams.delete('model');
  history.replaceState(history.state, '', address);
}

/** @returns {string | null} */
function readStored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is blocked
  }
}

/** @param {string} model */
function store(model) {
  try {
    localStorage.setItem(KEY, model);
  } catch {
    // storage is blocked: the selection holds for this visit
  }
}
