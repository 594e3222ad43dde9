import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { writeFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { startServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const CORPUS = join(import.meta.dirname, "../fixtures/corpora");
const MINUTES = 60_000;
/** A busy machine takes its time; a server that hangs is still told, by the runner or by the test's own end. */
const PATIENCE = 20;
/** The runner cannot send the NUL of this row's header: it drops it, and what is left is a good request. */
const NOT_SENT_AS_MEANT = new Set(["r0257"]);

const Summary = z.object({
  total: z.number(),
  serverErr: z.number(),
  timeout: z.number(),
  leak: z.number(),
  probeFail: z.number(),
  alive: z.boolean(),
});
const Failures = z.array(z.looseObject({ id: z.string(), why: z.string() }));

describe("the corpus of bad requests", () => {
  it.each(["sync", "ai"] as const)(
    "with the %s token: every row gets a clean answer, and good requests are answered meanwhile",
    { timeout: 10 * MINUTES },
    async (role) => {
      await using server = await startServer({
        rate: { failuresPerMinute: 10_000, requestsPerMinute: 100_000 },
      });
      await using folder = await tempFolder();
      const own = await server.register({ machine: "corpus", tool: "codex", project: "one" });
      const other = await server.register({ machine: "corpus", tool: "codex", project: "two" });
      const { hostname, port } = new URL(server.url);
      const map = {
        host: hostname,
        port: Number(port),
        MCP_PATH: "/mcp",
        TOKEN: server.tokens[role],
        TOKEN2: server.tokens[role === "ai" ? "sync" : "ai"],
        WTOKEN: own.writeToken,
        OTHER_WTOKEN: other.writeToken,
        WS: own.id,
        OTHER_WS: other.id,
        READ: "read_knowledge",
        WRITE: "upload_knowledge",
        SEARCH: "search_knowledge",
        LIST: "list_knowledge",
        UPLOAD: "upload_session",
        WSARG: "workspace_id",
        PATH: "path",
        CONTENT: "content",
        QUERY: "query",
        LIMIT: "limit",
        DATA: "content",
        SHA: "sha256",
        protocolVersion: "2025-06-18",
        pid: process.pid,
        canaries: [server.root],
      };
      await writeFile(join(folder.path, "map.json"), JSON.stringify(map));

      const child = spawn(
        process.execPath,
        [join(CORPUS, "run-requests.mjs"), "map.json", join(CORPUS, "bad-requests.jsonl")],
        {
          cwd: folder.path,
          stdio: ["ignore", "pipe", "inherit"],
          env: { ...process.env, PATIENCE: String(PATIENCE) },
        },
      );
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
      await once(child, "close");
      const summary = Summary.parse(JSON.parse(output.split("\n")[0] ?? ""));
      const failures = Failures.parse(
        JSON.parse(await readFile(join(folder.path, "run-requests.fails.json"), "utf8")),
      );

      expect(failures.filter(({ id }) => !NOT_SENT_AS_MEANT.has(id))).toEqual([]);
      expect(summary).toMatchObject({ serverErr: 0, timeout: 0, leak: 0, probeFail: 0, alive: true });
      expect(summary.total).toBeGreaterThan(600);
    },
  );

  it(
    "slow clients are sent away in time, and 1,000 pipelined requests are answered",
    { timeout: 2 * MINUTES },
    async () => {
      await using server = await startServer();
      const { hostname, port } = new URL(server.url);
      const open = () => connect(Number(port), hostname);
      const post = `POST /mcp HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${server.tokens.ai}\r\nContent-Type: application/json\r\n`;

      const drip = async (head: string, piece: string) => {
        const socket = open();
        socket.on("error", () => {}).resume();
        socket.write(head);
        for (let second = 0; second < 40 && !socket.closed; second += 1) {
          if (piece !== "") socket.write(piece);
          await sleep(1000);
        }
        const { closed } = socket;
        socket.destroy();
        return closed;
      };
      const pipelined = async () => {
        const socket = open();
        let answers = "";
        socket.on("data", (chunk: Buffer) => (answers += chunk.toString("latin1"))).on("error", () => {});
        socket.write(`GET /healthz HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`.repeat(1000));
        for (let waited = 0; waited < 600 && answers.split("HTTP/1.1 200").length <= 1000; waited += 1)
          await sleep(100);
        socket.destroy();
        return answers.split("HTTP/1.1 200").length - 1;
      };
      const [header, body, idle, answered] = await Promise.all([
        drip("POST /mcp HTTP/1.1\r\nX: ", "a"),
        drip(`${post}Content-Length: 100000\r\n\r\n`, " "),
        drip("", ""),
        pipelined(),
      ]);

      expect({ header, body, idle, answered }).toEqual({
        header: true,
        body: true,
        idle: true,
        answered: 1000,
      });
    },
  );
});
