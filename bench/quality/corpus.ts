import { randomOf, seedOf, type Random } from "../generate/random.ts";
import { readKnowledge, usualFiles } from "./knowledge.ts";
import { UsualSteps } from "./usual-steps.ts";
import {
  placeOf,
  type AskedSession,
  type Place,
  type Question,
  type QuestionSet,
  type SaidLine,
} from "./question.ts";
import { storiesIn, type Said, type Story } from "./story.ts";
import { isToldIn, TRADES, tradeOf } from "./trades.ts";
import { transcriptLines } from "./transcript-lines.ts";

/** Files of `stories/` that hold questions; `everyday.txt` is what else happens. */
const STORY_FILES = [
  "web.txt",
  "backend.txt",
  "infra.txt",
  "data.txt",
  "devices.txt",
  "sequels.txt",
  "chinese.txt",
];
const MACHINES = ["laptop", "desktop"];
const SEED = 20_261_121;
const FIRST_DAY_MS = Date.UTC(2026, 1, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = 240;

interface Size {
  /** Of so many stories one is taken: 1 takes all. Those that follow upon each other stay together. */
  every: number;
  /** Sessions in which nothing happens that is asked about, and as many knowledge files. */
  others: number;
}

/** All of it, or enough to notice when something broke. */
export const SIZES = {
  whole: { every: 1, others: 200 },
  sample: { every: 4, others: 30 },
} as const satisfies Record<string, Size>;

/** The shipped corpus: the same for everyone. */
export function shippedQuestions({ every, others }: Size): QuestionSet {
  const everyday = storiesIn("everyday.txt");
  const stories = STORY_FILES.flatMap((file) => kept(storiesIn(file), every));
  const told = stories.map((story, index) => tell(index, { everyday, story }));
  const rest = Array.from({ length: others }, (_, index) => tell(10_000 + index, { everyday }));
  const places = new Map(told.flatMap(({ marks }) => marks));
  const knowledge = readKnowledge();
  return {
    sessions: [...told, ...rest].map(({ session }) => session),
    files: [...knowledge.files, ...usualFiles(others, everyday)],
    questions: [...stories.flatMap((story) => questionsOf(story, places)), ...knowledge.questions],
    read: "shown",
  };
}

/** Every so many of the groups whose names begin alike: a story may go on in another session. */
function kept(stories: readonly Story[], every: number): Story[] {
  const groups = [...new Set(stories.map(groupOf))];
  const taken = new Set(groups.filter((_, index) => index % every === 0));
  return stories.filter((story) => taken.has(groupOf(story)));
}

function groupOf({ id }: Story): string {
  return id
    .split("-")
    .slice(0, id.startsWith("zh-") ? 2 : 1)
    .join("-");
}

function questionsOf(story: Story, places: ReadonlyMap<string, Place>): Question[] {
  return story.questions.map(({ category, wanted, text }) => ({
    category,
    text,
    wanted: wanted.map((group) =>
      group.map((mark) => placeFor(mark.includes(".") ? mark : `${story.id}.${mark}`, places)),
    ),
  }));
}

function placeFor(mark: string, places: ReadonlyMap<string, Place>): Place {
  const place = places.get(mark);
  if (place === undefined) throw new Error(`no line is marked ${mark}`);
  return place;
}

interface Told {
  session: AskedSession;
  /** Where the marks of the story stand, by `story.mark`. */
  marks: (readonly [string, Place])[];
}

/** A session in which a story happens, or only the usual things. */
function tell(number: number, { everyday, story }: { everyday: readonly Story[]; story?: Story }): Told {
  const random = randomOf(seedOf(SEED, number));
  const project = story?.project ?? random.pick(Object.keys(TRADES));
  const client = story?.client ?? random.pick(["claude-code", "codex"] as const);
  const startMs = momentOf(story, random);
  const sessionId = random.uuid();
  const said = saidIn(project, { everyday, story, random });
  const frame = { random, sessionId, cwd: `/home/dev/projects/${project}`, now: clock(startMs, random) };
  const lines = transcriptLines(client, said, frame);
  const session: AskedSession = {
    workspace: { machine: random.pick(MACHINES), tool: client, project },
    sessionId,
    started: new Date(startMs).toISOString(),
    raw: lines.map(({ line }) => `${line}\n`).join(""),
    said: lines.flatMap((line, index) => (line.said === undefined ? [] : [saidLine(line.said, index + 1)])),
  };
  const marks = lines.flatMap(({ said: each }, index) =>
    each?.mark === undefined ? [] : [[`${story?.id}.${each.mark}`, placeOf(sessionId, index + 1)] as const],
  );
  return { session, marks };
}

function momentOf(story: Story | undefined, random: Random): number {
  const dayMs = story === undefined ? FIRST_DAY_MS + random.integer(DAYS) * DAY_MS : Date.parse(story.day);
  return dayMs + random.integer(DAY_MS);
}

function clock(startMs: number, random: Random): () => string {
  let timeMs = startMs;
  return () => {
    timeMs += 1000 + random.integer(20_000);
    return new Date(timeMs).toISOString();
  };
}

const ROLES = {
  user: "user",
  assistant: "assistant",
  thinking: "thinking",
  command: "tool_call",
  result: "tool_result",
} as const;

function saidLine({ by, text }: Said, line: number): SaidLine {
  return { line, role: ROLES[by], text };
}

interface Scene {
  everyday: readonly Story[];
  story?: Story | undefined;
  random: Random;
}

/** Some usual things, the story, some usual things; in between the model looks around. */
function saidIn(project: string, { everyday, story, random }: Scene): Said[] {
  const steps = new UsualSteps(random, tradeOf(project));
  const usual = everyday.filter(({ id }) => isToldIn(id, project));
  const some = (most: number) =>
    Array.from({ length: random.integer(most + 1) }, () =>
      random.pick(usual).said.map((said) => filled(said, steps)),
    );
  const told =
    story === undefined
      ? [...some(1), ...some(2), random.pick(usual).said.map((said) => filled(said, steps))]
      : [story.said];
  return [...some(1), ...told, ...some(2)].flatMap((episode) => withSteps(episode, steps, random));
}

function filled(said: Said, steps: UsualSteps): Said {
  return { ...said, text: steps.fill(said.text) };
}

/** So many steps at most the model takes before it answers. */
const STEPS = 12;

function withSteps(episode: readonly Said[], steps: UsualSteps, random: Random): Said[] {
  return episode.flatMap((said) => {
    const count = said.by === "assistant" ? random.integer(STEPS) : 0;
    return [...Array.from({ length: count }, () => steps.step()).flat(), said];
  });
}
