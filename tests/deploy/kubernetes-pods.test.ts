import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import type { Manifest } from "../support/kubernetes.ts";
import { Labels, plainManifests, podsOf, Selector, theOne } from "../support/kubernetes-pods.ts";
import { runProgram } from "../support/run-program.ts";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

const Probe = z.looseObject({
  httpGet: z.object({
    path: z.string(),
    port: z.literal("http"),
    httpHeaders: z.array(z.object({ name: z.string(), value: z.string() })),
  }),
});

describe("the pods in Kubernetes", () => {
  let all: Manifest[];
  let server: ReturnType<typeof podsOf>["server"];
  let backup: ReturnType<typeof podsOf>["backup"];

  beforeAll(async () => {
    all = await plainManifests();
    ({ server, backup } = podsOf(all));
  });

  it("ask our server what it answers to them", async () => {
    await using folder = await tempFolder();
    const [container] = server.spec.containers;
    const env = Object.fromEntries(container.env.map(({ name, value = "" }) => [name, value]));
    const tokens = { MCP_TOKEN: AI_TOKEN, SYNC_TOKEN: "" };
    await using running = await ServerProcess.start(folder.path, { ...env, ...tokens });
    const probes = ["startupProbe", "readinessProbe", "livenessProbe"].map((name) =>
      Probe.parse(container[name]),
    );

    const asked = await Promise.all(
      probes.map(({ httpGet: { path, httpHeaders } }) =>
        statusOf(running.url, path, Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]))),
      ),
    );
    const byAddress = await statusOf(running.url, "/readyz", { Host: "10.42.0.17:8000" });

    expect(asked).toEqual([200, 200, 200]);
    expect(byAddress).toBe(403);
  });

  it("give the server variables that it knows, and the public name of the Ingress", async () => {
    const spec = await readFile(join(ROOT, "SPEC.md"), "utf8");
    const { env } = server.spec.containers[0];
    const host = new URL(env.find(({ name }) => name === "PUBLIC_URL")?.value ?? "").hostname;

    for (const { name } of env) expect(spec).toContain(`| \`${name}\` |`);
    expect(theOne("Ingress", all)).toMatchObject({
      metadata: {
        annotations: {
          "nginx.ingress.kubernetes.io/proxy-body-size": `${LIMITS.sessions.rawBytes / 2 ** 20 + 1}m`,
        },
      },
      spec: { tls: [{ hosts: [host] }], rules: [{ host }] },
    });
  });

  it("lead requests to the server, never to a backup, and close both off", () => {
    const service = z.object({ spec: z.looseObject({ selector: Labels }) }).parse(theOne("Service", all))
      .spec.selector;
    const policy = z
      .object({ spec: z.looseObject({ podSelector: Selector }) })
      .parse(theOne("NetworkPolicy", all));
    const pods = [server, backup].map(({ metadata }) => metadata.labels);

    expect(pods.map((labels) => isPicked(labels, service))).toEqual([true, false]);
    expect(pods.map((labels) => isPicked(labels, policy.spec.podSelector.matchLabels))).toEqual([true, true]);
    expect(theOne("NetworkPolicy", all)).toMatchObject({
      spec: { policyTypes: ["Ingress", "Egress"], egress: [] },
    });
  });

  it("back up the server's volume, on its node, without writing to it", () => {
    const near = z
      .object({
        podAffinity: z.object({ requiredDuringSchedulingIgnoredDuringExecution: z.tuple([z.unknown()]) }),
      })
      .parse(backup.spec["affinity"]).podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0];
    const { labelSelector } = z.looseObject({ labelSelector: Selector }).parse(near);

    expect(isPicked(server.metadata.labels, labelSelector.matchLabels)).toBe(true);
    expect(near).toMatchObject({ topologyKey: "kubernetes.io/hostname" });
    expect(backup.spec["volumes"]).toContainEqual({
      name: "data",
      persistentVolumeClaim: { claimName: `data-${theOne("StatefulSet", all).metadata.name}-0` },
    });
    expect(backup.spec.containers[0].volumeMounts).toContainEqual({
      name: "data",
      mountPath: "/data",
      readOnly: true,
    });
  });

  it("back up by a command that the server has", async () => {
    await using folder = await tempFolder();
    const root = join(folder.path, "memory");
    const { args } = backup.spec.containers[0];
    {
      await using running = await ServerProcess.start(root);
      await running.stop("SIGTERM");
    }
    const here = args.map((word) => word.replace("/backups", join(folder.path, "backups")));

    const made = await runProgram([join(ROOT, "server/main.ts"), ...here], { MEMORY_ROOT: root });

    expect(args).toEqual(["backup", "/backups", "--keep", String(LIMITS.backup.keepDays)]);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining(" files, ") });
  });
});

function isPicked(labels: Record<string, string>, selector: Record<string, string>): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

/** What a kubelet gets, which asks the address of a pod. */
async function statusOf(url: string, path: string, headers: Record<string, string>) {
  const asked = request(new URL(path, url), { headers }).end();
  const [response] = z
    .tuple([z.looseObject({ statusCode: z.number() })])
    .parse(await once(asked, "response"));
  asked.destroy();
  return response.statusCode;
}
