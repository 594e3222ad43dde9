/** A text that is planted in known documents, so that an answer can be checked. */
export interface Needle {
  name: string;
  /** What is looked for. */
  query: string;
  /** What is planted, in a sentence of its own. */
  planted: string;
  /** It is in one of so many documents; in none when infinite. */
  oneIn: number;
}

/** The needles of the knowledge files. No other text holds them. */
export const KNOWLEDGE_NEEDLES = {
  rare: {
    name: "rare word",
    query: "quorumvexil",
    planted: "the quorumvexil was tripped by hand",
    oneIn: 3333,
  },
  phrase: {
    name: "phrase",
    query: "lease expires before the heartbeat",
    planted: "it happens whenever the lease expires before the heartbeat has arrived",
    oneIn: 200,
  },
  frequent: {
    name: "frequent word",
    query: "timeout",
    planted: "raise the timeout and look again",
    oneIn: 5,
  },
  part: { name: "part of a word", query: "ebalanci", planted: "after rebalancing it was quiet", oneIn: 100 },
  chinese: { name: "Chinese word", query: "分布式锁", planted: "这里用了分布式锁来保护", oneIn: 130 },
  absent: { name: "absent word", query: "xylophonequartz", planted: "", oneIn: Infinity },
} as const satisfies Record<string, Needle>;

/** The needles of the sessions. A person, the model or a tool says them. */
export const SESSION_NEEDLES = {
  rare: { name: "rare word", query: "zephyrgasket", planted: "why does zephyrgasket fail here?", oneIn: 500 },
  frequent: {
    name: "frequent word",
    query: "deadline",
    planted: "the deadline was exceeded again",
    oneIn: 5,
  },
  pair: {
    name: "two words",
    query: "vermilion checksum",
    planted: "the vermilion build has a wrong checksum",
    oneIn: 100,
  },
  chinese: { name: "Chinese word", query: "幂等", planted: "这个接口必须是幂等的", oneIn: 50 },
  absent: { name: "absent word", query: "marzipanoscope", planted: "", oneIn: Infinity },
} as const satisfies Record<string, Needle>;

/**
 * A regular expression that no text matches, so all is read to its end; and no three characters in a row are few enough to
 * look up.
 */
export const UNINDEXABLE = "[a-z]{25}[A-Z]{9}[a-z]{25}";

/** The needles that document number `index` holds. */
export function needlesOf(needles: Record<string, Needle>, index: number): Needle[] {
  return Object.values(needles).filter((needle) => holds(needle, index));
}

/** How many of the documents 0 to `count` - 1 hold it. */
export function holders({ oneIn }: Needle, count: number): number {
  if (!Number.isFinite(oneIn)) return 0;
  const first = placeIn(oneIn);
  return count <= first ? 0 : Math.floor((count - 1 - first) / oneIn) + 1;
}

function holds({ oneIn }: Needle, index: number): boolean {
  return Number.isFinite(oneIn) && index % oneIn === placeIn(oneIn);
}

/** Early, so that a small corpus holds every needle at least once. */
function placeIn(oneIn: number): number {
  return Math.min(17, oneIn - 1);
}
