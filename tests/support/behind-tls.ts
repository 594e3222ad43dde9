import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { tempFolder } from "./temp-folder.ts";
import { tool } from "./tool.ts";

/** Undefined where a test cannot make certificates. */
export const OPENSSL = tool("openssl", "openssl");

/** TLS with a certificate that nobody knows, in front of a server. `name`: whom it is for. */
export async function behindTls(
  target: string,
  name = "IP:127.0.0.1",
): Promise<{ url: string; ca: string } & AsyncDisposable> {
  const folder = await tempFolder();
  const [key, ca] = [join(folder.path, "key.pem"), join(folder.path, "our own ca.pem")];
  const subject = ["-subj", "/CN=test", "-addext", `subjectAltName=${name}`, "-days", "2"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync(OPENSSL ?? "", ["req", "-x509", ...kind, "-keyout", key, "-out", ca, ...subject], {
    stdio: "ignore",
  });
  const server = createServer(
    { key: await readFile(key), cert: await readFile(ca) },
    (incoming, outgoing) => {
      const { method, headers, url = "/" } = incoming;
      const asked = request(new URL(url, target), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        void pipeline(answer, outgoing).catch(() => outgoing.destroy());
      });
      void pipeline(incoming, asked).catch(() => outgoing.destroy());
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `https://127.0.0.1:${port}`,
    ca,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
