import { SECRET_HEADER } from "./secret.ts";

/** Name and value as they stood in the head, in their order; names may occur more than once. */
type Pair = readonly [name: string, value: string];

/** They are about one connection, of which the proxy has two (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]);
/** Whom the client thought it asked, whether it wanted to wait for leave, and what is meant for us alone. */
const NOT_SENT_ON = new Set(["host", "expect", SECRET_HEADER]);
/** The features of the API that a request asks for, as names with commas. */
export const BETA = "anthropic-beta";
/** Methods that Node would send with a body of unknown length when nothing is said about one. */
const WITH_BODY = new Set(["POST", "PUT", "PATCH"]);

/** What of a request's head is the proxy's own. */
export interface RequestHead {
  method: string;
  host: string;
  /** Bytes of a body that is there as a whole; undefined for one that streams. */
  length?: number | undefined;
  /** The body is not encoded any more. */
  isDecoded?: boolean;
  /** In the place of all headers of that name; undefined leaves them. */
  beta?: string | undefined;
  /** The answer will be changed, so it should not be encoded. */
  isIdentity?: boolean;
}

/** The head for the API, as Node's list of names and values: everything else in the client's order and spelling. */
export function toUpstream(raw: readonly string[], head: RequestHead): string[] {
  const pairs = pairsOf(raw);
  const left = new Set(NOT_SENT_ON);
  if (head.length !== undefined) left.add("content-length");
  if (head.isDecoded === true) left.add("content-encoding");
  if (head.isIdentity === true) left.add("accept-encoding");
  const kept = withBeta(throughHop(pairs, left), head.beta);
  const identity: Pair[] = head.isIdentity === true ? [["accept-encoding", "identity"]] : [];
  return [["host", head.host] as const, ...kept, ...identity, ...framing(pairs, head)].flat();
}

/** What the proxy changed of an answer's body. */
export interface AnswerHead {
  isChanged: boolean;
  /** Bytes of a changed body that is there as a whole. */
  length?: number;
}

/** The head for the client: the API's, in its order and spelling. */
export function toClient(raw: readonly string[], { isChanged, length }: AnswerHead): string[] {
  const left = new Set(isChanged ? ["content-length", "content-encoding"] : []);
  const own: Pair[] = length === undefined ? [] : [["content-length", String(length)]];
  return [...throughHop(pairsOf(raw), left), ...own].flat();
}

/** All values of a name, each line for itself. */
export function valuesOf(raw: readonly string[], name: string): string[] {
  return pairsOf(raw).flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
}

/** The list of names and values in twos, as trailers are set. */
export function pairsOf(raw: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: raw.length >> 1 }, (_, index) => [
    raw[2 * index] ?? "",
    raw[2 * index + 1] ?? "",
  ]);
}

function throughHop(pairs: readonly Pair[], left: ReadonlySet<string>): Pair[] {
  const named = pairs
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.split(",").map((token) => token.trim().toLowerCase()));
  const gone = new Set([...HOP_BY_HOP, ...left, ...named.filter((name) => !KEPT.has(name))]);
  return pairs.filter(([name]) => {
    const key = name.toLowerCase();
    return !gone.has(key) && !key.startsWith("proxy-");
  });
}

/** No client can have these taken away by naming them in `Connection`: body and key would be lost. */
const KEPT = new Set(["content-length", "content-encoding", "content-type", "authorization", "x-api-key"]);

function withBeta(pairs: readonly Pair[], beta: string | undefined): Pair[] {
  if (beta === undefined) return [...pairs];
  const first = pairs.findIndex(([name]) => name.toLowerCase() === BETA);
  const others = pairs.filter(([name], index) => index === first || name.toLowerCase() !== BETA);
  if (first === -1) return [...others, [BETA, beta]];
  return others.map(([name, value]) => [name, name.toLowerCase() === BETA ? beta : value]);
}

/** How long the body is, where that does not stand in the head as the client sent it. */
function framing(pairs: readonly Pair[], { method, length }: RequestHead): Pair[] {
  if (length !== undefined) return [["content-length", String(length)]];
  const names = new Set(pairs.map(([name]) => name.toLowerCase()));
  if (names.has("transfer-encoding")) return [["transfer-encoding", "chunked"]];
  return WITH_BODY.has(method) && !names.has("content-length") ? [["content-length", "0"]] : [];
}
