import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import manifest from "../../package.json" with { type: "json" };
import { renderTemplate } from "../support/helm-template.ts";
import { manifestsOf, typeFaults, type Manifest } from "../support/kubernetes.ts";
import { plainManifests } from "../support/kubernetes-pods.ts";

const ROOT = join(import.meta.dirname, "../..");
const CHART = join(ROOT, "deploy/helm/federated-memory");

const Values = z.looseObject({
  tokens: z.looseObject({}),
  ingress: z.looseObject({}),
  backup: z.looseObject({}),
});
type Values = z.infer<typeof Values>;

/** Rendered by what stands for Helm here. */
describe("the chart", () => {
  let templates: string[];
  let values: Values;

  beforeAll(async () => {
    const paths = globSync("templates/*.{yaml,txt}", { cwd: CHART });
    templates = await Promise.all(paths.map((path) => readFile(join(CHART, path), "utf8")));
    values = Values.parse(parse(await readFile(join(CHART, "values.yaml"), "utf8")));
  });

  it("makes the plain manifests, when its values are left as they are", async () => {
    const rendered = await render({ ...values, tokens: { existingSecret: "federated-memory" } });
    const expected = (await plain()).filter(({ kind }) => kind !== "Secret");

    expect(byName(rendered)).toEqual(byName(expected));
  });

  it("makes the Secret of tokens that it is told", async () => {
    const tokens = { existingSecret: "", mcp: "change-me", sync: "change-me-too" };

    const rendered = await render({ ...values, tokens });

    expect(byName(rendered)).toEqual(byName(await plain()));
  });

  it("does not begin without a token, and says what to set", async () => {
    const rendering = render(values);

    await expect(rendering).rejects.toThrow(/Set tokens\.existingSecret .* or tokens\.mcp /);
  });

  it("takes another Secret's name, image, class of storage and place", async () => {
    const rendered = await render({
      ...values,
      tokens: { existingSecret: "mine" },
      image: { repository: "registry.example/memory", tag: "1.2.3", pullPolicy: "Always" },
      imagePullSecrets: [{ name: "registry" }],
      storage: { size: "1Ti", className: "fast" },
      env: [],
      nodeSelector: { disk: "ssd" },
      tolerations: [{ key: "memory", operator: "Exists" }],
    });
    const server = rendered.find(({ kind }) => kind === "StatefulSet");

    expect(await typeFaults(rendered)).toBe("");
    expect(server).toMatchObject({
      spec: {
        template: {
          spec: {
            imagePullSecrets: [{ name: "registry" }],
            nodeSelector: { disk: "ssd" },
            tolerations: [{ key: "memory", operator: "Exists" }],
            containers: [
              {
                image: "registry.example/memory:1.2.3",
                imagePullPolicy: "Always",
                env: [
                  { valueFrom: { secretKeyRef: { name: "mine" } } },
                  { valueFrom: { secretKeyRef: { name: "mine" } } },
                  { name: "PUBLIC_URL", value: "https://memory.example" },
                ],
              },
            ],
          },
        },
        volumeClaimTemplates: [
          { spec: { storageClassName: "fast", resources: { requests: { storage: "1Ti" } } } },
        ],
      },
    });
  });

  it("leaves out what is switched off", async () => {
    const off = { enabled: false };

    const rendered = await render({
      ...values,
      tokens: { existingSecret: "mine" },
      ingress: off,
      networkPolicy: off,
      backup: off,
    });

    expect(rendered.map(({ kind }) => kind).sort()).toEqual(["Service", "StatefulSet"]);
  });

  it("refuses values that mean nothing to it", async () => {
    const schema: unknown = JSON.parse(await readFile(join(CHART, "values.schema.json"), "utf8"));
    const checked = z.fromJSONSchema(z.looseObject({}).parse(schema));
    const misspelt = { ...values, backup: { ...values.backup, keepDay: 3 } };
    const wrong = { ...values, ingress: { ...values.ingress, enabled: "yes" } };

    const taken = [values, misspelt, wrong].map((candidate) => checked.safeParse(candidate).success);

    expect(taken).toEqual([true, false, false]);
  });

  it("is of our version", async () => {
    const chart: unknown = parse(await readFile(join(CHART, "Chart.yaml"), "utf8"));

    expect(chart).toMatchObject({
      apiVersion: "v2",
      name: "federated-memory",
      version: manifest.version,
      appVersion: manifest.version,
    });
  });

  async function render(given: unknown): Promise<Manifest[]> {
    const release = { Name: "federated-memory", Namespace: "federated-memory" };
    const context = { Values: given, Release: release, Chart: { AppVersion: manifest.version } };
    const texts = templates.map((template) => renderTemplate(template, context));
    return texts.filter((text) => !text.startsWith("federated-memory ")).flatMap(manifestsOf);
  }
});

/** The namespace is Helm's own affair. */
async function plain(): Promise<Manifest[]> {
  return (await plainManifests()).filter(({ kind }) => kind !== "Namespace");
}

/** Without what concerns Helm alone, and the variable that only shows an example. */
function byName(manifests: readonly Manifest[]): Record<string, unknown> {
  return Object.fromEntries(
    manifests.map((each) => {
      const own = structuredClone(each);
      delete own.metadata["annotations"];
      const { annotations } = each.metadata;
      const others = Object.entries(annotations ?? {}).filter(([name]) => !name.startsWith("helm.sh/"));
      if (others.length > 0) own.metadata["annotations"] = Object.fromEntries(others);
      return [`${each.kind} ${each.metadata.name}`, own];
    }),
  );
}
