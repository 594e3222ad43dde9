import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { manifestsOf, type Kinds, type Manifest } from "./kubernetes.ts";

export const PLAIN = join(import.meta.dirname, "../../deploy/kubernetes");

export const Labels = z.record(z.string(), z.string());
export const Selector = z.object({ matchLabels: Labels });
const Container = z.looseObject({
  image: z.string(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  args: z.array(z.string()).default([]),
  volumeMounts: z.array(
    z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
  ),
});
/** A pod as it is described where it is made. */
const Pod = z.object({
  metadata: z.object({ labels: Labels }),
  spec: z.looseObject({
    containers: z.tuple([Container]),
    terminationGracePeriodSeconds: z.number().default(30),
  }),
});
type Pod = z.infer<typeof Pod>;
const Server = z.object({ spec: z.looseObject({ template: Pod }) });
const Backup = z.object({
  spec: z.looseObject({ jobTemplate: z.object({ spec: z.looseObject({ template: Pod }) }) }),
});

/** All objects below deploy/kubernetes, which kustomization.yaml is not. */
export async function plainManifests(): Promise<Manifest[]> {
  const paths = globSync("*.yaml", { cwd: PLAIN }).filter((path) => path !== "kustomization.yaml");
  const texts = await Promise.all(paths.map((path) => readFile(join(PLAIN, path), "utf8")));
  return texts.flatMap(manifestsOf);
}

/** The one object of a kind. */
export function theOne(kind: keyof Kinds, manifests: readonly Manifest[]): Manifest {
  const [found, ...others] = manifests.filter((candidate) => candidate.kind === kind);
  if (found === undefined || others.length > 0) throw new Error(`not one ${kind}`);
  return found;
}

/** What runs: the server, and now and then its backup. */
export function podsOf(manifests: readonly Manifest[]): Record<"server" | "backup", Pod> {
  return {
    server: Server.parse(theOne("StatefulSet", manifests)).spec.template,
    backup: Backup.parse(theOne("CronJob", manifests)).spec.jobTemplate.spec.template,
  };
}
