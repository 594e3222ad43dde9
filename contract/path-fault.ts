import { LIMITS } from "./limits.ts";
import { byteLength, foldCase } from "./names.ts";
import { maskSecrets } from "./secrets.ts";

/** Forbidden on Windows, or with a meaning to a shell or a URL. */
const FORBIDDEN = /[\\:*?"<>|`]/;
/** Looks like a separator, or becomes one in a compatibility form. */
const LOOKALIKE =
  /[\u1735\u2044\u2215\u2216\u2571\u2572\u27cb\u27cd\u29f5\u29f8\u29f9\u3033\ufe68\uff0f\uff3c]/u;
/** Two or more dots that are not full stops. */
const DOT_LOOKALIKES = /[\u2024\u2025\u2026\u2219\u22c5\u3002\ufe52\uff0e\uff61]{2,}/u;
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
/** An encoded byte: some layer might decode it once more. */
const ENCODED = /%[0-9a-f]{2}|%u[0-9a-f]{4}|&#|=(?:2e|2f|5c|00)|\+A(?:C4|C8|Fw|AA)/i;
/** The short alias Windows may give a long name: `VERSIO~1`. */
const SHORT_ALIAS = /^[^.]{1,6}~\d/;
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])$/i;
/** Names of the server's own: at any depth, because a copy of the tree must never look like a store. */
const RESERVED = new Set(["_meta", "_index", "_staging", "_trash"]);
/** Names of the server's own beside the knowledge folder. */
const RESERVED_ROOTS = new Set(["identity.json", "workspaces.json", "sessions"]);

/** Why a path is refused, or undefined when it is a good canonical (NFC) knowledge path. */
export function pathFault(path: string): string | undefined {
  if (!path.isWellFormed()) return "it is not valid Unicode";
  if (path === "") return "it is empty";
  if (path.length > LIMITS.knowledge.pathBytes || byteLength(path) > LIMITS.knowledge.pathBytes)
    return `it is longer than ${LIMITS.knowledge.pathBytes} bytes`;
  if (INVISIBLE.test(path)) return "it holds a control or invisible character";
  if (FORBIDDEN.test(path)) return 'it holds one of \\ : * ? " < > | `';
  if (LOOKALIKE.test(path) || DOT_LOOKALIKES.test(path))
    return "it holds a character that looks like a separator or dots";
  if (ENCODED.test(path)) return "it holds an encoded character";
  // Masked, it would be no address any more.
  if (maskSecrets(path) !== path) return "it holds a secret of this product";
  const segments = path.split("/");
  if (segments.length > LIMITS.knowledge.segments)
    return `it has more than ${LIMITS.knowledge.segments} segments`;
  for (const segment of segments) {
    const fault = segmentFault(segment);
    if (fault !== undefined) return fault;
  }
  if (RESERVED_ROOTS.has(plain(segments[0] ?? ""))) return "its first segment is a name of the server's own";
  return undefined;
}

/** The name without case and compatibility forms: what some file system may take it for. */
function plain(segment: string): string {
  return foldCase(segment.normalize("NFKC"));
}

function segmentFault(segment: string): string | undefined {
  if (segment === "") return "it has an empty segment, or begins or ends with /";
  if (byteLength(segment) > LIMITS.knowledge.segmentBytes)
    return `a segment is longer than ${LIMITS.knowledge.segmentBytes} bytes`;
  if (byteLength(segment.normalize("NFKC")) > 2 * LIMITS.knowledge.segmentBytes)
    return "a segment's compatibility form is too long";
  if (SHORT_ALIAS.test(segment)) return "a segment looks like a short Windows alias";
  if (RESERVED.has(plain(segment))) return "a segment is a name of the server's own";
  for (const form of [segment, segment.normalize("NFKC")]) {
    if (/^[.~-]/.test(form)) return "a segment begins with '.', '-' or '~'";
    if (/^\s|\s$|\.$/u.test(form)) return "a segment begins or ends with a space, or ends with a dot";
    if (form.includes("/") || FORBIDDEN.test(form))
      return "a segment holds a compatibility form of a forbidden character";
    if (DEVICE.test((form.split(".")[0] ?? "").trim())) return "a segment is a device name on Windows";
  }
  return undefined;
}
