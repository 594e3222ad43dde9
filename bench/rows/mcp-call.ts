import { join } from "node:path";
import type { Row } from "../bench.ts";
import { findingOf } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";
import { HttpClient } from "../programs/http-client.ts";
import { callTools, type ToolCall } from "../programs/mcp-load.ts";
import { MeasuredProgram } from "../programs/measured-program.ts";
import { bearer, MemoryServer } from "../programs/memory-server.ts";

const BARE = join(import.meta.dirname, "../programs/bare-mcp-program.ts");
const GATE = { timesBaseline: 1.3 };
const CONNECTIONS = 8;
/** Per connection and measurement; a token may ask 6000 times in a minute. */
const CALLS = 100;
const WARM_UP = 4;
const PATH = "notes/today.md";
const BARE_CALL = { name: "read", arguments: { path: PATH } };
/** Not ours: how far the baseline itself could go. */
const LEAST = "for comparison: the bare server without registry and schema";

const REMARK =
  "The profile is flat: what we add to the SDK (limits, token, log, schema) is less than what leaving out its Node adapter saves. read_knowledge of a file that was read lately takes two steps on the disk, in Node's thread pool, where it took seven: one opens its folder, following no link, one looks whether the file is still the same. Measured alone that is 30 µs instead of 90 µs. What it takes beyond list_workspaces now is not the disk: without both steps nothing less could be measured on a busy machine. A folder kept open saves one step and less than a tenth; a log line that is not searched for secret headers saves 10 µs of 12 µs; without the thread pool a slow disk would hold up every other request.";

/** Processor time of one MCP tool call, all threads of the server, over eight connections. */
export const mcpCall: Row = {
  name: "mcp-call",
  title: "MCP tool call, processor time per request",
  baseline: "a bare server of the SDK with one trivial tool",
  remark: REMARK,
  async run(bench) {
    await bench.quiet();
    await using folder = await bench.scratch();
    await using server = await MemoryServer.start(folder.path);
    await using bare = new MeasuredProgram(BARE, {});
    await using lowest = new MeasuredProgram(BARE, { BARE: "low-level" });
    const id = await workspaceWithFile(server);
    const clients = await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, number) => {
        const token = await server.newAiToken(`bench ${number}`);
        return new HttpClient(server.url, bearer(token));
      }),
    );
    const ours = {
      "read_knowledge, a small file": cpuTrial(server.program, clients, {
        name: "read_knowledge",
        arguments: { workspace_id: id, path: PATH },
      }),
      "list_workspaces, one": cpuTrial(server.program, clients, { name: "list_workspaces", arguments: {} }),
      [LEAST]: cpuTrial(lowest, await connections(lowest), BARE_CALL),
    };
    const turns = { rounds: bench.sizes.rounds.slow, warmUp: WARM_UP };
    const comparisons = await interleave(ours, cpuTrial(bare, await connections(bare), BARE_CALL), turns);
    return comparisons.map((comparison) =>
      findingOf(comparison, "µs", comparison.label === LEAST ? undefined : GATE),
    );
  },
};

async function connections(program: MeasuredProgram): Promise<HttpClient[]> {
  const url = await program.url;
  return Array.from({ length: CONNECTIONS }, () => new HttpClient(url, {}));
}

/** Microseconds of processor time per call. */
function cpuTrial(program: MeasuredProgram, clients: readonly HttpClient[], call: ToolCall): Trial {
  return async () => {
    const before = await program.usage();
    await callTools(clients, call, CALLS);
    const after = await program.usage();
    return ((after.cpuMs - before.cpuMs) * 1000) / (clients.length * CALLS);
  };
}

async function workspaceWithFile(server: MemoryServer): Promise<string> {
  const { id, headers } = await server.register({ machine: "bench", tool: "codex", project: "mcp" });
  using sync = new HttpClient(server.url, headers);
  const path = `/api/v1/workspaces/${id}/knowledge/${PATH}`;
  await sync.send({ method: "PUT", path, body: Buffer.from("# Today\n\nNothing happened.\n") });
  return id;
}
