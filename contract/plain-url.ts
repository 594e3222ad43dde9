const PLAIN_URL = /^https?:\/\/[A-Za-z0-9.:[\]_-]+(?:\/[A-Za-z0-9._~-]+)*$/;

/** Whether an http(s) address means itself in every shell and script: no quotes, blanks, `$` or backslashes, no account, no query. */
export function isPlainUrl(url: string): boolean {
  return PLAIN_URL.test(url);
}
