/** Characters whose lower case is longer, depends on what is around them, or is not what they are compared by. */
const SPECIAL = /[\u0130ſΣς]/;

/**
 * Lower case for comparing, with every character in its place: U+0130 is the only one whose lower case is longer.
 * A final sigma is a sigma and a long s is an s, as ripgrep has it too. The index and whoever looks into a text
 * afterwards must fold alike.
 */
export function fold(text: string): string {
  if (!SPECIAL.test(text)) return text.toLowerCase();
  return text.replaceAll("\u0130", "i").toLowerCase().replaceAll("ς", "σ").replaceAll("ſ", "s");
}
