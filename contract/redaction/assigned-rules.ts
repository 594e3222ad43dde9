import { BACKSLASH, BARE, ESCAPED_SIGN, QUOTE, QUOTED } from "./pieces.ts";
import type { Rule } from "./rule.ts";
import { isPlaceholder, looksRandom, looksSecret } from "./shapes.ts";

/** Names whose value is a secret. What ends in `_key` is one only with a word before it that says so. */
const NAMES = [
  "password",
  "passwd",
  "passphrase",
  "pwd",
  "secret",
  "token",
  "credential",
  "api_key",
  "api-key",
  "apikey",
  "_auth",
] as const;
const KEYS = [
  "access",
  "private",
  "encryption",
  "signing",
  "master",
  "auth",
  "account",
  "storage",
  "service",
  "session",
  "deploy",
  "license",
  "hmac",
  "jwt",
  "aes",
  "host",
  "webhook",
  "shared",
] as const;
const KEY_ANCHORS = KEYS.flatMap((word) => [`${word}_key`, `${word}-key`, `${word}key`]);

const ANCHORS = [...NAMES, ...KEY_ANCHORS];

const SEPARATOR = String.raw`(?:\]?[ \t]{0,8}(?::[ \t]{0,3}(?:string|str|String|&str|char\*|auto|var)[ \t]{0,3}=|=>|:=|->|[:=]|%3[AaDd])[ \t]{0,16}|[ \t]is[ \t])`;
const REST_OF_NAME = String.raw`[\w.-]{0,40}`;
/** Ends of names of something that is no secret: `token_count`, `secretName`, `tokenizer`. */
const NO_SECRET =
  /^s?[_-]?(?:count|usage|limit|budget|type|kind|index|ids?\b|name|field|path|file|ur[il]|endpoint|env|var|label|length|size|expir|iz|less|ary)/i;

/** What has a name beside it instead: `"name": "DB_PASSWORD", "value": `, in JSON, YAML or an element. */
const VALUE_BESIDE = String.raw`${QUOTE}?(?:[ \t,\r\n]|\\{1,15}[nrt]){1,40}${QUOTE}?[vV]alue${QUOTE}?[ \t]{0,4}[:=][ \t]{0,4}`;
const SIGN = `(?:${QUOTED}|${ESCAPED_SIGN})`;
const VALUE = `${SIGN}{8,}(?:${BACKSLASH}${SIGN}+)*`;

/** What of a value is judged: as a program wrote it, up to a backslash, behind which names of classes go on. */
function headOf(value: string): string {
  return value
    .replaceAll(/\\{1,15}u00../g, "&")
    .replaceAll(/\\{1,15}\//g, "/")
    .replace(/\\.*/, "");
}

/** Secrets that are given to a name. A value without quotes in a program is mostly a name of something: it has to look random. */
export const ASSIGNED_RULES: readonly Rule[] = [
  {
    id: "assigned",
    anchors: ANCHORS,
    afterAnchor: true,
    pattern: new RegExp(`(${REST_OF_NAME}${QUOTE}?${SEPARATOR}${QUOTE})(${VALUE})`, "y"),
    inWord: true,
    weak: true,
    accepts: (secret, { lead }) => !NO_SECRET.test(lead) && looksSecret(headOf(secret)),
  },
  {
    id: "assigned",
    anchors: ANCHORS,
    afterAnchor: true,
    pattern: new RegExp(`(${REST_OF_NAME}${VALUE_BESIDE}${QUOTE})(${VALUE})`, "y"),
    inWord: true,
    weak: true,
    accepts: (secret, { lead }) => !NO_SECRET.test(lead) && looksSecret(headOf(secret)),
  },
  {
    id: "assigned",
    anchors: ANCHORS,
    afterAnchor: true,
    pattern: new RegExp(`(${REST_OF_NAME}${VALUE_BESIDE})(${BARE}{8,})`, "y"),
    inWord: true,
    weak: true,
    accepts: (secret, { lead, after }) => !/[([]/.test(after) && !NO_SECRET.test(lead) && looksRandom(secret),
  },
  {
    id: "assigned",
    anchors: ANCHORS,
    afterAnchor: true,
    pattern: new RegExp(`(${REST_OF_NAME}${QUOTE}?${SEPARATOR}(?:Bearer |Basic )?)(${BARE}{8,})`, "y"),
    inWord: true,
    weak: true,
    // What is called is a function, what has an index a list.
    accepts: (secret, { lead, after }) => !/[([]/.test(after) && !NO_SECRET.test(lead) && looksRandom(secret),
  },
  {
    id: "assigned",
    anchors: ["password", "passwd", "passphrase", "pwd"],
    afterAnchor: true,
    pattern: new RegExp(`(${QUOTE}?${SEPARATOR})(\\d{6,40})(?![\\w.:-])`, "y"),
    inWord: true,
    weak: true,
    unquoted: true,
    accepts: (digits) => !isPlaceholder(digits),
  },
  {
    id: "assigned",
    anchors: ["pass:", "pass="],
    afterAnchor: true,
    pattern: new RegExp(`([ \\t]{0,4}${QUOTE}?)(${BARE}{8,})`, "y"),
    inWord: true,
    weak: true,
    accepts: looksRandom,
  },
];
