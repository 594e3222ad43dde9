import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, expect, it, vi } from "vitest";
import { rawUpstream } from "../support/fake-upstream.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { ADVERTISED, ask, opened, ProxyProgram } from "../support/proxy-lab.ts";
import { random as randomOf } from "../support/random.ts";

/** Clients and an API that do everything wrong, at any moment. */

const EXCHANGES = 400;
const AT_ONCE = 8;
const EVENT = 'data: {"type":"content_block_start","content_block":{"type":"tool_use","name":"memory"}}\n\n';
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: ";
const CHUNK = `${EVENT.length.toString(16)}\r\n${EVENT}\r\n`;

const ANSWERS = [
  `${HEAD}application/json\r\ncontent-length: 2\r\n\r\n{}`,
  `${HEAD}application/json\r\ncontent-length: 9\r\n\r\n{}`,
  `${HEAD}application/json\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnone`,
  `${HEAD}text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${CHUNK}0\r\n\r\n`,
  `${HEAD}text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${CHUNK}`,
  `${HEAD}text/event-stream\r\nconnection: close\r\n\r\n${EVENT}`,
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "nonsense",
  "",
];

beforeAll(buildBundle);

it("goes on, whatever clients and the API do", async () => {
  const chance = randomOf(20261121);
  const pick = <T>(values: readonly T[]): T | undefined => values[chance.integer(0, values.length - 1)];
  await using upstream = await rawUpstream((socket) => {
    socket.on("data", () => void misbehave(socket, { answer: pick(ANSWERS) ?? "", draw: chance.next() }));
  });
  await using proxy = await ProxyProgram.start({ UPSTREAM_API_URL: upstream.url });

  for (let count = 0; count < EXCHANGES; count += AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        exchange(proxy.url, {
          path: pick(["/v1/messages", "/v1/files", "/v1/models", "/nowhere"]) ?? "/",
          body: pick([ADVERTISED, "{}", "{", ""]) ?? "",
          draw: chance.next(),
          ms: chance.next() * 12,
        }),
      ),
    );
  const { status } = await ask(proxy.url, "/health");

  expect(status).toBe(200);
  expect(proxy.child.exitCode).toBe(null);
  expect(/"msg":"The memory proxy failed.*/.exec(proxy.output)?.[0]).toBe(undefined);
  // What is left are connections that are kept: none still waits for a client that is gone.
  await vi.waitFor(() =>
    expect(proxy.output.match(/"msg":"Forwarding/g)?.length).toBeGreaterThan(EXCHANGES / 2),
  );
  expect(await proxy.stop()).toBe(0);
}, 60_000);

async function misbehave(socket: Socket, { answer, draw }: { answer: string; draw: number }): Promise<void> {
  if (draw < 0.2) await wait(draw * 50);
  if (draw > 0.9) socket.resetAndDestroy();
  else if (draw > 0.8) socket.end(answer.slice(0, answer.length / 2));
  else if (draw > 0.4) socket.end(answer);
  else socket.write(answer);
}

/** Begins, and with luck ends; at the latest it is cut. */
function exchange(
  url: string,
  { path, body, draw, ms }: { path: string; body: string; draw: number; ms: number },
): Promise<void> {
  return new Promise((resolve) => {
    const headers = { "content-length": String(body.length + (draw < 0.1 ? 5 : 0)) };
    const request = opened(url, path, { headers });
    const cut = setTimeout(() => request.destroy(), draw < 0.5 ? ms : 300);
    request.on("response", (response) => response.on("error", () => undefined).resume());
    request.on("error", () => undefined);
    request.once("close", () => {
      clearTimeout(cut);
      resolve();
    });
    request.end(body);
  });
}
