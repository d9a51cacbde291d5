/**
 * Read a model's contract. Twin of app/inference/contract.py, whose docstring says what each
 * field means: every field is required, an unknown field is refused, no field has a default.
 *
 * @typedef {import('../types.js').ModelContract} ModelContract
 */

const CONTRACT_VERSION = 2;
const READABLE_VERSIONS = [1, 2];
const MODEL_NAME = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/;

/** A contract is missing, incomplete, or does not fit its model. */
export class ContractError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'ContractError';
  }
}

/**
 * The contract in `data`.
 *
 * @param {unknown} data  parsed JSON
 * @param {string} [where]  names the contract in errors
 * @returns {ModelContract}
 * @throws {ContractError} a field is missing, unknown, of the wrong type or out of range
 */
export function readContract(data, where = 'contract') {
  const top = fields(data, where, [
    'contract_version', 'model', 'labels', 'input', 'crop', 'calibration',
  ]);
  const version = Number(top.contract_version);
  if (typeof top.contract_version !== 'number' || !READABLE_VERSIONS.includes(version)) {
    throw new ContractError(
      `${where}: contract_version is ${show(top.contract_version)}, ` +
        `this version of Mien reads ${READABLE_VERSIONS.join(' and ')}`,
    );
  }
  const { model, labels } = top;
  if (typeof model !== 'string' || !MODEL_NAME.test(model)) {
    throw new ContractError(
      `${where}: model is ${show(model)}, expected architecture.tag ` +
        'in lower case letters, digits and underscores',
    );
  }
  if (
    !Array.isArray(labels) ||
    labels.length < 2 ||
    !labels.every((label) => typeof label === 'string' && label !== '') ||
    new Set(labels).size !== labels.length
  ) {
    throw new ContractError(
      `${where}: labels is ${show(labels)}, expected a list of 2 or more different names`,
    );
  }
  const input = fields(top.input, `${where}: input`, ['height', 'width', 'channels']);
  const crop = fields(top.crop, `${where}: crop`, ['margin']);
  // A contract of version 1 has no biases: they are 0.
  const parts = version === 1 ? ['temperature', 'unsure_below'] : ['bias', 'temperature', 'unsure_below'];
  const calibration = fields(top.calibration, `${where}: calibration`, parts);
  const bias = version === 1 ? labels.map(() => 0) : calibration.bias;
  if (!Array.isArray(bias) || bias.length !== labels.length) {
    throw new ContractError(
      `${where}: calibration.bias is ${show(bias)}, expected a list of ${labels.length} numbers, one for each label`,
    );
  }
  return {
    contract_version: CONTRACT_VERSION,
    model,
    labels: [...labels],
    input: {
      height: size(input.height, `${where}: input.height`),
      width: size(input.width, `${where}: input.width`),
      channels: channels(input.channels, `${where}: input.channels`),
    },
    crop: { margin: number(crop.margin, `${where}: crop.margin`, -0.4, 2) },
    calibration: {
      bias: bias.map((one, place) => number(one, `${where}: calibration.bias[${place}]`, -20, 20)),
      temperature: number(calibration.temperature, `${where}: calibration.temperature`, 0.01, 100),
      unsure_below: number(calibration.unsure_below, `${where}: calibration.unsure_below`, 0, 1),
    },
  };
}

/**
 * Refuses a model whose last layer has not one output a label.
 *
 * @param {ModelContract} contract
 * @param {number | undefined} width  outputs of the model
 * @throws {ContractError}
 */
export function checkOutputWidth(contract, width) {
  if (width !== contract.labels.length) {
    throw new ContractError(
      `${contract.model}: the model has ${width} outputs, ` +
        `its contract ${contract.labels.length} labels`,
    );
  }
}

/**
 * Refuses a model whose input, without the batch axis, is not the contract's.
 *
 * @param {ModelContract} contract
 * @param {number[]} shape  (height, width, channels)
 * @throws {ContractError}
 */
export function checkInputShape(contract, shape) {
  const { height, width, channels: depth } = contract.input;
  if (shape.length !== 3 || shape[0] !== height || shape[1] !== width || shape[2] !== depth) {
    throw new ContractError(
      `${contract.model}: the model takes (${shape.join(', ')}), ` +
        `its contract says (${height}, ${width}, ${depth})`,
    );
  }
}

/** @param {unknown} value */
function show(value) {
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

/**
 * @param {unknown} data
 * @param {string} where
 * @param {string[]} names
 * @returns {Record<string, unknown>}
 */
function fields(data, where, names) {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new ContractError(
      `${where}: ${show(data)} given, expected an object with ${names.join(', ')}`,
    );
  }
  const problems = [
    ...names.filter((name) => !Object.hasOwn(data, name)).map((name) => `missing field ${name}`),
    ...Object.keys(data).filter((name) => !names.includes(name)).map((name) => `unknown field ${name}`),
  ];
  if (problems.length > 0) throw new ContractError(`${where}: ${problems.join('; ')}`);
  return /** @type {Record<string, unknown>} */ (data);
}

/** @param {unknown} value @param {string} where @returns {number} */
function size(value, where) {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 8 || value > 1024) {
    throw new ContractError(`${where} is ${show(value)}, expected a whole number, 8..1024`);
  }
  return value;
}

/** @param {unknown} value @param {string} where @returns {number} */
function channels(value, where) {
  if (value !== 1 && value !== 3) {
    throw new ContractError(`${where} is ${show(value)}, expected a whole number, 1 or 3`);
  }
  return value;
}

/**
 * @param {unknown} value
 * @param {string} where
 * @param {number} low
 * @param {number} high
 * @returns {number}
 */
function number(value, where, low, high) {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < low || value > high) {
    throw new ContractError(`${where} is ${show(value)}, expected a number, ${low}..${high}`);
  }
  return value;
}
