/** What a value looks like, where only a name beside it says that it may be a secret. All of it is pure and linear. */

/** A longer value is no name, path or placeholder any more. */
const LONGEST_JUDGED = 512;

/** What people write where a secret would stand, or took its place: all of a value, or where something is taken from. */
const PLACEHOLDERS = [
  /^(?:null|none|nil|undefined|true|false|string|changeme|redacted|hidden|masked)$/i,
  /^[A-Za-z_. <>{}-]*(?:change[-_]?me|change[-_]?this|placeholder|your[-_]?|example|dummy|redacted|insert[-_]|replace[-_]?)[A-Za-z_. <>{}-]*\d{0,3}$/i,
  /EXAMPLE(?:KEY)?$|^(?:see|ask|from|not|as)[-_ ][a-z_-]+$/,
  /^(?:process\.env|import\.meta|os\.environ|Deno\.env|(?:\w+\.)?getenv|ENV\[|config\.|settings\.|secrets\.|<[A-Za-z/!]|\{\{|\{%|\$\(|\$\{|%[A-Z_]{2,}%|\[)/i,
  /^[$%]\w+$|^\$(?:env:)?[A-Za-z_][\w:.]*$/,
  // Masked, or shortened: a few signs before, a few behind.
  /^[^*]{0,12}\*{3,}[^*]{0,6}$/,
  /^.{0,12}(?:\.{3,}|\u2026|\xe2\x80\xa6).{0,6}$/,
  /^.{0,20}(?:\.{3,}|\u2026|\xe2\x80\xa6)$/,
  /^.{0,8}x{5,}.{0,4}$/i,
  // What was taken out before.
  /\[redacted:|\[\.\.\.\]/,
] as const;
/** What a program puts in. Beside it only letters and signs, else it is part of a secret. */
const PUT_IN =
  /\$\{[^{}]*\}|\{\{[^{}]*\}\}|\$\([^()]*\)|#\{[^{}]*\}|\{[\w.$:!]*\}|<[\w ./-]+>|%\(\w+\)s|\{\}/g;
const LETTERS = /^[A-Za-z_./: <>{}-]*\d{0,3}$/;

/** Identifiers that say where something is to be found and open nothing. */
const NAMED =
  /^(?:toolu|msg|req|call|resp|rs|fc|chatcmpl|item|sess|file|org|user|proj|cus|evt)_|^(?:sha\d{3}|md5|urn)[-:]/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PATH =
  /^(?:~|\.{0,2})\/(?:[\w.@-]+\/)+[\w.@-]*$|^[A-Za-z]:[\\/]|^[\w-]+(?:\/[\w-]+)*\/[\w-]+\.\w{1,5}$|:\/\//;
/** `camelCase`, `snake_case`, `kebab-case`, `CONSTANT_2`, `dotted.name`, each with perhaps a number at its end. */
const IDENTIFIER =
  /^[$_@]*(?:[A-Z]?[a-z]+\d{0,3}(?:[A-Z][a-z]+\d{0,2})*|[A-Z]+\d{0,3})(?:[-_./:]+(?:[A-Z]?[a-z]+\d{0,3}(?:[A-Z][a-z]+\d{0,2})*|[A-Z]+\d{0,3}|\d{1,4}))*$/;
const MEMBER = /^[A-Za-z_$][\w$]*(?:(?:\?\.|\.|::|->)[A-Za-z_$][\w$]*)+$/;
const NUMBER = /^[-+]?[\d.,:/TZ+-]+$/;
const ASCII = /^[\x21-\x7e]*$/;
const FEW = /^(.)\1*$|^(?:0123456789|1234567890|abcdefghij|qwertyuiop)/i;

/** True for what nobody would mistake for a secret. */
export function isPlaceholder(value: string): boolean {
  if (value.length > LONGEST_JUDGED) return false;
  return FEW.test(value) || PLACEHOLDERS.some((pattern) => pattern.test(value)) || isPutTogether(value);
}

function isPutTogether(value: string): boolean {
  const rest = value.replaceAll(PUT_IN, "");
  return rest.length < value.length && LETTERS.test(rest);
}

/** True for what says where something is: a path, an address, an id, a member of an object. */
export function isPlace(value: string): boolean {
  return NAMED.test(value) || UUID.test(value) || PATH.test(value) || MEMBER.test(value);
}

/** True for a value that looks made at random or chosen as a password, rather than like a word of the text or of a program. */
export function looksSecret(value: string): boolean {
  if (value.length > LONGEST_JUDGED) return true;
  if (isPlaceholder(value) || NUMBER.test(value)) return false;
  if (isPlace(value)) return false;
  // A sentence in a script without spaces looks like one long word.
  return !IDENTIFIER.test(value) && /[A-Za-z]/.test(value) && (ASCII.test(value) || /\d/.test(value));
}

/** The same for a bare word in running text, where a digit or a change of case has to speak for it. */
export function looksRandom(value: string): boolean {
  return value.length > LONGEST_JUDGED || (changesOf(value) >= 3 && looksSecret(value));
}

/** How often lower case, upper case, digits and all else take turns. */
function changesOf(value: string): number {
  let changes = 0;
  for (let at = 1; at < value.length; at += 1)
    if (kindOf(value.charCodeAt(at)) !== kindOf(value.charCodeAt(at - 1))) changes += 1;
  return changes;
}

function kindOf(code: number): number {
  if (code >= 97 && code <= 122) return 1;
  if (code >= 65 && code <= 90) return 2;
  return code >= 48 && code <= 57 ? 3 : 4;
}

/** Ends of escapes after which a secret may begin though they end in a letter or digit: `\n`, `\u001b`, colours, `%22`. */
const ESCAPE_BEFORE = /(?:\\[nrtbfve0]|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\[[0-9;]{0,8}m|%[0-9A-Fa-f]{2})$/;
const ESCAPE_CHARS = 12;

/** True when a word can begin at this place. */
export function beginsWord(text: string, at: number): boolean {
  if (at === 0 || !isWord(text.charCodeAt(at - 1))) return true;
  return ESCAPE_BEFORE.test(text.slice(Math.max(0, at - ESCAPE_CHARS), at));
}

function isWord(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)
  );
}
