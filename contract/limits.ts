/**
 * Every byte, time, count and depth the programs allow, in one table. A limit is inclusive: the value itself
 * passes, one more is refused. Units are the suffix of the name.
 */
const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const LIMITS = {
  http: {
    headBytes: 16 * KIB,
    headLines: 100,
    headTimeoutMs: 10 * SECOND,
    idleTimeoutMs: 10 * SECOND,
    requestTimeoutMs: 20 * SECOND,
    uploadTimeoutMs: 300 * SECOND,
    uploadMinBytesPerSecond: 1000,
    connectionsCheckMs: 2 * SECOND,
    drainMs: 20 * SECOND,
    /** Bodies held in memory, of all requests together. */
    bufferedBytes: 128 * MIB,
    connections: 1000,
  },
  json: { bodyBytes: 4 * MIB, depth: 64, elements: 50_000 },
  rate: {
    /** Requests of one token per minute. */
    requestsPerMinute: 6000,
    /** Failed authentications of one address per minute. */
    failuresPerMinute: 10,
    /** Addresses remembered for the failure count. */
    addresses: 10_000,
  },
  concurrency: {
    searches: 4,
    searchQueue: 16,
    uploads: 4,
    uploadQueue: 16,
    queueWaitMs: 10 * SECOND,
    fileReads: 16,
  },
  slug: { bytes: 64 },
  workspaces: { count: 1000, descriptionBytes: 1000 },
  knowledge: { fileBytes: MIB, pathBytes: 1024, segments: 16, segmentBytes: 200, filesPerWorkspace: 20_000 },
  overview: { fileBytes: 256 * KIB },
  versions: { newest: 50, allForDays: 30, dailyForDays: 365 },
  sessions: {
    idBytes: 128,
    gzipBytes: 256 * MIB,
    rawBytes: 2 * GIB,
    lineBytes: 64 * MIB,
    /** Inflated bytes per deflated byte, once `ratioGraceBytes` have come out. */
    inflateRatio: 200,
    ratioGraceBytes: 8 * MIB,
    chunkBytes: 128 * KIB,
    firstPromptChars: 200,
    revisions: 100,
    /** Nesting of the JSON line by which an upload is known as a transcript. */
    lineDepth: 1000,
    /** What of a tool's call or result the view `conversation` shows; `raw` shows all. */
    toolChars: 16_000,
    /** Raw bytes one page of the view `conversation` looks through for something to show. */
    pageScanBytes: 8 * MIB,
  },
  search: { patternBytes: 512, hits: 100, defaultHits: 20, timeMs: 2 * SECOND, snippetChars: 300 },
  answer: { defaultBytes: 40_000, maxBytes: 400_000, pageEntries: 500, cursorBytes: 2 * KIB },
  tokens: { count: 1000, nameBytes: 64, scopePatterns: 32, minimumChars: 16, maximumChars: 512 },
  binding: { lifetimeHours: 24 },
  storage: { reserveBytes: 512 * MIB, reserveShare: 0.02 },
  client: {
    requestTimeoutMs: 30 * SECOND,
    uploadTimeoutMs: 300 * SECOND,
    retryFirstMs: SECOND,
    retryLastMs: 15 * MINUTE,
    triesBeforeSetAside: 10,
    hookStdinBytes: MIB,
    hookStdinMs: 150,
    claimStaleMs: 60 * MINUTE,
    trackedFiles: 20_000,
    /** Transcripts of one machine. */
    transcripts: 200_000,
    /** Bytes of a transcript that are read to learn its session and folder. */
    transcriptHeadBytes: 16 * MIB,
    /** Bytes of a repository's config file. */
    gitConfigBytes: MIB,
  },
} as const;
