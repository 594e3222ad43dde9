/** Far more than a server's tools, folders and branches; then it begins anew. */
const MOST_TEXTS = 10_000;

const texts = new Map<string, string>();

/** The same text, held in memory once however often it is read. For what many records have in common. */
export function shared(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= MOST_TEXTS) texts.clear();
  texts.set(text, text);
  return text;
}
