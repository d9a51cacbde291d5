/**
 * Connect the page's buttons, fields and keyboard shortcuts to its actions.
 *
 * @typedef {import('./preferences.js').Preferences} Preferences
 * @typedef {ReturnType<typeof import('./session.js').createSession>} Session
 *
 * @typedef {object} Actions
 * @property {Preferences} preferences
 * @property {(deviceId?: string) => void} startCamera
 * @property {(file: File) => void} startFile
 * @property {() => void} retry  repeats the last start
 * @property {() => void} stop
 * @property {() => void} togglePause
 * @property {() => void} toggleStart
 * @property {(on: boolean) => void} mirror
 * @property {(sentence: string) => void} showMessage  shows that something failed
 * @property {() => Promise<Blob>} takePicture  the current picture with its faces, a PNG file
 * @property {Session} session
 */

import { byId } from '../../ui/dom.js';
import { createFullScreen } from './full-screen.js';
import { acceptFiles } from '../../ui/file-drop.js';
import { createShortcutsDialog } from './shortcuts-dialog.js';
import { fileName, saveFile } from '../../ui/save-file.js';

/** @param {Actions} actions */
export function createControls({ preferences, startCamera, startFile, retry, stop, togglePause, toggleStart, mirror, showMessage, takePicture, session }) {
  const mirrorBox = byId('mirror', HTMLInputElement);
  const cameraSelect = byId('camera', HTMLSelectElement);
  const fileInput = byId('file', HTMLInputElement);
  const toggleFullScreen = createFullScreen(byId('content', HTMLElement), byId('full-screen', HTMLButtonElement));
  /** Whether a change of the mirror is stored. */
  let storesMirror = true;

  /** @param {string} id @param {() => unknown} action */
  const onClick = (id, action) => byId(id, HTMLButtonElement).addEventListener('click', () => void action());
  onClick('start', () => startCamera());
  onClick('retry', retry);
  onClick('stop', stop);
  onClick('cancel', stop);
  onClick('pause', togglePause);
  onClick('save-picture', savePicture);
  onClick('save-csv', session.saveCsv);
  onClick('save-json', session.saveJson);
  onClick('clear', session.clear);
  mirrorBox.addEventListener('change', setMirror);
  cameraSelect.addEventListener('change', () => switchCamera(cameraSelect.value));
  acceptFiles({
    input: fileInput,
    buttons: document.querySelectorAll('.open-file'),
    kinds: 'video or picture',
    onFile: startFile,
    onRejected: showMessage,
  });
  createShortcutsDialog({
    preferences,
    actions: {
      start: toggleStart,
      pause: togglePause,
      open: () => fileInput.click(),
      camera: nextCamera,
      mirror: () => isVisible(mirrorBox) && mirrorBox.click(),
      full: toggleFullScreen,
      timeline: session.togglePanel,
      picture: savePicture,
      csv: session.saveCsv,
      json: session.saveJson,
    },
  });

  function setMirror() {
    mirror(mirrorBox.checked);
    if (storesMirror) preferences.mirror = mirrorBox.checked;
  }

  /** @param {string} deviceId */
  function switchCamera(deviceId) {
    preferences.camera = deviceId;
    startCamera(deviceId);
  }

  function nextCamera() {
    const { options, selectedIndex, length } = cameraSelect;
    if (length > 1) switchCamera(options[(selectedIndex + 1) % length].value);
  }

  async function savePicture() {
    if (!isVisible(mirrorBox)) return; // there is no picture
    saveFile(await takePicture(), fileName(new Date(), 'png'));
  }

  return {
    /**
     * Show the controls of a source.
     *
     * @param {'camera' | 'video' | 'picture'} kind
     * @param {boolean} facing  true for a camera that faces the user, which is mirrored unless the user turned that off;
     *   all other sources are not mirrored at first
     */
    showSource(kind, facing) {
      storesMirror = facing;
      mirrorBox.checked = facing && preferences.mirror;
      mirror(mirrorBox.checked);
      byId('stop-text', HTMLElement).textContent = kind === 'camera' ? 'Stop' : 'Close';
      byId('pause', HTMLElement).hidden = kind === 'picture';
      if (kind !== 'camera') byId('camera-field', HTMLElement).hidden = true;
    },

    /**
     * @param {{deviceId: string, name: string}[]} cameras
     * @param {string} current  deviceId of the open one
     */
    showCameras(cameras, current) {
      byId('camera-field', HTMLElement).hidden = cameras.length < 2;
      cameraSelect.replaceChildren(...cameras.map(({ deviceId, name }) => new Option(name, deviceId, false, deviceId === current)));
    },
  };
}

/** @param {HTMLElement} element */
const isVisible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
