import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { ProxyFault } from "./fault.ts";

/** How long is waited for what. */
export interface Waits {
  readonly connectMs: number;
  readonly answerMs: number;
  readonly idleMs: number;
}

/**
 * Ends a request with a ProxyFault 504 that has no connection after `connectMs`, whose body does not move for
 * `idleMs`, that has no answer `answerMs` after its body went, or whose answer is silent for `idleMs`.
 * There is no limit for all of it: long answers are what the API is for.
 */
export function watchPhases(request: ClientRequest, { connectMs, idleMs, answerMs }: Waits): void {
  let answer: IncomingMessage | undefined;
  const connecting = setTimeout(() => end("no connection"), connectMs);
  request.once("response", (response) => (answer = response));
  request.once("close", () => clearTimeout(connecting));
  request.once("socket", (socket) => {
    onceReady(socket, () => clearTimeout(connecting));
    const quiet = (): void =>
      end(request.writableFinished ? "it is silent" : "the request could not be sent on");
    socket.setTimeout(request.writableFinished ? answerMs : idleMs).on("timeout", quiet);
    // An answer may begin before its request ends: an API that refuses says so early.
    request.once("finish", () => (answer === undefined ? socket.setTimeout(answerMs) : undefined));
    request.once("response", (response) => limitSilence(socket, response, idleMs));
    // The connection may be kept for another request.
    request.once("close", () => socket.off("timeout", quiet).setTimeout(0));
  });

  function end(what: string): void {
    (answer ?? request).destroy(new ProxyFault(504, `The API is late: ${what}`));
  }
}

/** A client that does not read is no silence of the API: it is we who do not ask for more. */
function limitSilence(socket: Socket, answer: IncomingMessage, ms: number): void {
  const stop = (): unknown => socket.setTimeout(0);
  const restart = (): unknown => socket.setTimeout(ms);
  restart();
  answer.on("pause", stop).on("resume", restart);
  answer.once("close", () => answer.off("pause", stop).off("resume", restart));
}

function onceReady(socket: Socket, ready: () => void): void {
  if (isShaking(socket)) socket.once("secureConnect", ready);
  else if (socket.connecting) socket.once("connect", ready);
  else ready();
}

/** TLS that is not agreed on yet. Through a tunnel it is, before a request gets its connection; its protocol is named too early. */
function isShaking(socket: Socket): boolean {
  return socket instanceof TLSSocket && "secureConnecting" in socket && socket.secureConnecting === true;
}
