/**
 * Show the scores of faces as bars: one table for each face, one row for each label, in the contract's order. Builds the
 * same markup as templates/_faces.html and updates only what changed.
 *
 * @typedef {import('../types.js').Face & Partial<import('../types.js').FromRest>} Face
 *
 * @typedef {object} BarRow
 * @property {HTMLElement} row
 * @property {SVGElement} fill
 * @property {HTMLElement} value
 *
 * @typedef {object} Panel
 * @property {HTMLElement} root
 * @property {HTMLElement} number
 * @property {HTMLElement} label
 * @property {HTMLElement} score
 * @property {HTMLElement} caption
 * @property {Map<string, BarRow>} rows
 */

import { percent, signed } from './format.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {HTMLElement} container  gets the tables; its present content is removed
 * @param {string[]} [labels]  the contract's; if given, an empty table is shown while there is no face, so that the
 *   page does not move when a face appears or disappears
 * @param {'h3' | 'h4'} [heading]  element of a face's title
 * @returns {{show(faces: Face[], numbers?: (number | null)[]): void}}  `numbers`: numbers of the faces, null for a face
 *   without one; 1, 2, 3 if not given
 */
export function createScoreBars(container, labels = [], heading = 'h3') {
  /** @type {Map<number | null, Panel>} */
  const panels = new Map();
  container.replaceChildren();

  /**
   * @param {Face[]} faces  in the order of the overlay's numbers
   * @param {(number | null)[]} [numbers]
   */
  function show(faces, numbers = faces.map((_, index) => index + 1)) {
    const wanted = new Set(faces.length || !labels.length ? faces.map((face) => face.id) : [null]);
    for (const [id, panel] of panels) {
      if (!wanted.has(id)) {
        panel.root.remove();
        panels.delete(id);
      }
    }
    if (wanted.has(null)) panelOf(null, labels);
    faces.forEach((face, index) => {
      const panel = panelOf(face.id, Object.keys(face.scores));
      if (container.children[index] !== panel.root) {
        container.insertBefore(panel.root, container.children[index] ?? null);
      }
      update(panel, face, numbers[index] ?? null);
    });
  }

  /**
   * @param {number | null} id
   * @param {string[]} names
   * @returns {Panel}
   */
  function panelOf(id, names) {
    let panel = panels.get(id);
    if (!panel) {
      panel = build(names, id, heading);
      panels.set(id, panel);
      container.append(panel.root);
    }
    return panel;
  }

  show([]);
  return { show };
}

/**
 * @param {Panel} panel
 * @param {Face} face
 * @param {number | null} number
 */
function update(panel, face, number) {
  panel.root.classList.toggle('unsure', face.unsure);
  panel.number.hidden = number === null;
  setText(panel.number, String(number ?? ''));
  setText(panel.label, face.unsure ? 'unsure' : face.label);
  setText(panel.score, `${face.unsure ? `perhaps ${face.label} ` : ''}${percent(face.score)}`);
  setText(panel.caption, number === null ? 'Score of each expression' : `Score of each expression of face ${number}`);
  for (const [label, { row, fill, value }] of panel.rows) {
    const score = face.scores[label] ?? 0;
    row.classList.toggle('best', label === face.label);
    fill.setAttribute('width', (score * 100).toFixed(1));
    setText(value, percent(score));
    // Shown by mien.css: how far the label is above the person's rest.
    if (face.change) value.dataset.change = signed(face.change[label]);
    else delete value.dataset.change;
  }
}

/**
 * @param {string[]} labels
 * @param {number | null} id  null: the empty table
 * @param {'h3' | 'h4'} tag
 * @returns {Panel}
 */
function build(labels, id, tag) {
  const root = make('section', id === null ? 'face empty' : 'face');
  if (id !== null) root.dataset.face = String(id);
  const heading = make(tag, '');
  const [number, label, score] = [make('span', 'number'), make('span', 'label'), make('span', 'score')];
  const table = make('table', 'bars');
  const caption = make('caption', 'visually-hidden');
  const body = make('tbody', '');
  if (id === null) {
    label.textContent = 'No face in view';
    caption.textContent = 'No face, so no scores';
    heading.append(label);
  } else {
    heading.append(number, ' ', label, ' ', score);
  }
  /** @type {Map<string, BarRow>} */
  const rows = new Map();
  for (const name of labels) {
    const row = make('tr', '');
    const title = make('th', '');
    title.setAttribute('scope', 'row');
    title.textContent = name;
    const cell = make('td', 'cell');
    const fill = rectangle('fill', 0);
    const bar = document.createElementNS(SVG, 'svg');
    const attributes = { class: 'bar', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false' };
    for (const [key, text] of Object.entries(attributes)) bar.setAttribute(key, text);
    bar.append(rectangle('track', 100), fill);
    cell.append(bar);
    const value = make('td', 'value');
    value.textContent = id === null ? '–' : '';
    row.append(title, cell, value);
    body.append(row);
    rows.set(name, { row, fill, value });
  }
  table.append(caption, body);
  root.append(heading, table);
  return { root, number, label, score, caption, rows };
}

/**
 * @param {string} tag
 * @param {string} className
 * @returns {HTMLElement}
 */
function make(tag, className) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  return element;
}

/**
 * @param {string} className
 * @param {number} width  percent
 * @returns {SVGElement}
 */
function rectangle(className, width) {
  const rect = document.createElementNS(SVG, 'rect');
  rect.setAttribute('class', className);
  rect.setAttribute('width', String(width));
  rect.setAttribute('height', '10');
  return rect;
}

/**
 * Set a text only if it differs: setting the same text would still trigger screen readers and layout.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
