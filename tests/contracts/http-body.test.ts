import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import { BodyBuffer } from "../../server/http/body-buffer.ts";
import { bodyChunks, type BodyLimits } from "../../server/http/body.ts";

const LONG_MS = 60_000;

/** Sends `parts` to a server that reads its body within `limits`, each part once the one before was read; then says nothing more. */
async function send(parts: string[], limits: BodyLimits): Promise<string> {
  let read = () => {};
  const server = createServer((request, response) => {
    const reply = async () => {
      let received = "";
      for await (const chunk of bodyChunks(request, response, limits)) {
        received += chunk.toString();
        read();
      }
      return `read ${received}`;
    };
    const failed = (error: unknown) =>
      error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
    void reply()
      .catch(failed)
      .then((outcome) => response.end(outcome));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const socket = connect(address.port, "127.0.0.1");
  const answer = text(socket);
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const part of parts) {
    const { promise: wasRead, resolve } = Promise.withResolvers<void>();
    read = resolve;
    socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    if (part !== "") await Promise.race([wasRead, answer]);
  }
  const outcome = await answer;
  server.close();
  return outcome.slice(outcome.indexOf("\r\n\r\n"));
}

describe("a body that comes in pieces", () => {
  it("is read to its end", async () => {
    const outcome = await send(["one", "two", ""], { maxBytes: 6, deadlineMs: LONG_MS });

    expect(outcome).toContain("read onetwo");
  });

  it("is refused with the first byte past the limit", async () => {
    const outcome = await send(["one", "four"], { maxBytes: 6, deadlineMs: LONG_MS });

    expect(outcome).toContain("too_large: The body is larger than 6 bytes");
  });

  it("is given up when its deadline passes", async () => {
    const outcome = await send(["one"], { maxBytes: 6, deadlineMs: 50 });

    expect(outcome).toContain("did not arrive in time");
  });

  it("is given up when it stays below the pace", async () => {
    const pace = { minBytesPerSecond: 1000, graceMs: 50 };

    const outcome = await send(["one"], { maxBytes: 6, deadlineMs: LONG_MS, pace });

    expect(outcome).toContain("did not arrive in time");
  });

  it("may pause for as long as its pace has earned", async () => {
    const pace = { minBytesPerSecond: 0.001, graceMs: 50 };

    const outcome = await send(["one", "two", ""], { maxBytes: 6, deadlineMs: LONG_MS, pace });

    expect(outcome).toContain("read onetwo");
  });
});

describe("bodies held in memory", () => {
  /** A server that holds every body it could read until `release` is called. */
  async function holding(capacityBytes: number) {
    const bodies = new BodyBuffer(capacityBytes);
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const server = createServer((request, response) => {
      void bodies
        .read(request, response, 10)
        .then(() => released)
        .then(
          () => response.end("held"),
          (error: unknown) => response.end(error instanceof AppError ? error.code : String(error)),
        );
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    const url = `http://127.0.0.1:${address.port}/`;
    const post = async (body: string) => (await fetch(url, { method: "POST", body })).text();
    return { post, release, [Symbol.dispose]: () => server.close() };
  }

  it("are limited all together, and make room when their requests are over (B1)", async () => {
    using server = await holding(15);

    const bodies = ["1234567890", "1234567890"].map(server.post);
    const first = await Promise.race(bodies);
    server.release();
    const outcomes = await Promise.all(bodies);
    const later = await server.post("1234567890");

    expect(first).toBe("unavailable");
    expect(outcomes.toSorted()).toEqual(["held", "unavailable"]);
    expect(later).toBe("held");
  });
});
