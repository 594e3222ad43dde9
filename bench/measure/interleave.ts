import { NoiseMeter, type Noise } from "./noise.ts";
import { summaryOf, type Summary } from "./statistics.ts";

/** Does the thing once and gives how much it took, in the unit of the row. Throws when the answer was wrong. */
export type Trial = () => Promise<Measured>;

/** A number, or one with the reason why it does not count: an answer that left something out took no comparable time. */
export type Measured = number | { value: number; flaw: string };

/** Something of ours and its baseline, measured in turn in one run, so that what disturbs one disturbs the other. */
export interface Comparison {
  label: string;
  ours: Summary;
  baseline: Summary;
  noise: Noise;
  /** Why measurements of ours do not count, with how often; none when all do. */
  flaws: string[];
}

/** How often each side has its turn. */
export interface Turns {
  /** Times that each is measured. */
  rounds: number;
  /** Rounds before the first that counts; caches and compilers get warm in them. */
  warmUp: number;
}

/** Measures ours, by label, and the baseline in turn: A B A B …, after the warm-up. One at a time. */
export async function interleave(
  ours: Readonly<Record<string, Trial>>,
  baseline: Trial,
  { rounds, warmUp }: Turns,
): Promise<Comparison[]> {
  const all = Object.entries(ours);
  for (let round = 0; round < warmUp; round += 1)
    for (const trial of [...Object.values(ours), baseline]) await trial();
  const meter = new NoiseMeter();
  const taken = new Map(all.map(([label]) => [label, emptyList()]));
  const compared: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    meter.sample();
    for (const [label, trial] of all) taken.get(label)?.push(await trial());
    meter.sample();
    compared.push(valueOf(await baseline()));
  }
  const common = { baseline: summaryOf(compared), noise: meter.read() };
  return [...taken].map(([label, measured]) => ({
    label,
    ours: summaryOf(measured.map(valueOf)),
    flaws: flawsOf(measured),
    ...common,
  }));
}

/** Milliseconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function emptyList(): Measured[] {
  return [];
}

function valueOf(measured: Measured): number {
  return typeof measured === "number" ? measured : measured.value;
}

function flawsOf(taken: readonly Measured[]): string[] {
  const flaws = taken.flatMap((measured) => (typeof measured === "number" ? [] : [measured.flaw]));
  return [...Map.groupBy(flaws, (flaw) => flaw)].map(
    ([flaw, times]) => `${times.length} of ${taken.length}: ${flaw}`,
  );
}
