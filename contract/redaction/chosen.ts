import { isPlaceholder, isPlace, looksRandom, looksSecret } from "./shapes.ts";

/** What stands for a password in an explanation. */
const USUAL =
  /^(?:my)?(?:pass(?:word|wd|phrase)?|secret|postgres|root|admin|user|test(?:ing)?|guest|mysql|redis|token)\d{0,3}$/i;
/** Names of nothing but a password that a person or a program was given. */
const VARIABLE = /^[A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|_PWD|PASSWORT|KENNWORT)$/;
const PHRASE = /passphrase$/i;
const PASSWORD = /(?:pass(?:word|wd|phrase|wort)|pwd|kennwort)$/i;
/** A name of something in the program, or of a place where the password is. */
const NAMES_ONE =
  /[_.:/-](?:pass|secret|token|key|env|vault|file|hash|id)|(?:pass|secret|token|key|env|vault|file|hash|id)[_.:/-]/i;
const KEBAB = /^(?=.*[a-z]\d)[A-Za-z]+(?:-[A-Za-z0-9]+)+$/;
const MOST_WORDS = 6;
const MIXED = /[A-Za-z]\d|\d[A-Za-z]/;

/** True for what is a password in examples everywhere. */
export function isUsual(value: string): boolean {
  return USUAL.test(value);
}

/** The name that ends where a value's separator begins: what stands before it, and the rest of it. */
export function nameOf(before: string, lead: string): string {
  const begun = /[A-Za-z0-9_]*$/.exec(before)?.[0] ?? "";
  return begun + (/^[\w.-]*/.exec(lead)?.[0] ?? "");
}

/** True for a word that is a password because its name can mean nothing else. Without quotes the variable is one of a shell. */
export function isChosen(value: string, { name, isQuoted }: { name: string; isQuoted: boolean }): boolean {
  if (isPlaceholder(value) || isUsual(value) || isPlace(value) || NAMES_ONE.test(value)) return false;
  if (!/[A-Za-z]/.test(value) || !/^[!-~]*$/.test(value)) return false;
  if (VARIABLE.test(name)) return /[a-z]/.test(value);
  if (!isQuoted) return false;
  return PHRASE.test(name) || (PASSWORD.test(name) && value.length >= 12 && KEBAB.test(value));
}

/** True for words with blanks between them that are one password: few, one of which nobody writes in a sentence. */
export function isPassphrase(value: string, name: string): boolean {
  const words = value.split(" ");
  if (!PASSWORD.test(name) || words.length > MOST_WORDS || isPlaceholder(value)) return false;
  return words.some((word) => looksRandom(word) || (word.length >= 5 && MIXED.test(word) && !isPlace(word)));
}

/** A value as its program knew it; what stays of backslashes parts it, as names of classes and paths are parted. */
export function looksAssigned(value: string): boolean {
  const plain = value.replaceAll(/\\{1,15}u00../g, "&").replaceAll(/\\{1,15}(["'/])/g, "$1");
  const [head = "", ...parts] = plain.split(/\\+/);
  return looksSecret(head) || parts.some((part) => part.length >= 5 && looksRandom(part));
}
