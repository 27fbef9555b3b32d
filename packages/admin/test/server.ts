/** One server for all tests of the package, as `npm start` runs it. */
import { createSite, startServerProcess } from '@letterlock/e2e/server-process'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    managementUrl: string
    rootKey: string
    /** Of a program that calls the server as its documents say. */
    environment: NodeJS.ProcessEnv
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const site = await createSite()
  const server = await startServerProcess(site).catch((error: unknown) => {
    site.remove()
    throw error
  })
  const { managementUrl, apiUrl, rootKey, liveKey, workspaceId } = server.dev()
  project.provide('managementUrl', managementUrl)
  project.provide('rootKey', rootKey)
  project.provide('environment', {
    PATH: process.env.PATH, LETTERLOCK_MANAGEMENT_URL: managementUrl, LETTERLOCK_ROOT_KEY: rootKey,
    LETTERLOCK_BASE_URL: apiUrl, LETTERLOCK_API_KEY: liveKey, WORKSPACE_ID: workspaceId,
  })
  return async () => {
    await server.kill('SIGTERM')
    site.remove()
  }
}
