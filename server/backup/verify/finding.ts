/** What `verify` can find, and whether it is damage (`fail`) or only worth knowing (`note`). */
const FINDINGS = {
  "archive.damaged": "fail",
  "archive.unreadable": "fail",
  "archive.missing": "fail",
  "facts.differ": "fail",
  "facts.missing": "note",
  "alias.short": "fail",
  "version.damaged": "fail",
  "version.missing": "note",
  "version.empty": "note",
  "current.differs": "fail",
  "current.edited": "note",
  "identity.damaged": "fail",
  "registry.differs": "fail",
  "registry.behind": "note",
  "folder.orphan": "note",
  "format.missing": "fail",
  "tokens.damaged": "fail",
  "joins.damaged": "fail",
  "key.damaged": "fail",
  "file.unreadable": "fail",
  "place.lost": "fail",
  "name.unreadable": "fail",
  link: "note",
  device: "note",
  mode: "note",
  "temp.old": "note",
  "manifest.missing": "fail",
  "manifest.extra": "fail",
  "manifest.differs": "fail",
  "against.missing": "fail",
  "against.differs": "fail",
  "against.edited": "note",
  "against.gone": "note",
} as const;
type FindingId = keyof typeof FINDINGS;

/** One thing that is not as it should be. The path is below the store; nothing of what is stored is said. */
export interface Finding {
  id: FindingId;
  state: "fail" | "note";
  path: string;
  what: string;
}

/** Looks at one part of a store, as often as it is called. */
export type Look = () => Finding[] | Promise<Finding[]>;

export function finding(id: FindingId, path: string, what: string): Finding {
  return { id, state: FINDINGS[id], path, what };
}
