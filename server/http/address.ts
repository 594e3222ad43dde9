import type { IncomingMessage } from "node:http";
import { isIP, isIPv6 } from "node:net";

/** The caller's address. X-Forwarded-For counts only behind a proxy of ours, and of it only what that proxy wrote: the last entry. */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const socketAddress = plainAddress(request.socket.remoteAddress ?? "unknown");
  if (!trustProxy) return socketAddress;
  const forwarded = request.headers["x-forwarded-for"];
  const chain = Array.isArray(forwarded) ? forwarded.join(",") : (forwarded ?? "");
  const last = plainAddress(chain.split(",").at(-1)?.trim() ?? "");
  return isIP(last) === 0 ? socketAddress : last;
}

/** What failures are counted by: an IPv4 address, or the /64 of an IPv6 address, which one machine commonly has to itself. */
export function addressGroup(address: string): string {
  return isIPv6(address) ? expandedGroups(address).slice(0, 4).join(":") : address;
}

/** IPv4 seen through an IPv6 socket is that IPv4 address. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

function expandedGroups(address: string): string[] {
  const [head = "", tail] = address.split("%", 1).join("").split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array.from({ length: missing }, () => "0"), ...right];
}
