import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import { isErrno } from "../disk/errno.ts";
import type { Config } from "./config.ts";

/** While draining: how often connections without a request are closed. */
const IDLE_CHECK_MS = 50;

/** Starts listening and says where, for example `http://127.0.0.1:8000`. Throws `unavailable` when that cannot be. */
export async function listen(server: Server, { host, port }: Pick<Config, "host" | "port">): Promise<string> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    if (isErrno(error, "EADDRINUSE"))
      throw new AppError("unavailable", `Port ${port} on ${host} is already in use`, {
        hint: "Stop what is using it, or choose another with PORT=…",
      });
    if (isErrno(error, "EACCES", "EADDRNOTAVAIL", "ENOTFOUND"))
      throw new AppError("unavailable", `Cannot listen on ${host}:${port} (${error.code})`);
    throw error;
  }
  return addressOf(server.address(), host);
}

function addressOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return `http://${hostPort(host, address.port)}`;
}

function hostPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Lets running requests end, then closes whatever is still open. A connection goes as soon as it has nothing to do. */
export async function drain(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const late = setTimeout(() => server.closeAllConnections(), LIMITS.http.drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}
