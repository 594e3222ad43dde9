import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import * as z from "zod";
import { childEnv } from "../support/child-env.ts";
import { finished } from "../support/run-program.ts";
import { METRICS_TOKEN, scrape, type Scrape } from "../support/scrape.ts";
import { startServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { tool } from "../support/tool.ts";

const PROMTOOL = tool("promtool", "prometheus");
const ROOT = join(import.meta.dirname, "../..");
const COLUMNS = 24;

const Panel = z.object({
  id: z.int(),
  title: z.string(),
  description: z.string().min(1),
  datasource: z.object({ uid: z.literal("${datasource}") }),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }),
  targets: z
    .array(
      z.object({
        refId: z.string(),
        expr: z.string(),
        datasource: z.object({ uid: z.literal("${datasource}") }),
      }),
    )
    .min(1),
});
const Dashboard = z.object({
  uid: z.string(),
  schemaVersion: z.int().min(36),
  templating: z.object({ list: z.array(z.object({ name: z.string(), definition: z.string().optional() })) }),
  panels: z.array(Panel).min(10),
});

const dashboard = Dashboard.parse(
  JSON.parse(readFileSync(join(ROOT, "deploy/grafana/federated-memory.json"), "utf8")),
);
const guide = readFileSync(join(ROOT, "docs/metrics.md"), "utf8");
const [scrapeConfig = "", alerts = ""] = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);
/** As Grafana sends them. */
const queries = dashboard.panels.flatMap(({ targets }) =>
  targets.map(({ expr }) => expr.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*")),
);

let scraped: Scrape;
beforeAll(async () => {
  await using server = await startServer({ env: { METRICS_TOKEN } });
  scraped = await scrape(server);
});

/** Names in queries that only a metric can be. */
function metricsIn(text: string): string[] {
  return text.match(/\b(?:federated_memory|process)_\w+/g) ?? [];
}

function unknown(text: string): string[] {
  return metricsIn(text).filter((name) => !scraped.names.has(name));
}

describe("the dashboard", () => {
  it("asks for nothing that the server does not tell", () => {
    const variables = dashboard.templating.list.map(({ definition = "" }) => definition);

    expect(queries.length).toBeGreaterThan(20);
    expect(queries.filter((query) => metricsIn(query).length === 0)).toEqual([]);
    expect(unknown([...queries, ...variables].join("\n"))).toEqual([]);
  });

  it("shows each panel once, none over another, and each in its own words", () => {
    const { panels } = dashboard;
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );

    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(COLUMNS);
    for (const { targets } of panels)
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it.skipIf(PROMTOOL === undefined)("holds queries that Prometheus understands", async () => {
    const rules = queries.map((expr, index) => ({ record: `query_${index}`, expr }));

    const checked = await check("rules", stringify({ groups: [{ name: "dashboard", rules }] }));

    expect(checked).toMatchObject({ code: 0, stderr: "" });
    expect(checked.stdout).toContain(`SUCCESS: ${queries.length} rules found`);
  });
});

describe("docs/metrics.md", () => {
  it("names every metric that there is, and no other", () => {
    const rows = guide.split("\n").filter((line) => line.startsWith("| `"));
    const described = rows.flatMap((row) => metricsIn(row.split("|")[1] ?? ""));

    const told = [...scraped.text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);

    expect(described.toSorted()).toEqual(told.toSorted());
    expect(unknown(alerts)).toEqual([]);
  });

  it.skipIf(PROMTOOL === undefined)("gives alerts and a configuration that Prometheus takes", async () => {
    const rules = await check("rules", alerts);
    const config = await check("config", scrapeConfig.replace(/credentials_file: \S+/, "credentials: token"));

    expect(rules).toMatchObject({ code: 0, stderr: "" });
    expect(rules.stdout).toMatch(/SUCCESS: 10 rules found/);
    expect(config).toMatchObject({ code: 0, stderr: "" });
  });
});

async function check(what: "rules" | "config", text: string) {
  await using folder = await tempFolder();
  const file = join(folder.path, "checked.yml");
  await writeFile(file, text);
  return await finished(spawn(PROMTOOL ?? "", ["check", what, file], { env: childEnv({}), stdio: "pipe" }));
}
