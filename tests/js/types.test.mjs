/** The types of mien.js, as a TypeScript project meets them. Needs static/dist: npm run build. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ROOT } from '../support/js/runtime.mjs';

const RIGHT = `
import { RecognizerError, createRecognizer, type Face, type Result } from './mien.js';

const recognizer = await createRecognizer({ model: 'mien_small.ferplus', onProgress: (step, part) => [step, part] });
const { faces, image, timestamp }: Result = await recognizer.recognize(new Blob(), { track: true });
const [face]: Face[] = faces;
const words: string = face.label + face.scores.happy.toFixed(image.width + timestamp);
const running = recognizer.start(document.createElement('video'), (result) => result.faces.length, {
  onError: (error) => error instanceof RecognizerError && error.code === 'worker-crashed',
});
await running.finished;
running.stop();
recognizer.dispose();
export { words };
`;

/** Each is one mistake. */
const WRONG = [
  `import { createRecognizer } from './mien.js'; createRecognizer({ modle: 'a' });`,
  `import { createRecognizer } from './mien.js'; (await createRecognizer()).recognize('a.jpg');`,
  `import { createRecognizer } from './mien.js'; (await createRecognizer()).start(document.body, () => {});`,
  `import { createRecognizer } from './mien.js'; (await createRecognizer()).mesenger;`,
];

let folder = '';
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mien-types-'));
  for (const name of ['mien.d.ts', 'types.d.ts', 'errors.d.ts']) {
    copyFileSync(path.join(ROOT, 'static/dist', name), path.join(folder, name));
  }
  writeFileSync(path.join(folder, 'right.ts'), RIGHT);
  WRONG.forEach((text, i) => writeFileSync(path.join(folder, `wrong${i}.ts`), `${text}\nexport {};`));
});
after(() => rmSync(folder, { recursive: true }));

test('a TypeScript project can use them, and tsc reports errors', () => {
  const flags = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'es2022', '--moduleResolution', 'bundler'];
  const files = ['right.ts', ...WRONG.map((_, i) => `wrong${i}.ts`)];
  let said = '';
  try {
    execFileSync(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, '--types', '', ...files], {
      cwd: folder,
      encoding: 'utf8',
    });
  } catch (error) {
    said = /** @type {{stdout: string}} */ (error).stdout;
  }
  const wrong = new Set([...said.matchAll(/^([\w.]+)\(/gm)].map(([, name]) => name));
  assert.deepEqual([...wrong].sort(), files.slice(1), said);
});
