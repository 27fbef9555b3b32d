/** One server for all tests of the package, as `npm start` runs it. */
import { createSite, startServerProcess } from '@letterlock/e2e/server-process'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    managementUrl: string
    apiUrl: string
    rootKey: string
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const site = await createSite()
  const server = await startServerProcess(site).catch((error: unknown) => {
    site.remove()
    throw error
  })
  const { managementUrl, apiUrl, rootKey } = server.dev()
  project.provide('managementUrl', managementUrl)
  project.provide('apiUrl', apiUrl)
  project.provide('rootKey', rootKey)
  return async () => {
    await server.kill('SIGTERM')
    site.remove()
  }
}
