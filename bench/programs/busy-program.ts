/** Keeps one processor busy for as many milliseconds as its argument says: it ends even when nobody ends it. */
const until = performance.now() + Number(process.argv[2]);
while (performance.now() < until);
