import { isIP } from "node:net";
import { commandFor, type Facts } from "./facts.ts";
import { fail, type Finding } from "./finding.ts";

/** What can be wrong with a certificate, by the codes of OpenSSL and Node. */
const FAULTS: Readonly<Record<string, "unknown" | "ended" | "other_name">> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "unknown",
  SELF_SIGNED_CERT_IN_CHAIN: "unknown",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknown",
  UNABLE_TO_GET_ISSUER_CERT: "unknown",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknown",
  CERT_HAS_EXPIRED: "ended",
  ERR_TLS_CERT_ALTNAME_INVALID: "other_name",
};
/** Loopback, private networks, link-local, and what overlay networks such as Tailscale take. */
const PRIVATE_IP =
  /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe[89ab])/;
const PRIVATE_NAME = /^[^.]+$|\.(?:local|lan|internal|home\.arpa|localhost|ts\.net)$/;

/** What is wrong with the server's certificate, if that is why it could not be reached. */
export function tlsFinding(error: unknown, facts: Facts): Finding | undefined {
  const fault = certificateFault(error);
  if (fault === undefined) return undefined;
  const id = "server.tls";
  const { hostname } = new URL(facts.config.url);
  switch (fault.kind) {
    case "ended":
      return fail(id, "the server's certificate has ended", { advice: "Whoever runs the server renews it" });
    case "other_name":
      return fail(id, `the server's certificate is for another name than ${hostname}`, {
        advice: "Use the name that stands in the certificate as the server's url",
      });
    case "unknown":
      return fail(id, `nobody this machine trusts vouches for the server's certificate (${fault.code})`, {
        advice: `If it is your server's, get its file from whoever runs it, then: ${commandFor(facts, "install --ca FILE")}`,
      });
    default:
      return fault.kind satisfies never;
  }
}

/** The fault of a certificate that a request failed by, found in the causes of its error. */
export function certificateFault(error: unknown) {
  for (const code of codesOf(error)) {
    const kind = FAULTS[code];
    if (kind !== undefined) return { kind, code };
  }
  return undefined;
}

/** True for this machine and for networks whose other members are known. */
export function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return isIP(host) === 0 ? PRIVATE_NAME.test(host) : PRIVATE_IP.test(host);
}

/** Codes of a failure and of what caused it. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ("code" in cause && typeof cause.code === "string") codes.push(cause.code);
  return codes;
}
