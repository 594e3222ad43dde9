import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { call } from "../support/answers.ts";
import { authProxy } from "../support/auth-proxy.ts";
import { runConformance } from "../support/conformance.ts";
import { startServer } from "../support/server.ts";

const REVISIONS = ["2026-07-28", "2025-11-25"] as const;
const SUITE_TIMEOUT_MS = 120_000;
/** What does not ask for anything of the suite's own server. */
const PASSED_AT_LEAST = { "2026-07-28": 100, "2025-11-25": 35 };

const Names = z.array(z.string()).default([]);
const ExpectedFailures = z.array(
  z.strictObject({ why: z.string(), "2026-07-28": Names, "2025-11-25": Names }),
);
const expectedFailures = ExpectedFailures.parse(
  JSON.parse(
    readFileSync(join(import.meta.dirname, "../fixtures/conformance/expected-failures.json"), "utf8"),
  ),
);

describe("the official conformance suite against the real server", () => {
  it.each(REVISIONS)(
    "finds nothing but what is explained, in revision %s",
    async (revision) => {
      await using server = await startServer();
      const { id, writeToken } = await server.register({
        machine: "laptop",
        tool: "codex",
        project: "webshop",
      });
      const file = { workspace_id: id, write_token: writeToken, path: "notes.md", content: "# Notes\n" };
      await call(await server.connectSync(), "upload_knowledge", file);
      await using proxy = await authProxy(server.url, server.tokens.ai);

      const { checks } = await runConformance(`${proxy.url}/mcp`, revision);

      const named = (status: string) =>
        checks.filter((check) => check.status === status).map(({ name }) => name);
      expect(named("FAILURE").toSorted()).toEqual(
        expectedFailures.flatMap((group) => group[revision]).toSorted(),
      );
      expect(named("SUCCESS").length).toBeGreaterThanOrEqual(PASSED_AT_LEAST[revision]);
    },
    SUITE_TIMEOUT_MS,
  );
});
