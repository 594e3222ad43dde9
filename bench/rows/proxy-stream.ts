import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Row } from "../bench.ts";
import { findingOf, type Finding, type Gate } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";
import { MeasuredProgram } from "../programs/measured-program.ts";
import { StreamClient, type Streamed } from "../programs/stream-client.ts";

const PROGRAMS = join(import.meta.dirname, "../programs");
const PROXY = join(import.meta.dirname, "../../dist/memory-proxy.mjs");
const EVENTS = 3000;
const WARM_UP = 4;
const TOOL = "mcp__memory__memory_20250818";
const THINKS = { "x-think-ms": "50" };
const GATES = { first: { timesBaseline: 1.15 }, whole: { timesBaseline: 1.25 } };

const REMARK =
  "The first byte is gated for a model that thinks 50 ms, which is less than the real one ever takes: on loopback and without thinking there is nothing to compare with but two system calls, and the bare proxy shows what a second connection costs there. What the proxy adds to the bare one is reading the request as JSON and looking through the events for names.";

/** What passes from an upstream that streams, through the proxy and beside it. */
export const proxyStream: Row = {
  name: "proxy-stream",
  title: "Proxy: a streamed answer of 3,000 events",
  baseline: "the same stream without a proxy",
  remark: REMARK,
  async run(bench) {
    await bench.quiet();
    await using upstream = new MeasuredProgram(join(PROGRAMS, "sse-upstream-program.ts"), {});
    const url = await upstream.url;
    await using proxy = new MeasuredProgram(PROXY, { PROXY_PORT: "0", UPSTREAM_API_URL: url });
    await using bare = new MeasuredProgram(join(PROGRAMS, "bare-proxy-program.ts"), { UPSTREAM: url });
    using direct = new StreamClient(url);
    using ours = new StreamClient(await proxy.url);
    using least = new StreamClient(await bare.url);
    const clients = { direct, ours, least };
    const turns = { rounds: bench.sizes.rounds.fast, warmUp: WARM_UP };
    const times = [
      ...(await firstBytes(clients, turns)),
      ...(await wholeStreams(clients, turns)),
      ...(await encodedStreams(clients, turns)),
    ];
    const cpu = { ours: cpuTrial(proxy, ours), least: cpuTrial(bare, least) };
    const [used] = await interleave({ "processor time, beside a bare proxy": cpu.ours }, cpu.least, turns);
    return used === undefined ? times : [...times, findingOf(used, "µs")];
  },
};

type Clients = Record<"direct" | "ours" | "least", StreamClient>;
type Turns = Parameters<typeof interleave>[2];

async function firstBytes({ direct, ours, least }: Clients, turns: Turns): Promise<Finding[]> {
  const trial = (client: StreamClient, headers: Record<string, string>, body = request(100_000)): Trial => {
    return async () => (await checked(client, body, headers)).firstByteMs;
  };
  const thinking = await interleave(
    {
      "first byte, the model thinks 50 ms": trial(ours, THINKS),
      "first byte, the same for a request of 1 MB": trial(ours, THINKS, request(1_000_000)),
      "for comparison: first byte through a bare proxy": trial(least, THINKS),
    },
    trial(direct, THINKS),
    turns,
  );
  const atOnce = await interleave(
    {
      "for comparison: first byte without thinking": trial(ours, {}),
      "for comparison: the same through a bare proxy": trial(least, {}),
    },
    trial(direct, {}),
    turns,
  );
  return gated([...thinking, ...atOnce], { "first byte, the model thinks 50 ms": GATES.first });
}

async function wholeStreams({ direct, ours, least }: Clients, turns: Turns): Promise<Finding[]> {
  const body = request(10_000);
  const trial = (client: StreamClient, headers: Record<string, string>, name?: string): Trial => {
    return async () => (await checked(client, body, headers, name)).wholeMs;
  };
  const compared = await interleave(
    {
      "whole stream, looked through": trial(ours, {}),
      "whole stream, one name put back": trial(ours, { "x-tool": "memory" }, TOOL),
      "for comparison: through a bare proxy": trial(least, {}),
    },
    trial(direct, {}),
    turns,
  );
  return gated(compared, {
    "whole stream, looked through": GATES.whole,
    "whole stream, one name put back": GATES.whole,
  });
}

/** An upstream that encodes although it was asked not to. */
async function encodedStreams({ direct, ours }: Clients, turns: Turns): Promise<Finding[]> {
  const headers = { "x-encoding": "gzip", "x-tool": "memory" };
  const trial = (client: StreamClient, name: string): Trial => {
    return async () => (await checked(client, request(10_000), headers, name)).wholeMs;
  };
  const label = "for comparison: whole stream, gzip undone";
  return gated(await interleave({ [label]: trial(ours, TOOL) }, trial(direct, "memory"), turns), {});
}

function gated(
  comparisons: Awaited<ReturnType<typeof interleave>>,
  gates: Readonly<Record<string, Gate>>,
): Finding[] {
  return comparisons.map((comparison) => findingOf(comparison, "ms", gates[comparison.label]));
}

/** Microseconds of processor time of one stream. */
function cpuTrial(program: MeasuredProgram, client: StreamClient): Trial {
  const body = request(10_000);
  return async () => {
    const before = await program.usage();
    await checked(client, body, {});
    return ((await program.usage()).cpuMs - before.cpuMs) * 1000;
  };
}

/** A stream that has all its events, and the name of the tool that was called. */
async function checked(
  client: StreamClient,
  body: Buffer,
  headers: Record<string, string>,
  name?: string,
): Promise<Streamed> {
  const streamed = await client.stream(body, headers);
  const isGzip = streamed.bytes[0] === 0x1f;
  const text = (isGzip ? gunzipSync(streamed.bytes) : streamed.bytes).toString("utf8");
  const events = text.split("\n\n").length - 1;
  if (events !== EVENTS) throw new Error(`${events} of ${EVENTS} events arrived`);
  if (name !== undefined && !text.includes(`"name":"${name}"`)) throw new Error(`no call of ${name} arrived`);
  return streamed;
}

/** A request with the tool, of about so many bytes. */
function request(bytes: number): Buffer {
  const tools = [{ name: TOOL, description: "Memory", input_schema: { type: "object" } }];
  const content = [{ type: "text", text: "word ".repeat(bytes / 5) }];
  return Buffer.from(JSON.stringify({ stream: true, tools, messages: [{ role: "user", content }] }));
}
