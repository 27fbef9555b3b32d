import { readFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { createTestDatabase } from '../src/testing.ts'
import { generateSchema, schemaPath } from './generate-schema.ts'

const database = await createTestDatabase()
afterAll(() => database.drop())

test('src/schema.ts is what the migrations make (npm run generate)', async () => {
  expect(await readFile(schemaPath, 'utf8')).toBe(await generateSchema(database.db))
})
