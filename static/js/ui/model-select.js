/**
 * Which model a page works with: the one that `?model=` in its address names, else the one that was chosen here
 * before, else the site's default. Fills the page's select and remembers what is chosen, in this browser only.
 */

/** Where the choice is kept. */
export const KEY = 'mien.model';

/**
 * @param {object} given
 * @param {string[]} given.known  the models there are
 * @param {string} given.preset  the site's default
 * @param {string[]} given.asked  what the address asks for
 * @param {string | null} [given.remembered]  what was chosen before; passed over where there is no such model now
 * @returns {{model: string, problem: string}} problem: a sentence where the address asks for what there is not, else ''
 */
export function resolveModel({ known, preset, asked, remembered = null }) {
  const otherwise = remembered !== null && known.includes(remembered) ? remembered : preset;
  const problem = unknownModel(asked, known);
  const [model = otherwise] = problem ? [] : asked;
  return { model, problem };
}

/**
 * @param {string[]} asked
 * @param {string[]} known
 * @returns {string} a sentence on the first model that there is not; '' where there are all
 */
export function unknownModel(asked, known) {
  const stranger = asked.find((name) => !known.includes(name));
  if (stranger === undefined) return '';
  return `There is no model '${stranger.slice(0, 80)}'; the known ones: ${known.join(', ') || 'none'}.`;
}

/** What the page's address asks for. @returns {string[]} */
export function askedModels() {
  return new URLSearchParams(location.search).getAll('model');
}

/**
 * Sets up what templates/_model_choice.html wrote.
 *
 * @param {HTMLElement} root  its options' values are models, their data-url the bundle's address
 * @param {(url: string) => void} onChoice  called with the chosen model's bundle: at once, and with each later choice
 */
export function createModelChoice(root, onChoice) {
  const select = root.querySelector('select');
  const message = root.querySelector('.message');
  if (!select || !(message instanceof HTMLElement)) throw new Error('the choice of model lacks its select or message');
  const options = [...select.options];
  const { model, problem } = resolveModel({
    known: options.map((option) => option.value),
    preset: options.find((option) => option.defaultSelected)?.value ?? '',
    asked: askedModels(),
    remembered: recall(),
  });
  select.value = model;
  message.textContent = problem && `${problem} ${model} is used.`;
  message.hidden = problem === '';
  root.hidden = options.length < 2 && problem === '';
  const tell = () => onChoice(select.selectedOptions[0]?.dataset.url ?? '');
  select.addEventListener('change', () => {
    message.hidden = true;
    remember(select.value);
    forgetAsked();
    tell();
  });
  tell();
}

/** What was chosen goes before what the address asked for, also after a reload. */
function forgetAsked() {
  const address = new URL(location.href);
  if (!address.searchParams.has('model')) return;
  address.searchParams.delete('model');
  history.replaceState(history.state, '', address);
}

/** @returns {string | null} */
function recall() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that is told to keep nothing
  }
}

/** @param {string} model */
function remember(model) {
  try {
    localStorage.setItem(KEY, model);
  } catch {
    // then it holds for this visit
  }
}
