import type { TestServer } from "./server.ts";

export const METRICS_TOKEN = "test-metrics-token-0123456789abcdef";

/** What `/metrics` said at one moment. */
export class Scrape {
  readonly text: string;
  /** By name and labels, as they are written. */
  readonly series: ReadonlyMap<string, number>;

  constructor(text: string) {
    this.text = text;
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    this.series = new Map(
      lines.map((line) => {
        const end = line.lastIndexOf(" ");
        return [line.slice(0, end), Number(line.slice(end + 1).replace("Inf", "Infinity"))];
      }),
    );
  }

  /** Names that a query may hold: of metrics, and with the suffixes of histograms and summaries. */
  get names(): ReadonlySet<string> {
    const types = [...this.text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    const suffixes: Record<string, readonly string[]> = {
      histogram: ["_bucket", "_sum", "_count"],
      summary: ["", "_sum", "_count"],
    };
    return new Set(
      types.flatMap(([, name = "", type = ""]) => (suffixes[type] ?? [""]).map((suffix) => name + suffix)),
    );
  }

  /** What has grown since an earlier one, but for buckets, sums of times and what the process uses. */
  since(earlier: Scrape): Record<string, number> {
    const counted = [...this.series].filter(([key]) => /_(?:total|count)(?:\{|$)/.test(key));
    const grown = counted.map(([key, value]) => [key, value - (earlier.series.get(key) ?? 0)] as const);
    return Object.fromEntries(grown.filter(([, growth]) => growth > 0));
  }
}

export async function scrape(server: Pick<TestServer, "url">, token = METRICS_TOKEN): Promise<Scrape> {
  const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
  return new Scrape(await answer.text());
}
