/**
 * One value for all `anthropic-beta` headers of a request, with the wanted betas added: sorted, each once. Undefined when the
 * headers name all of them already: they stay as they were sent.
 */
export function mergedBeta(values: readonly string[], wanted: string): string | undefined {
  const sent = new Set(values.flatMap(betasOf));
  const all = new Set([...sent, ...betasOf(wanted)]);
  return all.size === sent.size ? undefined : [...all].sort().join(", ");
}

function betasOf(value: string): string[] {
  return value
    .split(",")
    .map((beta) => beta.trim())
    .filter((beta) => beta !== "");
}
