/** Questions to somebody who may be gone before the answer: then the answer is undefined. */
export class Questions<Answer> {
  readonly #open = new Map<number, (answer: Answer | undefined) => void>();
  #lastNumber = 0;

  /** `ask` sends the question with a number that the answer will have. */
  async ask(ask: (number: number) => void): Promise<Answer | undefined> {
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    this.#lastNumber += 1;
    this.#open.set(this.#lastNumber, resolve);
    ask(this.#lastNumber);
    return promise;
  }

  answer(number: number, answer: Answer): void {
    this.#open.get(number)?.(answer);
    this.#open.delete(number);
  }

  /** Nobody answers any more. */
  end(): void {
    for (const resolve of this.#open.values()) resolve(undefined);
    this.#open.clear();
  }
}
