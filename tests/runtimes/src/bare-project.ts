/** One bare project and one server for all tests, as `npm start` runs it. */
import { createSite, startServerProcess } from '@letterlock/e2e/server-process'
import type { TestProject } from 'vitest/node'
import { createBareProject } from './packed-packages.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the bare project. */
    folder: string
    /** Of a program that calls the server, as its documents say. */
    environment: Record<string, string>
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [bare, site] = await Promise.all([createBareProject(), createSite()])
  const removeAll = async () => {
    site.remove()
    await bare.remove()
  }
  const server = await startServerProcess(site).catch(async (error: unknown) => {
    await removeAll()
    throw error
  })
  const { apiUrl, liveKey, managementUrl, rootKey } = server.dev()
  project.provide('folder', bare.folder)
  project.provide('environment', {
    LETTERLOCK_BASE_URL: apiUrl, LETTERLOCK_API_KEY: liveKey, LETTERLOCK_MANAGEMENT_URL: managementUrl, LETTERLOCK_ROOT_KEY: rootKey,
  })
  return async () => {
    await server.kill('SIGTERM')
    await removeAll()
  }
}
