import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { sha256 } from "../../disk/digest.ts";
import { call } from "../support/answers.ts";
import { startServer } from "../support/server.ts";
import { line } from "../support/session-store.ts";

const TRANSCRIPT = line("What is a quokka?");

it("counts uploads of both doors together: beyond those that may run and wait, all are told to come back (B1, B3)", async () => {
  await using server = await startServer();
  const { id, writeToken } = await server.register({ machine: "laptop", tool: "codex", project: "shop" });
  const sync = await server.connectSync();
  const put = (name: string) => {
    const headers = { authorization: `Bearer ${server.tokens.sync}`, "x-workspace-token": writeToken };
    const url = `${server.url}/api/v1/workspaces/${id}/sessions/${name}`;
    const request = httpRequest(url, { method: "PUT", headers, agent: false });
    // A refused body makes writing fail after the answer came; what counts is the answer.
    request.on("error", () => {});
    request.flushHeaders();
    const answer = once(request, "response").then(([response]: IncomingMessage[]) => response);
    return { answer, send: () => request.end(TRANSCRIPT) };
  };
  const { uploads, uploadQueue } = LIMITS.concurrency;
  const crowd = Array.from({ length: uploads + uploadQueue + 1 }, (_, index) => put(`s${index}`));

  const refused = await Promise.race(crowd.map(({ answer }) => answer));
  const throughMcp = await call(sync, "upload_session", {
    workspace_id: id,
    write_token: writeToken,
    session_id: "by-mcp",
    content: TRANSCRIPT,
    sha256: sha256(TRANSCRIPT),
  });
  for (const { send } of crowd) send();
  const answers = await Promise.all(crowd.map(({ answer }) => answer));

  expect(refused?.statusCode).toBe(503);
  expect(Number(refused?.headers["retry-after"])).toBeGreaterThan(0);
  expect(await json(refused ?? process.stdin)).toMatchObject({ error: { code: "unavailable" } });
  expect(throughMcp.text).toMatch(/^unavailable: Too many uploads at once/);
  expect(answers.filter((answer) => answer?.statusCode === 201)).toHaveLength(uploads + uploadQueue);
});
