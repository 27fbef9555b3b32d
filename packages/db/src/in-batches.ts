/** A question that waits for the end of the turn. */
interface Waiting<Question, Answer> {
  readonly question: Question
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Answers what is asked in one turn of the event loop together, in batches of at most so many. Nobody waits for more
 * than the turn's own end: under little load a batch is one question, under much load one answer serves many.
 * @param answerAll one answer for each question, in their order; what it throws is thrown to all of the batch
 */
export function inBatches<Question, Answer>(
  answerAll: (questions: readonly Question[]) => Promise<readonly Answer[]>, maxBatch: number,
): (question: Question) => Promise<Answer> {
  let waiting: Waiting<Question, Answer>[] = []

  function endTurn(): void {
    const all = waiting
    waiting = []
    for (let start = 0; start < all.length; start += maxBatch) send(all.slice(start, start + maxBatch))
  }

  function send(batch: readonly Waiting<Question, Answer>[]): void {
    answerAll(batch.map(({ question }) => question)).then(
      (answers) => batch.forEach(({ resolve }, index) => resolve(answers[index] as Answer)),
      (error: unknown) => batch.forEach(({ reject }) => reject(error)),
    )
  }

  return (question) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ question, resolve, reject }) === 1) setImmediate(endTurn)
    })
}
