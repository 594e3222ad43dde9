/** A file that is not as a backup says. */
interface Difference {
  id: "manifest.missing" | "manifest.extra" | "manifest.differs";
  path: string;
  what: string;
}

/** How the files that are there differ from those a backup names, by path. */
export function* manifestDifferences(
  named: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): Generator<Difference> {
  for (const [path, digest] of named) {
    const present = found.get(path);
    if (present === undefined)
      yield { id: "manifest.missing", path, what: "the backup names it, but it is not there" };
    else if (present !== digest)
      yield { id: "manifest.differs", path, what: "its bytes are not those that were backed up" };
  }
  for (const path of found.keys())
    if (!named.has(path))
      yield { id: "manifest.extra", path, what: "it is there, but the backup does not name it" };
}
