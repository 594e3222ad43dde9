const IMAGES = [
  { mimeType: "image/png", ending: /\.png$/i, signature: Buffer.from("89504e470d0a1a0a", "hex") },
  { mimeType: "image/jpeg", ending: /\.jpe?g$/i, signature: Buffer.from("ffd8ff", "hex") },
];

/** The type of an image that models can see, by its name and by how its bytes begin; undefined for everything else. */
export function imageTypeOf(path: string, bytes: Buffer): string | undefined {
  return IMAGES.find(
    ({ ending, signature }) => ending.test(path) && bytes.subarray(0, signature.length).equals(signature),
  )?.mimeType;
}
