import type { CorpusName, Row } from "../bench.ts";
import { counted, unmeasured, type Finding } from "../measure/finding.ts";

const GATE = { timesBaseline: 0.5 };

/** How much disk the index of the sessions takes beside the archives it was made from. */
export const indexSize: Row = {
  name: "index-size",
  title: "Size of the session index",
  baseline: "the bytes of the archives",
  remark:
    "Three-character grams take most of it; only distinct ones of a passage are kept, without places, and no text is stored. Words of users are kept a second time, with a mark, for the ranking. Few archives have many words that occur once, so a small index is larger beside them.",
  async run(bench) {
    const findings: Finding[] = [];
    for (const name of ["small", "large"] as const satisfies CorpusName[]) {
      const { plan, facts } = await bench.corpus(name);
      await bench.server(name);
      // Started anew, so that no log of the building lies beside it.
      await bench.quiet();
      await bench.server(name);
      const label = `${plan.archives} archives`;
      const build = bench.builds.get(name);
      findings.push(
        build === undefined
          ? unmeasured(label, "bytes", { why: "this server keeps no index", gate: GATE })
          : counted(label, "bytes", { ours: build.bytes.sessions, baseline: facts.gzipBytes, gate: GATE }),
      );
    }
    return findings;
  },
};
