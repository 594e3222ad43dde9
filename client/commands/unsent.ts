import type { Config } from "../config.ts";
import type { Environment } from "../home/home.ts";
import type { Unsent } from "../setup/sending.ts";
import { previewSync } from "../sync/preview.ts";

/** Counts the transcripts that the next sync would send for the first time. Asks the server nothing, changes nothing. */
export async function countUnsent(environment: Environment, config: Config): Promise<Unsent> {
  const choices = { scan: true, retry: false, recheck: false };
  const { plan } = await previewSync({ environment, config }, choices);
  const sizes = plan.actions.flatMap((action) =>
    action.kind === "session" && action.reason === "new" ? [action.transcript.sizeBytes] : [],
  );
  const bytes = sizes.reduce((total, size) => total + size, 0);
  return { files: sizes.length, bytes, redact: config.redact };
}
