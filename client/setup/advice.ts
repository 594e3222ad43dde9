import type { Reason, RefusalKind } from "../edit/edit.ts";

export type Doing = "install" | "uninstall";

const WAYS_OUT: Record<RefusalKind, (doing: Doing) => string> = {
  taken: () => "take it out, or give ours another name with --name",
  unreadable: (doing) =>
    doing === "install"
      ? "mend the file and run install again"
      : "mend the file and run uninstall again, or take out by hand what is ours there: it names memory-sync",
  unfit: (doing) => `change that and run ${doing} again`,
  file: (doing) => `put that right and run ${doing} again`,
  changed: (doing) => `run ${doing} again`,
};

/** Why a file is left as it is, and what a person may do about it. */
export function withAdvice({ kind, why }: Reason, doing: Doing): string {
  return `${why}; ${WAYS_OUT[kind](doing)}`;
}
