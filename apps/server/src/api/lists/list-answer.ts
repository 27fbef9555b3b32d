import type { AnswerOf } from '@letterlock/contract'
import type { lists } from '@letterlock/db'

/** A stored list as the wire shows it. */
export function listAnswer(list: lists.List): AnswerOf<'lists.get'>['body'] {
  const { description, createdAt, updatedAt, ...rest } = list
  return {
    ...rest,
    ...(description !== null && { description }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
