import { Agent, createServer, request } from "node:http";
import process from "node:process";
import { pipeline } from "node:stream";

/** The least that stands between a client and UPSTREAM with `node:http`: two pipes. */
const upstream = process.env["UPSTREAM"] ?? "";
const agent = new Agent({ keepAlive: true });

const server = createServer((incoming, outgoing) => {
  const { method, url = "/", headers } = incoming;
  const asked = request(new URL(url, upstream), { method, headers, agent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    pipeline(answer, outgoing, () => undefined);
  });
  pipeline(incoming, asked, () => undefined);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
