/**
 * Everything that can be pressed, by pointer or by key, and what it calls.
 *
 * @typedef {import('./preferences.js').Preferences} Preferences
 * @typedef {ReturnType<typeof import('./session.js').createSession>} Session
 *
 * @typedef {object} Calls
 * @property {Preferences} preferences
 * @property {(deviceId?: string) => void} startCamera
 * @property {(file: File) => void} startFile
 * @property {() => void} again  the last start once more
 * @property {() => void} stop
 * @property {() => void} togglePause
 * @property {() => void} toggleStart
 * @property {(on: boolean) => void} mirror
 * @property {(sentence: string) => void} tell  that something did not work
 * @property {() => Promise<Blob>} picture  as a PNG file
 * @property {Session} session
 */

import { byId } from '../../ui/dom.js';
import { createFullScreen } from './full-screen.js';
import { acceptFiles } from '../../ui/file-drop.js';
import { createShortcutsDialog } from './shortcuts-dialog.js';
import { fileName, saveFile } from '../../ui/save-file.js';

/** @param {Calls} calls */
export function createControls({ preferences, startCamera, startFile, again, stop, togglePause, toggleStart, mirror, tell, picture, session }) {
  const mirrorBox = byId('mirror', HTMLInputElement);
  const cameras = byId('camera', HTMLSelectElement);
  const file = byId('file', HTMLInputElement);
  const toggleFull = createFullScreen(byId('content', HTMLElement), byId('full', HTMLButtonElement));
  let remembers = true;

  /** @param {string} id @param {() => unknown} act */
  const press = (id, act) => byId(id, HTMLButtonElement).addEventListener('click', () => void act());
  press('start', () => startCamera());
  press('retry', again);
  press('stop', stop);
  press('cancel', stop);
  press('pause', togglePause);
  press('save-picture', savePicture);
  press('save-csv', session.saveCsv);
  press('save-json', session.saveJson);
  press('clear', session.clear);
  mirrorBox.addEventListener('change', setMirror);
  cameras.addEventListener('change', () => switchTo(cameras.value));
  acceptFiles({
    input: file,
    buttons: document.querySelectorAll('.open-file'),
    kinds: 'video or picture',
    onFile: startFile,
    onRejected: tell,
  });
  createShortcutsDialog({
    preferences,
    act: {
      start: toggleStart,
      pause: togglePause,
      open: () => file.click(),
      camera: () => cameras.length > 1 && switchTo(cameras.options[(cameras.selectedIndex + 1) % cameras.length].value),
      mirror: () => shown(mirrorBox) && mirrorBox.click(),
      full: toggleFull,
      timeline: session.togglePanel,
      picture: savePicture,
      csv: session.saveCsv,
      json: session.saveJson,
    },
  });

  function setMirror() {
    mirror(mirrorBox.checked);
    if (remembers) preferences.mirror = mirrorBox.checked;
  }

  /** @param {string} deviceId */
  function switchTo(deviceId) {
    preferences.camera = deviceId;
    startCamera(deviceId);
  }

  async function savePicture() {
    if (!shown(mirrorBox)) return;
    saveFile(await picture(), fileName(new Date(), 'png'));
  }

  return {
    /**
     * @param {'camera' | 'video' | 'picture'} kind  of what is shown from now on
     * @param {boolean} facing  a camera that faces the visitor, who expects a mirror; anything else is not mirrored at first
     */
    showSource(kind, facing) {
      remembers = facing;
      mirrorBox.checked = facing && preferences.mirror;
      mirror(mirrorBox.checked);
      byId('stop-word', HTMLElement).textContent = kind === 'camera' ? 'Stop' : 'Close';
      byId('pause', HTMLElement).hidden = kind === 'picture';
      if (kind !== 'camera') byId('camera-pick', HTMLElement).hidden = true;
    },

    /**
     * @param {{deviceId: string, name: string}[]} all
     * @param {string} present  the deviceId of the one that is used
     */
    showCameras(all, present) {
      byId('camera-pick', HTMLElement).hidden = all.length < 2;
      cameras.replaceChildren(...all.map(({ deviceId, name }) => new Option(name, deviceId, false, deviceId === present)));
    },
  };
}

/** Whether an element is in use at present. @param {HTMLElement} element */
const shown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
