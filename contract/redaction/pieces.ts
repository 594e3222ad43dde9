/**
 * Pieces of the patterns of secrets that only a name, an option or a place beside them gives away. A quote may be escaped, as
 * in JSON within JSON; a value ends before a backslash, so that an escape stays whole. All but ASCII counts as a letter.
 */
export const QUOTE = String.raw`(?:\\{0,15}["'${"`"}]|%22|&quot;)`;
export const QUOTED = String.raw`[!#-&(-\[\]-_a-~\x80-\uffff]`;
export const BARE = String.raw`[!#-%*+./0-:=?-Z^_a-z~\x80-\uffff-]`;
/** A sign that some programs escape in JSON though it needs none: `\u0026` of Go, `\/` of PHP. */
export const ESCAPED_SIGN = String.raw`\\{1,15}(?:u00(?:26|3[CcEe])|\/)`;
/** Escaped backslashes before what makes no escape of them in a text of fewer escapes. */
export const BACKSLASH = String.raw`(?:\\\\){1,7}(?![\\nrtbfu"'${"`"}/])`;
