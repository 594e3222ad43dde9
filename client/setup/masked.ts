import { Redaction } from "../../contract/redaction/redact.ts";
import { maskSecrets } from "../../contract/secrets.ts";

/** Takes secrets out of what is shown of people's files; `secrets` are this machine's own. */
export function maskOf(secrets: readonly (string | undefined)[]): (text: string) => string {
  const redaction = new Redaction(
    secrets.flatMap((secret) => secret ?? []).filter((secret) => secret !== ""),
  );
  return (text) => maskSecrets(redaction.document(text).text);
}
