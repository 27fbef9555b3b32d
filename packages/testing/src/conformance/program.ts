/** What a program is started with, for each scenario anew. */
export interface ProgramSetup {
  readonly baseUrl: string
  /** The key as it is now in the place where a program finds it: its operators put the next one there. */
  readonly readKey: () => string
  /** Secrets of the webhooks that it gets. */
  readonly webhookSecrets: readonly string[]
}

/** A program that calls the API. */
export interface Program {
  /** A piece of its work, with at least one call. Rejects when it could not be done. */
  readonly work: () => Promise<unknown>
  /** Its receiver of webhooks, when it has one. */
  readonly receiveWebhook?: (request: Request) => Response | Promise<Response>
  readonly stop?: () => void | Promise<void>
}

export type StartProgram = (setup: ProgramSetup) => Program | Promise<Program>
