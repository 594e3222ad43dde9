import { request } from "node:http";

/** An HTTP request whose path goes over the wire exactly as given: nothing resolves `..` or encodes anything. */
export function rawHttp(
  url: string,
  options: { method: string; path: string; headers?: Record<string, string>; body?: string | Uint8Array },
): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const { method, path, headers = {} } = options;
    const sent = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    sent.on("error", reject);
    sent.end(options.body);
  });
}
