import { readFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import manifest from "../../package.json" with { type: "json" };
import { ConfigError, readConfig } from "../../server/config.ts";
import { manifestsOf, typeFaults, type Manifest } from "../support/kubernetes.ts";
import { Labels, PLAIN, plainManifests, podsOf, theOne } from "../support/kubernetes-pods.ts";

describe("the manifests for Kubernetes", () => {
  let all: Manifest[];

  beforeAll(async () => {
    all = await plainManifests();
  });

  it("fit the types of Kubernetes", async () => {
    expect(all).toHaveLength(8);

    expect(await typeFaults(all)).toBe("");
  });

  it.each([
    ["a misspelt field", "fsGroup:", "fsgroup:"],
    ["a number that is text", "replicas: 1", 'replicas: "1"'],
  ])("convict %s", async (_, right, wrong) => {
    const broken = manifestsOf((await read("statefulset.yaml")).replace(right, wrong));

    expect(await typeFaults(broken)).toMatch(/error TS2(353|561|322)/);
  });

  it("are all applied by kustomization.yaml, but for the tokens", async () => {
    const { resources, images } = z
      .looseObject({ resources: z.array(z.string()), images: z.array(z.unknown()) })
      .parse(parse(await read("kustomization.yaml")));

    const files = globSync("*.yaml", { cwd: PLAIN });

    expect([...resources, "secret.yaml", "kustomization.yaml"].sort()).toEqual(files.sort());
    expect(images).toMatchObject([{ name: "federated-memory", newTag: manifest.version }]);
  });

  it("start one server, and a second one never before the first is gone", () => {
    const { server } = podsOf(all);

    expect(theOne("StatefulSet", all)).toMatchObject({
      spec: { replicas: 1, volumeClaimTemplates: [{ spec: { accessModes: ["ReadWriteOnce"] } }] },
    });
    expect(server.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(LIMITS.http.drainMs);
  });

  it("keep to the standard `restricted`, which their namespace demands", () => {
    expect(theOne("Namespace", all)).toMatchObject({
      metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    for (const { spec } of Object.values(podsOf(all)))
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
        containers: [
          {
            image: `federated-memory:${manifest.version}`,
            resources: { limits: { memory: expect.any(String) } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
          },
        ],
      });
  });

  it("have tokens that the server refuses until they are replaced", async () => {
    const [secret] = manifestsOf(await read("secret.yaml"));
    const { stringData } = z.looseObject({ stringData: Labels }).parse(secret);

    expect(Object.keys(stringData)).toEqual(["MCP_TOKEN", "SYNC_TOKEN"]);
    expect(() => readConfig({ dev: false }, stringData)).toThrow(ConfigError);
    expect(() => readConfig({ dev: false }, stringData)).toThrow(/MCP_TOKEN: shorter[^]*SYNC_TOKEN: shorter/);
  });
});

function read(name: string): Promise<string> {
  return readFile(join(PLAIN, name), "utf8");
}
