import { isChosen, isPassphrase, looksAssigned, nameOf } from "./chosen.ts";
import { BARE, COLOUR, LINE_END, QUOTE } from "./pieces.ts";
import { quotedEnd } from "./quoted-end.ts";
import type { Rule } from "./rule.ts";
import { isPlaceholder, looksRandom } from "./shapes.ts";

/** Names whose value is a secret. What ends in `_key` is one only with a word before it that says so. */
const NAMES = [
  "password",
  "passwd",
  "passphrase",
  "passwort",
  "kennwort",
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

const SEPARATOR = String.raw`(?:${COLOUR}{0,3}(?:\]?[ \t]{0,8}(?::[ \t]{0,3}(?:string|str|String|&str|char\*|auto|var)[ \t]{0,3}=|=>|:=|->|[:=]|%3[AaDd])[ \t]{0,16}|[ \t](?:is|ist|lautet)[ \t]|[ \t]{1,20}\|[ \t]{1,20})${COLOUR}{0,3})`;
/** The value begins in the next line. In YAML a sign says so; without one only a quoted value is no next name. */
const NEXT_LINE = String.raw`(?:[:=][ \t]{0,4}${LINE_END}(?:[ \t]|\\{1,15}t){0,40})`;
const YAML_BLOCK = String.raw`(?::[ \t]{1,4}[>|][+-]?[ \t]{0,4}${LINE_END}[ \t]{1,40})`;
const REST_OF_NAME = String.raw`[\w.-]{0,40}`;
/** Ends of names of something that is no secret: `token_count`, `secretName`, `tokenizer`. */
const NO_SECRET =
  /^s?[_-]?(?:count|usage|limit|budget|type|kind|index|ids?\b|name|field|path|file|ur[il]|endpoint|env|var|label|length|size|expir|iz|less|ary)/i;

/** What has a name beside it instead: `"name": "DB_PASSWORD", "value": `, in JSON, YAML or an element. */
const VALUE_BESIDE = String.raw`${QUOTE}?(?:[ \t,\r\n]|\\{1,15}[nrt]){1,40}${QUOTE}?[vV]alue${QUOTE}?[ \t]{0,4}[:=][ \t]{0,4}`;
/** A block instead: `variable "db_password" { default = `. */
const BLOCK = String.raw`${QUOTE}?[ \t]{0,4}\{(?:[ \t]|${LINE_END}){1,40}default[ \t]{0,8}=[ \t]{0,4}`;

/** What follows a name that is given something. Looked at first: most words of this kind are given nothing. */
const AHEAD = new RegExp(
  String.raw`[\w.-]{0,40}(?:[:=\]"'${"`"}%&\\>{,\r\n-]|\x1b|[ \t]{1,20}(?:[:=|>{-]|is|lautet|[vV]alue))`,
  "y",
);

/** Secrets that are given to a name. A value without quotes in a program is mostly a name of something: it has to look random. */
export const ASSIGNED_RULES: readonly Rule[] = [
  {
    id: "assigned",
    anchors: ANCHORS,
    afterAnchor: true,
    ahead: AHEAD,
    pattern: new RegExp(
      `(${REST_OF_NAME}(?:${QUOTE}?(?:${SEPARATOR}|${NEXT_LINE})|${VALUE_BESIDE}|${BLOCK})${QUOTE})([^\\s])`,
      "y",
    ),
    end: endOfQuoted,
    inWord: true,
    weak: true,
    accepts: (secret, { before, lead }) =>
      secret.length >= 8 && !NO_SECRET.test(lead) && isSecretOf(nameOf(before, lead), secret),
  },
  {
    id: "assigned",
    anchors: ANCHORS,
    afterAnchor: true,
    ahead: AHEAD,
    pattern: new RegExp(
      `(${REST_OF_NAME}(?:${QUOTE}?(?:${SEPARATOR}(?:Bearer |Basic )?|${YAML_BLOCK})|${VALUE_BESIDE}))(${BARE}{8,})`,
      "y",
    ),
    inWord: true,
    weak: true,
    // What is called is a function, what has an index a list, and what types are joined by has no digit.
    accepts: (secret, { before, lead, after }) =>
      !/[([]/.test(after) &&
      (!lead.includes("|") || /\d/.test(secret)) &&
      !NO_SECRET.test(lead) &&
      (looksRandom(secret) ||
        (/^[\w.-]*=$/.test(lead) && isChosen(secret, { name: nameOf(before, lead), isQuoted: false }))),
  },
  {
    id: "assigned",
    anchors: ["password", "passwd", "passphrase", "pwd"],
    afterAnchor: true,
    ahead: AHEAD,
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

/** With blanks a value is one only as a passphrase; else it ends at the first. */
function endOfQuoted(
  text: string,
  start: number,
  { before, lead }: { before: string; lead: string },
): number {
  const end = quotedEnd(text, start, lead);
  const value = text.slice(start, end);
  const blank = value.search(/[ \t]/);
  return blank < 0 || isPassphrase(value, nameOf(before, lead)) ? end : start + blank;
}

function isSecretOf(name: string, value: string): boolean {
  if (value.includes(" ")) return true;
  return looksAssigned(value) || isChosen(value, { name, isQuoted: true });
}
