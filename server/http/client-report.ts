import type { Request } from "express";
import { slugify } from "../../contract/names.ts";
import { LIMITS } from "../../contract/limits.ts";
import { mayWrite, type Principal } from "../access/principal.ts";
import type { ClientReport, ClientReports } from "../observe/client-reports.ts";

/** What a client says of its outbox beside what it asks; in lower case, as Node names headers. */
const HEADER = "x-memory-sync";
/** The machine's slug is percent-encoded. */
const REPORT =
  /^version=([0-9A-Za-z.+-]{1,32}); machine=([!-:<-~]+); waiting=(\d{1,9}); set_aside=(\d{1,9}); oldest_s=(\d{1,9})$/;

/** Takes the report that comes with a request. One that is not exactly as it should be, or about a machine whose workspaces the token may not write, is none. */
export function hearReport(clients: ClientReports, principal: Principal, request: Request): void {
  const text = request.headers[HEADER];
  if (text === undefined || typeof text !== "string" || text.length > LIMITS.metrics.reportBytes) return;
  const report = parseReport(text);
  if (report !== undefined && mayWrite(principal, { id: `${report.machine}-`, machine: report.machine }))
    clients.heard(report);
}

function parseReport(text: string): ClientReport | undefined {
  const [, version, encoded, waiting, setAside, oldest] = REPORT.exec(text) ?? [];
  const machine = decoded(encoded ?? "");
  if (version === undefined || machine === "" || slugify(machine) !== machine) return undefined;
  return {
    machine,
    version,
    waiting: Number(waiting),
    setAside: Number(setAside),
    oldestSeconds: Number(oldest),
  };
}

/** Empty when it is no percent-encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return "";
    throw error;
  }
}
