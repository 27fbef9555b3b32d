/** The function, which is not run again for what it was asked last. What it throws is not kept. */
export function lastAnswer<A, R>(ask: (argument: A) => R): (argument: A) => R {
  let last: { readonly argument: A; readonly answer: R } | undefined
  return (argument) => {
    if (last?.argument !== argument || !last) last = { argument, answer: ask(argument) }
    return last.answer
  }
}
