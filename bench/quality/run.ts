import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { indexReady } from "../programs/index-watch.ts";
import { MemoryServer } from "../programs/memory-server.ts";
import { beamQuestions, exchangeOf, isHeldOut } from "./beam.ts";
import { shippedQuestions, SIZES } from "./corpus.ts";
import { writeMemory } from "./memory.ts";
import { ourEngine } from "./our-engine.ts";
import { plainFts, ripgrepAll } from "./plain-engines.ts";
import type { Engine, QuestionSet } from "./question.ts";
import { BY_DOCUMENT, BY_LINE, scoreOf, type Answered, type Measure, type Score } from "./score.ts";

/** One line of the table. */
export interface QualityRow extends Score {
  /** Which questions were asked, and what counts as found. */
  corpus: string;
  /** The kind of question; "all" for all of them together. */
  category: string;
  engine: string;
}

interface Run {
  /** A folder with BEAM-100K; without it only the shipped corpus is asked. */
  beamFolder?: string | undefined;
  progress?: (text: string) => void;
}

/** The product, among the engines. */
export const OURS = "ours";

type Answers = ReadonlyMap<string, readonly Answered[]>;
/** Read with the other lines that its hits name, as a plain table names several lines of one session. */
export const OTHER_LINES = `${OURS}, other lines too`;

/** Asks every question of the shipped corpus, and of BEAM if it is there, of the product and of plain tools. */
export async function runQuality({ beamFolder, progress = () => {} }: Run): Promise<QualityRow[]> {
  const shipped = await answersOf(shippedQuestions(SIZES.whole), progress);
  const byDocument = new Map([...shipped].filter(([engine]) => engine !== OTHER_LINES));
  const rows = [
    ...rowsOf("shipped, right line", shipped, BY_LINE),
    ...rowsOf("shipped, right session or file", byDocument, BY_DOCUMENT),
  ];
  return beamFolder === undefined ? rows : [...rows, ...(await beamRows(beamFolder, progress))];
}

/** The two tables by which the aim on BEAM is judged: all its questions, and those that no weight was fitted on. */
export const BEAM = {
  whole: "BEAM-100K, right exchange",
  heldOut: "BEAM-100K, right exchange, half not fitted on",
} as const;

const BY_EXCHANGE: Measure = { keyOf: exchangeOf, once: false };

async function beamRows(folder: string, progress: (text: string) => void): Promise<QualityRow[]> {
  const within = await answersOf(beamQuestions(folder, { scope: "conversation" }), progress);
  const everywhere = await answersOf(beamQuestions(folder, { scope: "everything" }), progress);
  return [
    ...rowsOf(BEAM.whole, within, BY_EXCHANGE),
    ...rowsOf("BEAM-100K, right turn", within, BY_LINE),
    ...rowsOf(BEAM.heldOut, heldOut(within), BY_EXCHANGE),
    ...rowsOf("BEAM-100K, right turn, half not fitted on", heldOut(within), BY_LINE),
    ...rowsOf("BEAM-100K, right exchange, all 20 conversations at once", everywhere, BY_EXCHANGE),
  ];
}

function heldOut(answers: Answers): Answers {
  return new Map(
    [...answers].map(([name, answered]) => [name, answered.filter(({ question }) => isHeldOut(question))]),
  );
}

/** What every engine answers. */
async function answersOf(set: QuestionSet, progress: (text: string) => void): Promise<Answers> {
  const plain = [
    ripgrepAll(set),
    plainFts(set, { only: "all turns" }),
    plainFts(set, { only: "user turns" }),
  ];
  const answers = new Map<string, Answered[]>();
  for (const engine of plain) answers.set(engine.name, await askAll(engine, set));
  progress(`asking ${set.questions.length} questions`);
  const ask = async ({ ai }: MemoryServer) => {
    answers.set(OURS, await askAll(ourEngine(ai, set), set));
    if (set.read === "shown") answers.set(OTHER_LINES, await askAll(ourEngine(ai, { read: "all" }), set));
  };
  await withProduct(set, ask, progress);
  return answers;
}

/** Asks the product every question of the set. */
export async function askProduct(set: QuestionSet): Promise<Answered[]> {
  return withProduct(set, ({ ai }) => askAll(ourEngine(ai, set), set));
}

/** Starts the product's server over the documents and waits for its index, if it has one, before it is asked. */
export async function withProduct<T>(
  set: QuestionSet,
  ask: (server: MemoryServer) => Promise<T>,
  progress: (text: string) => void = () => {},
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), "federated-memory-quality-"));
  try {
    await writeMemory(root, set);
    await using server = await MemoryServer.start(root);
    await indexReady(server, progress);
    return await ask(server);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function askAll(engine: Engine, { questions }: QuestionSet): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (const question of questions) answered.push({ question, places: await engine.ask(question) });
  return answered;
}

function rowsOf(corpus: string, answers: Answers, measure: Measure): QualityRow[] {
  return [...answers].flatMap(([engine, answered]) => {
    const groups = [
      ["all", answered] as const,
      ...Map.groupBy(answered, ({ question }) => question.category),
    ];
    return groups.map(([category, some]) => ({ corpus, category, engine, ...scoreOf(some, measure) }));
  });
}
