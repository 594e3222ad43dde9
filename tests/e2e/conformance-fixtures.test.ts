import { describe, expect, it } from "vitest";
import { serveMcp } from "../../server/mcp/endpoint.ts";
import { createLog } from "../../server/observe/log.ts";
import { authProxy } from "../support/auth-proxy.ts";
import { createFixtureServer } from "../support/conformance-fixtures.ts";
import { runConformance } from "../support/conformance.ts";
import { EDGE_TOKENS, HttpEdge } from "../support/http-edge.ts";

const SUITE_TIMEOUT_MS = 120_000;
/** Servers without sessions cannot send requests to the clients of that revision. */
const NEED_SESSIONS = [
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
  "tools-call-elicitation",
  "tools-call-sampling",
];

/** An extension, and headers that mirror arguments: not offered, and not asked for by the revision. */
const UNSCORED = /^tasks-|^http-custom-header-server-validation$/;

describe("the official conformance suite against its fixtures, behind our HTTP side and endpoint", () => {
  const serveFixtures = async (revision: string) => {
    const mcp = serveMcp(createFixtureServer, createLog({ level: "silent" }));
    await using edge = await HttpEdge.start({ mcp, config: { allowedOrigins: ["127.0.0.1", "localhost"] } });
    await using proxy = await authProxy(`http://127.0.0.1:${edge.port}`, EDGE_TOKENS.ai);
    const run = await runConformance(`${proxy.url}/mcp`, revision);
    await mcp.close();
    return run;
  };
  const scenariosOf = (checks: { status: string; name: string }[]) =>
    new Set(checks.filter(({ status }) => status === "FAILURE").map(({ name }) => name.split(":")[0] ?? ""));

  it(
    "passes everything that is scored in revision 2026-07-28",
    async () => {
      const { exitCode, checks } = await serveFixtures("2026-07-28");

      expect([...scenariosOf(checks)].filter((scenario) => !UNSCORED.test(scenario))).toEqual([]);
      expect(exitCode).toBe(0);
    },
    SUITE_TIMEOUT_MS,
  );

  it(
    "passes everything in revision 2025-11-25 that can be had without sessions",
    async () => {
      const { checks } = await serveFixtures("2025-11-25");

      expect([...scenariosOf(checks)].toSorted()).toEqual(NEED_SESSIONS);
    },
    SUITE_TIMEOUT_MS,
  );
});
