/** The secrets this product mints, by their prefix, so that people, scanners and our own masks recognise them. */
export const SECRET_PREFIXES = {
  ai: "fmai_",
  sync: "fmsy_",
  admin: "fmad_",
  write: "fmwt_",
  binding: "fmb_",
  join: "fmjo_",
  metrics: "fmme_",
} as const;

/** Whether a text can be a token at all, of ours or of an owner's choice: visible ASCII, for it travels in a header. */
export function isTokenText(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/**
 * Prefix, then what follows; a binding's workspace part may be percent-encoded. No word boundary before it: inside
 * JSON a secret may come right after an escape such as `\n`, whose letter would hide it.
 */
const OWN_SECRET = /(fm(?:ai|sy|ad|wt|jo|me)_)([A-Za-z0-9_-]{16,})|(fmb_)([A-Za-z0-9%_.~-]{20,})/g;

/** Replaces every secret of our own by its prefix and as many `*` as it had characters: the length never changes. */
export function maskSecrets(text: string): string {
  if (!text.includes("fm")) return text;
  return text.replace(OWN_SECRET, (_, prefix = "", body = "", bindingPrefix = "", bindingBody = "") => {
    return `${prefix}${bindingPrefix}${"*".repeat(`${body}${bindingBody}`.length)}`;
  });
}

/** Controls (but tab, line feed, carriage return), bidi marks and overrides, tags. Zero-width characters stay: scripts and emoji need them, and they hide no words. */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

/** Shows characters that hide or reorder text as `\u{…}`, so that stored text cannot deceive who reads it. */
export function showInvisible(text: string): string {
  return text.replace(INVISIBLE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Stored text as a reader may see it: our own secrets masked, deceptive characters shown. Doing it twice changes nothing. */
export function presentable(text: string): string {
  return showInvisible(maskSecrets(text));
}

/**
 * The same JSON value with every text in it presentable, at any depth; mostly it is the value itself. Cursors stay: they are
 * opaque, and a changed one is none.
 */
export function presented<T>(value: T): T;
export function presented(value: unknown): unknown {
  return isPresentable(value) ? value : shown(value);
}

/** Looks only: to copy every answer would be half of the work for it. */
function isPresentable(value: unknown): boolean {
  if (typeof value === "string") return presentable(value) === value;
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isPresentable);
}

function shown(value: unknown): unknown {
  if (typeof value === "string") return presentable(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, key === "next_cursor" ? part : shown(part)]),
  );
}
