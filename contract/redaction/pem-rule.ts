import type { Rule } from "./rule.ts";

/** What may stand between the lines of a key: line ends, escaped ones, quotes of a mail, numbers of lines, signs of a diff. */
const BETWEEN = String.raw`(?:\\{1,15}[nrt]|%0[AaDd]|[\r\n\t >|\x80-\uffff])`;
/** Never runs into another key: what was refused at one BEGIN is not read again at the next. */
const HEADER = String.raw`(?:[A-Za-z][A-Za-z-]{2,30}: (?:(?!-----)[^\\\r\n"]){0,200}${BETWEEN}{1,40})`;
const BASE64 = "[A-Za-z0-9+/=]";
/** What stands there besides where every line is a string of a list or of a program, a comment, or what a search found. */
const PLACE = String.raw`(?:[\w.][\w./-]{0,80}[:-]\d{1,6}[:-])?`;
const APART = String.raw`(?:\\{1,15}[nrt"']|%0[AaDd]|[\r\n\t >|#*+,;"'${"`"}/=\x80-\uffff-]){1,60}${PLACE}`;
const END = "-----END [A-Z0-9 ]{0,60}-----";
/** Beyond such a gap only a whole line is one of the key, or the last one. */
const LINE = `(?:${APART}${BASE64}{40,}|${APART}${BASE64}{1,76}(?=(?:${APART})?${END})|${BETWEEN}*${BASE64}+)`;

/** A private key in PEM, to its last line; one that was cut off, as far as it goes. */
const WHOLE: Rule = {
  id: "pem",
  anchors: ["-----BEGIN "],
  pattern: new RegExp(
    `-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:${BETWEEN}*${HEADER}{1,10})?${LINE}*(?:(?:${APART})?${END})?`,
    "y",
  ),
  inWord: true,
  accepts: (key) => /[A-Za-z0-9+/=]{32}/.test(key),
};

/** Without `-`: looking back stops at the key before. */
const INSIDE = String.raw`A-Za-z0-9+/=\r\n\t >|#,"'\x80-\uffff`;

/** The end of one whose beginning is not there. */
const TAIL: Rule = {
  id: "pem",
  anchors: ["-----END "],
  ahead: /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y,
  back: { chars: new RegExp(String.raw`[${INSIDE}\\]`), most: 8192 },
  pattern: new RegExp(
    String.raw`((?:\\{1,15}[^\\]|[${INSIDE}])*?)(?:(?<=\\[nrt])|(?<![A-Za-z0-9+/=\\]))(${BASE64}{40,}[${INSIDE}\\]*${END})`,
    "y",
  ),
  inWord: true,
  accepts: (key) => /[A-Za-z0-9+/=]{40}[^]{0,160}-----END/.test(key),
};

/** Private keys in PEM. */
export const PEM_RULES: readonly Rule[] = [WHOLE, TAIL];
