import { AppError } from "../../contract/errors.ts";
import { isSystemError } from "../../disk/errno.ts";
import type { Config } from "../config.ts";
import { hintOf } from "../format.ts";
import type { Environment } from "../home/home.ts";
import { trustFindings } from "./codex-trust.ts";
import { connectionFindings } from "./connection.ts";
import { gatherFacts, type Facts } from "./facts.ts";
import { fail, type Finding } from "./finding.ts";
import { firedFindings } from "./hooks-fired.ts";
import { hookFindings, hookStandings } from "./hooks.ts";
import { diskFindings, manifestFindings, nodeFindings, redactionFindings } from "./machine.ts";
import { permissionFindings } from "./permissions.ts";
import { outboxFindings } from "./outbox.ts";
import { scheduleFindings } from "./schedule.ts";
import { serverFindings } from "./server.ts";
import { tokenFindings, variableFindings } from "./tokens.ts";
import { transcriptFindings } from "./transcripts.ts";

/** Looks at all that has to work for this machine's sessions to be archived. Changes nothing. */
export async function examine(
  environment: Environment,
  config: () => Promise<Config>,
  choices: { offline: boolean },
): Promise<Finding[]> {
  let facts: Facts;
  try {
    facts = await gatherFacts(environment, await config(), choices);
  } catch (error) {
    if (!(error instanceof AppError || isSystemError(error))) throw error;
    // Nothing else can be judged without its settings.
    const advice = hintOf(error) ?? "Mend this file, or move it away and run memory-sync install again";
    return [fail("config", error.message, { advice }), ...nodeFindings()];
  }
  return findingsOf(facts);
}

/** In the order in which they are shown: what explains others comes first. */
async function findingsOf(facts: Facts): Promise<Finding[]> {
  const standings = await hookStandings(facts);
  return [
    ...(await serverFindings(facts)),
    ...tokenFindings(facts),
    ...variableFindings(facts),
    ...(await permissionFindings(facts)),
    ...(await connectionFindings(facts)),
    ...(await hookFindings(facts, standings)),
    ...(await firedFindings(facts, standings)),
    ...(await trustFindings(facts, standings)),
    ...(await scheduleFindings(facts)),
    ...(await outboxFindings(facts)),
    ...manifestFindings(facts),
    ...transcriptFindings(facts),
    ...(await diskFindings(facts)),
    ...nodeFindings(),
    ...redactionFindings(facts),
  ];
}
