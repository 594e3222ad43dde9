import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { pipeline } from "node:stream";

/** A proxy on loopback that adds the bearer token and changes nothing else, for programs that cannot send headers. */
export async function authProxy(target: string, token: string): Promise<{ url: string } & AsyncDisposable> {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, answer) => {
    const { method, url: path, headers } = incoming;
    const outgoing = httpRequest(
      {
        host: hostname,
        port,
        method,
        path,
        headers: { ...headers, authorization: `Bearer ${token}` },
        agent: false,
      },
      (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        // A side that goes away ends the other; there is nobody left to tell.
        pipeline(reply, answer, () => outgoing.destroy());
      },
    );
    outgoing.on("error", () => answer.destroy());
    pipeline(incoming, outgoing, () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
