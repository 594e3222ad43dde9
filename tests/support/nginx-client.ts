import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import type { Nginx } from "./nginx.ts";

interface Question {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Readable;
  /** Over plain HTTP on the LAN port instead of TLS. */
  lan?: boolean;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

let claimed = 0;

/** Headers that claim an address of their own, so that no test uses up another's share. */
export function from(headers: Record<string, string> = {}): Record<string, string> {
  claimed += 1;
  return { "x-test-address": `198.51.100.${claimed}`, ...headers };
}

/** One request through nginx over a connection of its own, and its whole answer. */
export async function ask(nginx: Nginx, question: Question): Promise<Answer> {
  const response = await open(nginx, question);
  return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) };
}

/** The same, resolved with the head of the answer: its body is read by the caller. */
export async function open(nginx: Nginx, question: Question): Promise<IncomingMessage> {
  const { method = "GET", path, headers = {}, body = "", lan = false } = question;
  const options = { host: "127.0.0.1", method, path, headers, agent: false };
  const request = lan
    ? plainRequest({ ...options, port: nginx.lanPort })
    : tlsRequest({ ...options, port: nginx.httpsPort, ca: nginx.certificate, servername: "localhost" });
  const answered = once(request, "response");
  const source = typeof body === "string" ? Readable.from(body === "" ? [] : [Buffer.from(body)]) : body;
  // A body that is refused breaks off; what counts is the answer.
  pipeline(source, request).catch(() => {});
  const [response] = await answered;
  return response;
}
