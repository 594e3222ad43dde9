import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StatefulSet } from "kubernetes-types/apps/v1.js";
import type { CronJob } from "kubernetes-types/batch/v1.js";
import type { Namespace, PersistentVolumeClaim, Secret, Service } from "kubernetes-types/core/v1.js";
import type { Ingress, NetworkPolicy } from "kubernetes-types/networking/v1.js";
import { parseAllDocuments } from "yaml";
import * as z from "zod";
import { finished } from "./run-program.ts";
import { tempFolder } from "./temp-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What Kubernetes takes, by `kind`. */
export interface Kinds {
  CronJob: CronJob;
  Ingress: Ingress;
  Namespace: Namespace;
  NetworkPolicy: NetworkPolicy;
  PersistentVolumeClaim: PersistentVolumeClaim;
  Secret: Secret;
  Service: Service;
  StatefulSet: StatefulSet;
}

const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
export type Manifest = z.infer<typeof Manifest>;

/** All manifests of a text, which may be none. Throws for YAML with faults, such as one key twice. */
export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [fault] = "errors" in document ? document.errors : [];
    if (fault instanceof Error) throw fault;
    const value: unknown = document.toJS();
    return value === null ? [] : [Manifest.parse(value)];
  });
}

/** What the compiler says about manifests that are held against the types of Kubernetes 1.30; empty when they fit. */
export async function typeFaults(manifests: readonly Manifest[]): Promise<string> {
  await using folder = await tempFolder();
  const lines = manifests.map(
    (manifest) => `(${JSON.stringify(manifest)}) satisfies Kinds[${JSON.stringify(manifest.kind)}];\n`,
  );
  const kinds = `import type { Kinds } from ${JSON.stringify(import.meta.filename)};\n`;
  await writeFile(join(folder.path, "manifests.ts"), kinds + lines.join(""));
  const config = { extends: join(ROOT, "tsconfig.json"), include: ["manifests.ts"] };
  const types = { compilerOptions: { typeRoots: [join(ROOT, "node_modules/@types")] } };
  await writeFile(join(folder.path, "tsconfig.json"), JSON.stringify({ ...config, ...types }));
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const { stdout } = await finished(spawn(tsc, ["-p", folder.path], { stdio: "pipe" }));
  return stdout;
}
