import type { Bench } from "../bench.ts";
import { quantity } from "./numbers.ts";
import type { Table } from "./report.ts";

/** What was searched, and how its index was built. */
export function corpusTables({ corpora, builds }: Bench): Table[] {
  const corpusLines = [...corpora].map(([name, { plan, facts }]) => [
    name,
    `${plan.knowledgeFiles.toLocaleString("en")} (${quantity(facts.knowledgeBytes, "bytes")})`,
    plan.archives.toLocaleString("en"),
    quantity(facts.rawBytes, "bytes"),
    quantity(facts.gzipBytes, "bytes"),
    `${facts.seconds.toFixed(0)} s`,
  ]);
  const buildLines = [...builds].map(([name, build]) =>
    build === undefined
      ? [name, "this server keeps no index", "", "", ""]
      : [
          name,
          `${build.seconds.toFixed(0)} s`,
          quantity(build.bytes.knowledge, "bytes"),
          quantity(build.bytes.sessions, "bytes"),
          build.builtAt.slice(0, 16).replace("T", " "),
        ],
  );
  return [
    {
      title: "What was searched",
      columns: ["corpus", "knowledge files", "sessions", "raw", "as archives", "generated in"],
      lines: corpusLines,
    },
    {
      title: "How the index was built",
      columns: ["corpus", "built in", "index of the knowledge", "index of the sessions", "built at"],
      lines: buildLines,
    },
  ].filter(({ lines }) => lines.length > 0);
}
