import { shortForm } from "./short-forms.ts";

const SHORTEST = 4;
/** Longer words are known by their beginning. */
const LONGEST = 64;
/** What the rules would join with strangers, or not with their own. */
const EXCEPTIONS = new Map(
  Object.entries({
    alias: "alias",
    apis: "api",
    atlas: "atlas",
    bias: "bias",
    canvas: "canvas",
    cors: "cors",
    embed: "embed",
    note: "note",
    notes: "note",
    pipe: "pipe",
    pipes: "pipe",
    setting: "setting",
    settings: "setting",
    used: "use",
  }),
);

/**
 * What a folded word has in common with its other forms: "migrat" of "migrate", "migrating" and "migrations", "config"
 * of "configuration". Always a beginning of the word. It knows English endings of words in ASCII letters and no
 * dictionary, so now and then it joins strangers: who ranks texts should take a word in its own form for more.
 */
export function stem(word: string): string {
  if (word.length < SHORTEST) return word;
  return EXCEPTIONS.get(word) ?? shortForm(word) ?? reduced(word.slice(0, LONGEST));
}

function reduced(word: string): string {
  return /^[a-z]+$/.test(word) ? withoutVowel(withoutEnding(withoutPlural(word))) : word;
}

function withoutPlural(word: string): string {
  if (/(?:ss|x|z|ch|sh|i)es$/.test(word)) return word.slice(0, -2);
  return /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

/** Endings, and what has to stand before each for it to be one. */
const ENDINGS: readonly { ending: RegExp; length: number; least: number }[] = [
  { ending: /[aeiouy].*ing$/, length: 3, least: 3 },
  { ending: /[aeiouy].*[^e]ed$/, length: 2, least: 3 },
  { ending: /ment$/, length: 4, least: 6 },
  { ending: /ification$/, length: 7, least: 4 },
  { ending: /i[sz]ation$/, length: 5, least: 4 },
  { ending: /[st]ion$/, length: 3, least: 5 },
  { ending: /ly$/, length: 2, least: 6 },
];

function withoutEnding(word: string): string {
  for (const { ending, length, least } of ENDINGS)
    if (word.length - length >= least && ending.test(word)) return single(word.slice(0, -length));
  return word;
}

/** "mapp" of "mapping" is "map". */
function single(word: string): string {
  return word.length > 3 && /([bdfgmnprt])\1$/.test(word) ? word.slice(0, -1) : word;
}

/** "cache" and "caching", "policy" and "policies": what changes at the end goes. */
function withoutVowel(word: string): string {
  const bare = word.length > 3 && word.endsWith("e") ? word.slice(0, -1) : word;
  return bare.length > 3 && /(?:[^aeiou]y|i)$/.test(bare) ? bare.slice(0, -1) : bare;
}
