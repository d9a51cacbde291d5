/**
 * Recognise browsers within other apps, many of which give pages no camera or refuse it without asking. Pure.
 */

/** Pattern of the user agent, and name. @type {[RegExp, string][]} */
const APPS = [
  [/\bInstagram\b/, 'Instagram'],
  [/\bFBA[NV]\b|\bFB_IAB\b/, 'Facebook'],
  [/\bMessenger(?:ForiOS|LiteForiOS)\b/, 'Messenger'],
  [/\bTikTok\b|\bmusical_ly\b|\bBytedanceWebview\b/i, 'TikTok'],
  [/\bSnapchat\b/, 'Snapchat'],
  [/\bLinkedInApp\b/, 'LinkedIn'],
  [/\bTwitter for\b/, 'X'],
  [/\bPinterest\b/, 'Pinterest'],
  [/\bMicroMessenger\b/, 'WeChat'],
  [/\bLine\/\d/, 'LINE'],
  [/\bGSA\//, 'the Google app'],
  [/; wv\)/, 'another app'],
];

/**
 * @param {string} userAgent
 * @returns {string | null} name of the app in which the page is open, for a sentence; null for a browser of its own
 */
export function inAppBrowser(userAgent) {
  return APPS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
}
