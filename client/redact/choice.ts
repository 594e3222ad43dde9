import { createHash } from "node:crypto";
import type { Manifest } from "../../contract/manifest.ts";
import { RULES_VERSION } from "../../contract/redaction/rules.ts";
import type { Credentials } from "../credentials.ts";
import { Redactor } from "./redactor.ts";

/** Which workspaces' files are redacted: a manifest decides for its own, `config.json` for all others. */
export class RedactionChoice {
  readonly #others: boolean;
  readonly #own: ReadonlyMap<string, boolean>;
  readonly #makeRedactor: () => Redactor;
  #redactor: Redactor | undefined;

  /** `secrets`: of this machine, never to be sent. */
  constructor(options: {
    others: boolean;
    manifests: readonly Manifest[];
    credentials: Credentials;
    secrets: readonly (string | undefined)[];
  }) {
    const { others, manifests, credentials, secrets } = options;
    this.#others = others;
    this.#own = choicesOf(manifests);
    this.#makeRedactor = () => Redactor.of(credentials, secrets);
  }

  /** False when nothing at all is redacted: then nobody need find out what belongs where. */
  get isOn(): boolean {
    return this.#others || [...this.#own.values()].includes(true);
  }

  /** The redactor for a workspace; undefined when its files are sent as they are. Without an id: one that no manifest names. */
  redactorFor(workspaceId: string | undefined): Redactor | undefined {
    const isWanted = this.#own.get(workspaceId ?? "") ?? this.#others;
    if (!isWanted) return undefined;
    this.#redactor ??= this.#makeRedactor();
    return this.#redactor;
  }
}

/** Another one for everything that changes what is redacted; undefined when nothing is. */
export function redactionStamp(others: boolean, manifests: readonly Manifest[]): string | undefined {
  const own = [...choicesOf(manifests)]
    .filter(([, isWanted]) => isWanted !== others)
    .map(([id]) => id)
    .toSorted();
  if (!others && own.length === 0) return undefined;
  const digest = createHash("sha256")
    .update(JSON.stringify([others, own]))
    .digest("hex")
    .slice(0, 16);
  return `${RULES_VERSION}-${digest}`;
}

function choicesOf(manifests: readonly Manifest[]): Map<string, boolean> {
  return new Map(
    manifests.flatMap(({ workspace_id: id, redact }) =>
      redact === undefined ? [] : [[id, redact] as const],
    ),
  );
}
