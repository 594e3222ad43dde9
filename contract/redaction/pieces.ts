/**
 * Pieces of the patterns of secrets that only a name, an option or a place beside them gives away. A quote may be escaped, as
 * in JSON within JSON; a value without quotes ends before a backslash, so that an escape stays whole. All but ASCII counts as a letter.
 */
export const QUOTE = String.raw`(?:\\{0,15}["'${"`"}]|%22|&quot;)`;
export const QUOTED = String.raw`[!#-&(-\[\]-_a-~\x80-\uffff]`;
export const BARE = String.raw`[!#-%*+./0-:=?-Z^_a-z~\x80-\uffff-]`;
/** What colours a terminal's text, written as itself or escaped. */
export const COLOUR = String.raw`(?:(?:\x1b|\\{1,15}(?:u001[bB]|x1[bB]|033|e))\[[0-9;]{0,12}m)`;
/** The end of a line, as itself or escaped. */
export const LINE_END = String.raw`(?:\r?\n|\\{1,15}n|\\{1,15}r\\{1,15}n)`;
