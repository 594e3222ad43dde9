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
    /** How long a caller may still send a body that was refused, before its connection is cut. */
    lingerMs: 2 * SECOND,
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
    /** One request's work on the main thread before others get their turn. */
    busyMs: 5,
  },
  slug: { bytes: 64 },
  workspaces: { count: 1000, descriptionBytes: 1000 },
  knowledge: {
    fileBytes: MIB,
    pathBytes: 1024,
    segments: 16,
    segmentBytes: 200,
    filesPerWorkspace: 20_000,
    /** Of a file's beginning, where its title is looked for. */
    titleScanBytes: 4 * KIB,
    titleChars: 200,
    /** Texts held in memory because they were read lately, and the longest of them. */
    knownBytes: 4 * MIB,
    knownFileBytes: 64 * KIB,
    /** A file changed more lately might be changed again without a later time of change. */
    settledMs: 2 * SECOND,
  },
  memories: {
    /** Of one workspace. */
    files: 1000,
    bytes: 64 * MIB,
    /** An image that `view` shows. */
    imageBytes: 3.5 * MIB,
    /** Of a listing or a file's numbered lines, in one answer. */
    viewChars: 16_000,
    /** A file with more lines is not shown. */
    viewLines: 999_999,
    /** Shown around what was replaced, on each side. */
    contextLines: 2,
    /** Lines that are named where a text to replace is not unique. */
    namedLines: 100,
    /** An edit of a file that others change at the same time. */
    tries: 5,
  },
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
    chunkBytes: 192 * KIB,
    /** A longer line is deflated in pieces of this size, which count as one chunk. */
    pieceBytes: MIB,
    firstPromptChars: 200,
    revisions: 100,
    /** Nesting of the JSON line by which an upload is known as a transcript. */
    lineDepth: 1000,
    /** What of a tool's call or result the view `conversation` shows; `raw` shows all. */
    toolChars: 16_000,
    /** A longer line is not shown in the view `conversation`; `raw` shows it. */
    turnLineBytes: MIB,
    /** Raw bytes one page of the view `conversation` looks through for something to show. */
    pageScanBytes: 8 * MIB,
    /** And lines. */
    pageScanLines: 20_000,
    /** Lines parsed for the facts of a transcript; later ones only tell its end and its title. */
    parsedLines: 2000,
    /** Of all those lines together. */
    parsedBytes: 16 * MIB,
    /** A longer line is not parsed for facts but searched for them. */
    parsedLineBytes: 256 * KIB,
    /** Of a longer line nothing is told but its length. */
    searchedLineBytes: 4 * MIB,
    /** A longer line holds no title. */
    titleLineBytes: 4 * KIB,
    /** Deflated bytes of an upload held in memory before they go to a file. */
    spoolMemoryBytes: 2 * MIB,
    /** Raw bytes of an archive that are inflated before their turn, when they will be needed. */
    readAheadBytes: 512 * KIB,
    /** A folder that was changed less than this ago may change again without its time changing. */
    settledMs: SECOND,
    /** Running digests remembered, so that the next tail of a session is all that is hashed. */
    rememberedDigests: 256,
  },
  search: {
    patternBytes: 512,
    hits: 100,
    defaultHits: 20,
    timeMs: 2 * SECOND,
    snippetChars: 300,
    /** Of an answer that is to be explained, for the explanation. */
    explainBytes: 8 * KIB,
    /** Words of a ranked query. */
    words: 32,
    /** Places of a word in one passage that count. */
    wordPlaces: 64,
    /** Documents of a ranked answer, on all its pages together. */
    rankedHits: 2000,
    /** Lines that a ranked hit names in all. */
    lines: 12,
    /** Knowledge files of all workspaces that one search looks at. */
    files: 200_000,
    /** Documents the index is asked for at first by a search for lines; then, or where they are read at once, four and sixteen times as many. */
    firstCandidates: 64,
    /** Files, or passages of sessions, that the index chooses for the first pages of a ranked answer, and for all pages. */
    bestCandidates: 64,
    mostCandidates: 512,
    /** The last part of a search's time, for putting the answer together. */
    wrapUpShare: 0.1,
    /** A regular expression, compiled, and its automaton. */
    expressionBytes: MIB,
    automatonBytes: 10 * MIB,
    /** Of the reason why one was refused. */
    reasonChars: 200,
    /** Text that is matched at once: little at first, so that the newest answers soon. */
    firstBatchBytes: MIB,
    batchBytes: 8 * MIB,
    workers: 4,
    workerHeapBytes: 512 * MIB,
    /** Of that, for what is made and soon forgotten: so much stays taken. */
    workerYoungBytes: 6 * MIB,
    /** A longer line of a transcript is not searched, nor one with more values in its JSON. */
    lineBytes: 16 * MIB,
    lineValues: 500_000,
    /** Text of one line that is searched: so much of its beginning. */
    lineChars: MIB,
    /** Documents that a worker is given at once, and their bytes, unless one alone is longer. */
    jobDocuments: 64,
    jobBytes: 2 * MIB,
    /** What a worker says at once, at most so many messages before they are taken. */
    messageParts: 64,
    messageBytes: MIB,
    messagesAhead: 4,
    textPartChars: 256 * KIB,
    /** Who stops a worker's job gets no more of it after this long. */
    stopGraceMs: 100,
    /** A worker that is still busy after this long is ended. */
    killMs: SECOND,
  },
  index: {
    /** Text of a session that is indexed as one passage, unless one line alone is longer. */
    passageChars: 256 * KIB,
    /** After a file was changed, so long its times do not tell whether it is changed again. */
    settleMs: 2 * SECOND,
    /** Waiting for another connection of the database. */
    busyMs: 5 * SECOND,
    /** Memory for pages of each database, in the thread that writes: with more it is not faster. */
    cacheBytes: 2 * MIB,
    /** Of a database's write-ahead log that stays on disk between two uses. */
    logBytes: 32 * MIB,
    /** The same, while nothing is written. */
    idleLogBytes: MIB,
    /** After so many documents, and such a share of all, the tables are made one piece again, so many pages at a time. */
    tidyDocuments: 200,
    tidyShare: 0.1,
    tidyPages: 128,
    /** One transaction, after which the searches see what is new. */
    batchMs: 100,
    /** Until something is tried again, such as a full disk. */
    retryMs: 5 * SECOND,
    /** How often it is seen that somebody has deleted the index. */
    lookMs: SECOND,
    /** Changes by hand of so long are looked at together. */
    gatherMs: 100,
    /** Sessions that are stored in a row are indexed once none was stored for so long, but at the latest after the other. */
    quietMs: 250,
    longestWaitMs: 5 * SECOND,
    /** So few documents found at once were changed by a person or stored just now: they are indexed before all else. */
    urgentDocuments: 16,
    /** Changes in one folder, with more of which all of it is compared. */
    gatherNames: 64,
    /** Between two comparisons of everything with the disk. */
    walkMs: 10 * MINUTE,
    /** The same, while some folders cannot be watched. */
    unwatchedWalkMs: 30 * SECOND,
    /** Files of a workspace that wait and are searched one by one; with more, all of it is searched by reading. */
    waitingFiles: 1000,
    /** Archives that wait in the thread that writes. */
    waitingArchives: 32,
    /** Bytes of a session that is indexed in between while a long one is. */
    shortArchiveBytes: 4 * MIB,
    /** Memory of the thread that writes, and of that for what is new: with more it would seldom be tidied up. */
    heapBytes: 512 * MIB,
    youngHeapBytes: 8 * MIB,
    /** Until that thread is started again after it died: first, and after it died again and again. */
    restartFirstMs: SECOND,
    restartLastMs: MINUTE,
    /** For which the start of the server waits to learn what is in the index. */
    openMs: 2 * SECOND,
    /** For which it may finish what it is at, when the server ends. */
    closeMs: 2 * SECOND,
    /** Deaths of the thread over one archive, after which that is not tried again. */
    deaths: 2,
    /** Documents that could not be indexed and are named in the status. */
    failures: 20,
    /** The same as busyMs and cacheBytes, in each thread that searches: more makes no search faster. */
    readBusyMs: 100,
    readCacheBytes: MIB,
  },
  answer: {
    defaultBytes: 40_000,
    maxBytes: 400_000,
    pageEntries: 500,
    cursorBytes: 2 * KIB,
    /** Lines of a page of text. */
    lines: 100_000,
    /** What goes around a page of text in an answer: where it comes from, marks, how to go on. */
    frameBytes: 1000,
    /** A date or time that a caller gives. */
    timeChars: 64,
    /** The summary of a workspace, and what of it is shown when the whole ones do not fit. */
    summaryChars: 600,
    shortSummaryChars: 120,
    /** Each of the two global pages beside the list of workspaces. */
    globalPageBytes: 8000,
    /** A failure's text, and what one wrong argument may take of it. */
    errorChars: 2000,
    faultChars: 300,
  },
  metrics: {
    /** Machines whose last report is kept. */
    machines: 1000,
    /** The header in which a client reports. */
    reportBytes: 320,
    /** For which what the search index said of itself is said again. */
    indexFreshMs: 5 * SECOND,
    /** Until what the index or the disk does not say is left out. */
    waitMs: SECOND,
  },
  mcp: {
    /** How long clients may remember what depends on the program only. */
    listsFreshMs: 5 * MINUTE,
    /** How long clients may remember the list of resources. */
    resourcesFreshMs: MINUTE,
    /** Lines that the address of the rest of a resource names. */
    resourceLines: 1000,
    /** Hits of each search that the prompt `recall` attaches. */
    recallHits: 8,
    /** Last lines of a session that the prompt `handoff` attaches. */
    handoffLines: 120,
  },
  tokens: {
    count: 1000,
    nameBytes: 64,
    scopePatterns: 32,
    minimumChars: 16,
    maximumChars: 512,
    saveLastUsedMs: MINUTE,
  },
  joins: {
    /** Join codes that may be redeemed at one time. */
    count: 20,
    /** A join code's life, when nothing else is said. */
    minutes: 15,
    longestMinutes: 24 * 60,
  },
  binding: { lifetimeHours: 24, maximumChars: 1024 },
  storage: {
    reserveBytes: 512 * MIB,
    reserveShare: 0.02,
    /** A JSON file of the server's own. */
    jsonBytes: 64 * MIB,
    /** Earlier contents of such a file that are kept beside it. */
    generations: 3,
  },
  backup: {
    /** Days of which a folder of backups keeps the newest one each, when nothing else is said. */
    keepDays: 14,
    /** For which a folder of backups keeps all of them. */
    keepAllMs: 24 * 60 * MINUTE,
    /** The age at which what a crash left is nobody's any more: an unfinished backup is removed, a temporary file is told by `verify`. */
    unfinishedMs: 24 * 60 * MINUTE,
    /** Until a name is free: backups are named by the second. */
    nameWaitMs: SECOND,
    /** Looks at a knowledge file that is written all the time, before it is taken as its newest version says. */
    fileRounds: 3,
    /** Looks at an archive whose facts do not fit it yet, and the time between two of them. */
    factsTries: 20,
    factsPauseMs: 10,
    /** Files that are flushed at once. */
    flushes: 8,
    /** A tar's header for a long name. */
    headerBytes: MIB,
    /** The list of digests in a backup. */
    digestsBytes: 256 * MIB,
    /** Until what looked wrong is looked at again: somebody may have been writing. */
    lookAgainMs: SECOND,
    /** Findings that are named one by one, of all kinds together. */
    findings: 1000,
  },
  redaction: {
    /** Where one secret touches another, the second shows only once the first is gone. */
    rounds: 4,
    /** What of a long text one pattern sees; what goes on behind it is taken along. */
    windowChars: 16 * KIB,
  },
  client: {
    requestTimeoutMs: 30 * SECOND,
    uploadTimeoutMs: 300 * SECOND,
    retryFirstMs: SECOND,
    retryLastMs: 15 * MINUTE,
    triesBeforeSetAside: 10,
    /** After which Claude Code or Codex ends a hook that stores a session; the short ones only start a worker. */
    hookEndMs: 30 * SECOND,
    hookShortEndMs: 10 * SECOND,
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
    /** Of an answer that is read as a whole. */
    answerBytes: 64 * MIB,
    /** A server's wish to be left alone longer than this is a mistake. */
    retryAfterMs: 24 * 60 * MINUTE,
    /** A job that asks to wait longer than this was written under another clock. */
    longestWaitMs: 25 * 60 * MINUTE,
    /** From the start of its process to the end of a hook. */
    hookFinishMs: 260,
    /** Of that time, for writing the job and starting the worker. */
    hookWriteMs: 60,
    /** For each step of a hook where Node itself takes that long to start. */
    hookStepMs: 60,
    /** After a machine was looked through, the start of a session does not look again for so long. */
    hookCatchUpMs: 10 * MINUTE,
    /** A program of the operating system that `install`, `uninstall` or `doctor` runs. */
    programMs: 20 * SECOND,
    /** A run by the schedule, where systemd or Windows ends it. */
    scheduledRunMs: 60 * MINUTE,
    syncLockWaitMs: 2 * SECOND,
    /** Waiting for whoever else writes credentials.json or setup.json. */
    writerLockWaitMs: 10 * SECOND,
    lockPollMs: 25,
    lockTouchMs: MINUTE,
    /** A lock file that names nobody and is older than this has no living holder. */
    lockNamelessMs: 10 * SECOND,
    /** Passes of one sync while jobs keep arriving. */
    syncRounds: 10,
    /** Answers of an overloaded server in a row that end a sync. */
    overloads: 3,
    /** Files sent before the state is saved. */
    unsavedFiles: 25,
    /** Finished jobs kept for whoever wonders what happened. */
    doneJobs: 100,
    /** A transcript's last line without an end is redacted and sent as it is once its file is so old: nobody will end it. */
    unfinishedLineMs: 24 * 60 * MINUTE,
    /** A log file; the one before it is kept. */
    logBytes: 256 * KIB,
    logLineChars: 2000,
    globChars: 1000,
    /** Folders below a tracked folder, each in the one before. */
    trackedDepth: 32,
    /** Folders below Codex's `sessions` and below a session's `subagents`. */
    transcriptDepth: 4,
    /** Of a name for a project that nobody gave. */
    projectChars: 200,
    /** A file of another program that is edited. */
    editedFileBytes: 64 * MIB,
    /** Values in each other, in such a file. */
    editedDepth: 500,
    /** Tries to edit a file that others write at the same time. */
    editRounds: 3,
    /** Pairs of lines compared for a difference that is shown; of texts with more, one is shown after the other. */
    diffPairs: 4_000_000,
    /** `doctor`: clocks that differ by more are said, by more than the second one are wrong. */
    clockWarnMs: MINUTE,
    clockFailMs: 5 * MINUTE,
    /** `doctor`: what waits to be sent for longer is said, for longer than the second one is wrong. */
    lateWarnMs: 60 * MINUTE,
    lateFailMs: 24 * 60 * MINUTE,
    /** `doctor`: a schedule that has not run for so long, three times the longest period. */
    scheduleLateMs: 180 * MINUTE,
    /** `doctor`: transcripts that are deleted within this time and are not on the server. */
    expiringSoonMs: 7 * 24 * 60 * MINUTE,
    /** `doctor`: tokens that end within this time. */
    tokenEndsSoonMs: 14 * 24 * 60 * MINUTE,
    /** `doctor`: less room than this on the disk of the outbox is wrong. */
    homeFreeBytes: 100 * MIB,
    /** `mcp`: calls under way at a time; others wait. */
    mcpCalls: 16,
    /** `mcp`: until a call is given up that nothing is heard of. */
    mcpAnswerMs: 120 * SECOND,
    /** `mcp`: a binding is renewed at the first call that writes so long before its end. */
    bindingRenewMs: 60 * MINUTE,
    /** `mcp --local`: waiting for whoever else changes the memory. */
    memoriesLockWaitMs: 10 * SECOND,
    /** `mcp --local`: a file, made by hand perhaps, that is read. */
    memoryFileBytes: 64 * MIB,
    /** `mcp --local`: what a crash left is removed once it is so old. */
    memoryLeftoverMs: 60 * MINUTE,
  },
  proxy: {
    /** The body of a request for a message, held in memory, and what it is once decoded. */
    bodyBytes: 64 * MIB,
    /** A JSON answer whose names are put back, held in memory, and what it is once decoded. */
    answerBytes: 64 * MIB,
    /** One event of a stream that is held until it is whole; a longer one goes on as it is. */
    eventBytes: 16 * MIB,
    headBytes: 64 * KIB,
    /** Until a connection to the API is there. */
    connectMs: 10 * SECOND,
    /** From the last byte of a request to the first of its answer. */
    answerMs: 10 * MINUTE,
    /** Without a byte, while a body is sent or an answer comes. */
    idleMs: 2 * MINUTE,
    drainMs: 20 * SECOND,
    /** Connections to the API, open at a time. */
    sockets: 256,
    /** Answers in threads whose names are remembered, for requests that go on from them without their tools. */
    threadAnswers: 1000,
    /** Names of tools in a line of the log. */
    loggedTools: 50,
    /** UTF-16 units of a path in a line of the log. */
    loggedPathChars: 200,
    /** The file of replacements for system prompts. */
    patchesBytes: MIB,
  },
} as const;
