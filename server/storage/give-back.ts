/**
 * Frees the memory of bytes that nobody will look at again. Left to the garbage collector, so many large buffers make it look
 * through all of the heap again and again. They are empty afterwards, and so is whatever else shares their memory.
 */
export function giveBack({ buffer }: Buffer): void {
  // Node keeps that of small buffers for many of them.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}
