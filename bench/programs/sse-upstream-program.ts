import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import process from "node:process";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { createGzip, constants } from "node:zlib";

/**
 * Streams events as the Messages API does, each a write of its own. By header: `x-think-ms` before the first one, `x-tool` for
 * an event that calls a tool of that name, `x-encoding: gzip`.
 */
const EVENTS = 3000;
const DELTA = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "x".repeat(30) } };

const server = createServer((request, response) => {
  // A client that goes away while it is answered is nothing to this program.
  void answer(request, response).catch(() => response.destroy());
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { "x-think-ms": think, "x-tool": name, "x-encoding": encoding } = request.headers;
  await once(request.resume(), "end");
  await wait(Number(think ?? 0));
  response.setHeader("content-type", "text/event-stream; charset=utf-8");
  const gzip = encoding === "gzip" ? createGzip({ flush: constants.Z_SYNC_FLUSH }) : undefined;
  if (gzip !== undefined) response.setHeader("content-encoding", "gzip");
  gzip?.pipe(response);
  const stream = gzip ?? response;
  for (let count = 1; count < EVENTS; count += 1) {
    stream.write(event(DELTA));
    await nextTurn();
  }
  stream.end(event(name === undefined ? DELTA : call(name)));
}

function call(name: string | string[]): { type: string } {
  const content_block = { type: "tool_use", id: "toolu_01", name, input: {} };
  return Object.assign({ type: "content_block_start" }, { index: 1, content_block });
}

function event(data: { type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
