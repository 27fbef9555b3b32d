import { isRetryable } from './database-failure.ts'

/** Runs a transaction again, twice at most, that the database gave up for another one (deadlock, serialization failure). */
export async function retryConflicts<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      if (!isRetryable(error) || attempt === 3) throw error
    }
  }
}
