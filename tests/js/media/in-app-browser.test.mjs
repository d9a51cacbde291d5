/** Browsers within other apps are recognised by their user agent; browsers of their own are not mistaken for one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inAppBrowser } from '../../../static/js/media/in-app-browser.js';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148';
const ANDROID = 'Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP3A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36';

/** @type {[string, string][]} */
const IN_APP = [
  [`${IPHONE} Instagram 350.0.0 (iPhone16,1; iOS 18_1; en_US)`, 'Instagram'],
  [`${IPHONE} [FBAN/FBIOS;FBAV/485.0.0;FBDV/iPhone16,1]`, 'Facebook'],
  [`${ANDROID} [FB_IAB/FB4A;FBAV/485.0.0;]`, 'Facebook'],
  [`${IPHONE} musical_ly_37.0.0 BytedanceWebview/d8a21c6`, 'TikTok'],
  [`${IPHONE} Snapchat/13.12.0 (like Safari/8618)`, 'Snapchat'],
  [`${IPHONE} [LinkedInApp]/9.30`, 'LinkedIn'],
  [`${IPHONE} Twitter for iPhone/10.65`, 'X'],
  [`${IPHONE} [Pinterest/iOS]`, 'Pinterest'],
  [`${IPHONE} MicroMessenger/8.0.53 NetType/WIFI`, 'WeChat'],
  [`${IPHONE} Safari Line/14.19.0`, 'LINE'],
  [`${IPHONE} GSA/343.0 Safari/604.1`, 'the Google app'],
  [ANDROID, 'another app'],
];

const BROWSERS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.0.0',
  '',
];

for (const [said, name] of IN_APP) test(`${name}: ${said.slice(-40)}`, () => assert.equal(inAppBrowser(said), name));
for (const said of BROWSERS) test(`a browser: ${said.slice(-40)}`, () => assert.equal(inAppBrowser(said), null));
