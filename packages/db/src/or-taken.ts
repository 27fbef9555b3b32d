/** What the write answers; `taken` when a unique index forbids it. The transaction can only be rolled back then. */
export async function orTaken<T>(write: () => Promise<T>): Promise<T | 'taken'> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '23505') return 'taken'
    throw error
  }
}
