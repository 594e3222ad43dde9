/** Lets one loop sleep until it is called, or until a time has passed. A call while it is awake is not lost. */
export class Wake {
  #isCalled = false;
  #resolve: (() => void) | undefined;

  call(): void {
    this.#isCalled = true;
    this.#resolve?.();
  }

  async sleep(timeMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeMs);
    this.#resolve = resolve;
    if (this.#isCalled) resolve();
    await promise;
    clearTimeout(timer);
    this.#resolve = undefined;
    this.#isCalled = false;
  }
}
