import { isUsual } from "./chosen.ts";
import { BARE, QUOTE, QUOTED } from "./pieces.ts";
import type { Rule } from "./rule.ts";
import { isPlaceholder, looksRandom, looksSecret } from "./shapes.ts";

/** What has 64 bytes too, and is no secret. */
const DIGEST = /(?:sha-?512|integrity|digest|hash|checksum|signature|etag|fingerprint)[\\"':= -]{0,8}$/i;
/** What stands before the password in `.netrc`. */
const NETRC = /login[ \t]+[^\s\\]{1,60}(?:\s|\\{1,8}[nrt])+$/;
/** A port of PostgreSQL, a database and a user stand before the password in `.pgpass`; times of a log have digits alone. */
const NUMBERS = /^[\d.:,TZ-]+$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const RULES: readonly Rule[] = [
  // A registry's token may have the shape of an id.
  {
    id: "registry",
    anchors: ["_authtoken", "_auth"],
    pattern: /(_auth(?:Token)?["']?[ \t]*[=:][ \t]*["']?)([A-Za-z0-9+/=_-]{16,})/iy,
    inWord: true,
    accepts: (secret) => UUID.test(secret) || looksRandom(secret),
  },
  {
    id: "option",
    anchors: [
      "--password",
      "--passwd",
      "--pass",
      "--secret",
      "--token",
      "--api-key",
      "--auth-token",
      "--access-token",
      "--sync-token",
    ],
    pattern: new RegExp(
      `(--(?:password|passwd|pass|secret|token|api-key|auth-token|access-token|sync-token)(?:[ \\t=]+|${QUOTE}[ \\t]*,[ \\t]*)${QUOTE}?)(${QUOTED}{6,})`,
      "iy",
    ),
    // `--secret id=x` names one.
    accepts: (secret) => !/^(?:-|\w+=)/.test(secret) && (looksRandom(secret) || looksSecret(secret)),
  },
  {
    id: "option",
    anchors: ["mysql", "mariadb"],
    pattern: new RegExp(
      `((?:mysql|mariadb)(?:dump|admin)?(?:[ \\t]|${QUOTE}[ \\t]*,)(?:(?!mysql|mariadb)[^\\r\\n|;]){0,200}?(?<=[ \\t"'])-p${QUOTE}?)(${QUOTED}{6,})`,
      "iy",
    ),
    accepts: looksRandom,
  },
  {
    id: "option",
    anchors: ["redis-cli"],
    pattern: new RegExp(
      `(redis-cli(?=[ \\t])(?:(?!redis-cli)[^\\r\\n|;]){0,200}?[ \\t]-a[ \\t]+${QUOTE}?)(${QUOTED}{6,})`,
      "iy",
    ),
    accepts: (secret) => !isPlaceholder(secret) && !isUsual(secret) && !secret.startsWith("-"),
  },
  {
    id: "option",
    anchors: ["sshpass"],
    pattern: new RegExp(`(sshpass[ \\t]+-p[ \\t]*${QUOTE}?)(${QUOTED}{4,})`, "iy"),
    accepts: (secret) => !isPlaceholder(secret),
  },
  {
    id: "option",
    anchors: ["curl "],
    pattern: new RegExp(
      `(curl(?=[ \\t])(?:(?!curl[ \\t])[^\\r\\n]){0,300}?[ \\t](?:-u|--user)[ \\t=]*${QUOTE}?[^\\s:"'\\\\]{1,64}:)(${QUOTED}{6,})`,
      "iy",
    ),
    accepts: (secret) => !isPlaceholder(secret) && !secret.startsWith("/"),
  },
  {
    id: "option",
    anchors: ["--from-literal"],
    pattern: new RegExp(`(--from-literal[= ]${QUOTE}?[\\w.-]{1,60}=${QUOTE}?)(${QUOTED}{6,})`, "iy"),
    accepts: (secret) => !isPlaceholder(secret),
  },
  {
    id: "netrc",
    anchors: ["password "],
    pattern: new RegExp(`(password[ \\t]+)(${QUOTED}{4,})`, "iy"),
    accepts: (secret, { before }) =>
      NETRC.test(before) && (before.includes("machine") ? !isPlaceholder(secret) : looksRandom(secret)),
  },
  {
    id: "pgpass",
    anchors: [":5432:", ":5433:", ":6432:", ":*:"],
    pattern: new RegExp(`(:(?:\\d{4}|\\*):[\\w.*-]{1,63}:[\\w.*@-]{1,63}:)(${QUOTED}{6,})`, "y"),
    inWord: true,
    accepts: (secret) => !NUMBERS.test(secret) && !isPlaceholder(secret) && !isUsual(secret),
  },
  // What `aws configure` asks for, and the column of the console's file beside the one of the ids.
  {
    id: "aws-secret",
    anchors: ["secret access key"],
    pattern: new RegExp(
      `(secret access key(?: \\[[^\\]\\r\\n]{0,40}\\])?${QUOTE}?[ \\t]*[:=|][ \\t]*${QUOTE}?)([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])`,
      "iy",
    ),
    accepts: (secret) => !isPlaceholder(secret),
  },
  {
    id: "docker-auth",
    anchors: ['auth"', "auth\\"],
    pattern: new RegExp(
      `(auth\\\\{0,15}"[ \\t]{0,4}:[ \\t]{0,4}\\\\{0,15}")([A-Za-z0-9+/]{12,2000}={0,2})(?=\\\\{0,15}")`,
      "y",
    ),
    accepts: isUserAndPassword,
  },
  {
    id: "element",
    anchors: ["password>", "passwd>", "secret>", "token>", "apikey>"],
    pattern: /((?:password|passwd|secret|token|apikey)>)([^\s<>"'\\]{6,200})(?=<\/)/iy,
    inWord: true,
    accepts: (secret) => !isPlaceholder(secret),
  },
  {
    id: "header",
    anchors: ["bearer ", "bearer%20"],
    pattern: /(bearer(?: {1,4}|%20))([A-Za-z0-9._~+/=-]{16,})/iy,
    inWord: true,
    accepts: looksSecret,
  },
  {
    id: "header",
    anchors: ["basic "],
    pattern: /(basic {1,4})([A-Za-z0-9+/_-]{12,}={0,2})/iy,
    inWord: true,
    accepts: looksRandom,
  },
  {
    id: "header",
    anchors: ["cookie:", 'cookie\\":', 'cookie":'],
    pattern: new RegExp(
      `(cookie${QUOTE}?:[ \\t]{0,4}${QUOTE}?[\\w.-]{1,80}=)([A-Za-z0-9%+/=._~|:-]{8,})`,
      "iy",
    ),
    inWord: true,
    accepts: looksRandom,
  },
  {
    id: "header",
    anchors: ["x-api-key", "x-auth-key"],
    pattern: new RegExp(
      `(x-(?:api|auth)-key${QUOTE}?[ \\t]{0,4}[:=][ \\t]{0,4}${QUOTE}?)(${BARE}{8,})`,
      "iy",
    ),
    accepts: looksSecret,
  },
  {
    id: "url",
    anchors: ["://"],
    pattern:
      /(:\/\/[^\s/@:"'`\\<>?#[\]]{0,120}:)([!#-&(-.0-;=?A-[\]-_a-~\x80-\uffff][^\s/"'`\\<>]{2,200})(?=@[\w[])/y,
    inWord: true,
    accepts: (secret) => secret.length >= 6 && !isPlaceholder(secret) && !isUsual(secret),
  },
  // A token that stands in the user's place.
  {
    id: "url",
    anchors: ["://"],
    pattern: /(:\/\/)([\w.~%+=-]{16,256})(?=(?::x-oauth-basic)?@[\w[])/y,
    inWord: true,
    accepts: looksRandom,
  },
  { id: "url", anchors: ["sig="], pattern: /(sig=)([A-Za-z0-9%+/_-]{40,}(?:%3D|=)*)/iy },
  {
    id: "otp",
    anchors: ["otpauth"],
    pattern: /(otpauth:\/\/(?:(?!otpauth)[^\s"'\\]){0,300}?secret=)([A-Z2-7]{8,}=*)/iy,
  },
  {
    id: "azure",
    anchors: ["accountkey=", "sharedaccesskey="],
    pattern: /((?:Account|SharedAccess)Key=)([A-Za-z0-9+/]{40,}={0,2})/iy,
  },
  {
    id: "azure",
    anchors: ["=="],
    ahead: /==(?![A-Za-z0-9+/=])/y,
    pattern: /[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])/y,
    back: { chars: /[A-Za-z0-9+/]/, most: 86 },
    accepts: (_, { before }) => !/[+/]$/.test(before) && !DIGEST.test(before),
  },
];

/** Secrets that stand where only a secret stands: in an option, a header, an address, an element. */
export const PLACE_RULES: readonly Rule[] = RULES.map((rule) => ({ ...rule, weak: true }));

/** `user:password` in Base64. */
function isUserAndPassword(text: string): boolean {
  if (text.length % 4 !== 0) return false;
  return /^[!-9;-~]{1,128}:[ -~]{1,1500}$/.test(atob(text));
}
