import { AppError } from "../../contract/errors.ts";
import { isSystemError } from "../../disk/errno.ts";

/** Tidying up after a change that is committed: what the system refuses now is no failure of the change. */
export async function tidy(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof AppError || isSystemError(error))) throw error;
  }
}
