import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { sendWebResponse, webRequest } from "../../server/mcp/web-exchange.ts";

const EVENTS = { "content-type": "text/event-stream" };

/** A server that answers every request with what `answer` makes of it. */
async function serving(answer: (asked: Request) => Response): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    void sendWebResponse(answer(webRequest(request, new AbortController().signal)), response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

describe("the exchange between node:http and the SDK", () => {
  it("shows the SDK path, method and headers, and no body", async () => {
    await using server = await serving((asked) =>
      Response.json({
        path: new URL(asked.url).pathname,
        method: asked.method,
        name: asked.headers.get("mcp-name"),
        body: asked.body,
      }),
    );

    const answer = await fetch(`${server.url}/mcp`, {
      method: "POST",
      headers: { "mcp-name": "x" },
      body: "{}",
    });

    expect(await answer.json()).toEqual({ path: "/mcp", method: "POST", name: "x", body: null });
  });

  it("sends a JSON text in one piece whose length is told, with its status and headers", async () => {
    const value = { text: "Größe".repeat(20_000) };
    await using server = await serving(() =>
      Response.json(value, { status: 418, headers: { "x-reason": "tea" } }),
    );

    const answer = await fetch(server.url, { method: "POST" });

    expect(answer.status).toBe(418);
    expect(answer.headers.get("x-reason")).toBe("tea");
    expect(answer.headers.get("content-length")).toBe(String(Buffer.byteLength(JSON.stringify(value))));
    expect(await answer.json()).toEqual(value);
  });

  it("sends an answer without a body", async () => {
    await using server = await serving(() => new Response(null, { status: 202 }));

    const answer = await fetch(server.url, { method: "POST" });

    expect(answer.status).toBe(202);
    expect(await answer.text()).toBe("");
  });

  it("sends events as they come, before the last one is known", async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const events = writable.getWriter();
    await using server = await serving(() => new Response(readable, { headers: EVENTS }));

    const answer = await fetch(server.url, { method: "POST" });
    const received = answer.body?.getReader();
    void events.write(Buffer.from("data: 1\n\n"));
    const first = await received?.read();
    void events.write(Buffer.from("data: 2\n\n"));
    const second = await received?.read();
    void events.close();

    expect(Buffer.from(first?.value ?? []).toString()).toBe("data: 1\n\n");
    expect(Buffer.from(second?.value ?? []).toString()).toBe("data: 2\n\n");
    expect((await received?.read())?.done).toBe(true);
  });

  it("lets the source of events go when the caller has gone", async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<void>();
    const endless = new ReadableStream<Uint8Array>({
      start: (events) => events.enqueue(Buffer.from("data: 1\n\n")),
      cancel: () => resolve(),
    });
    await using server = await serving(() => new Response(endless, { headers: EVENTS }));
    const caller = new AbortController();
    const answer = await fetch(server.url, { method: "POST", signal: caller.signal });
    await answer.body?.getReader().read();

    caller.abort();

    await expect(cancelled).resolves.toBeUndefined();
  });
});
