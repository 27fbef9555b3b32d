import { newWebhookSecret } from 'letterlock/webhooks'
import { faultScenarios } from './fault-scenarios.ts'
import { keyScenarios } from './key-scenarios.ts'
import { limitScenarios } from './limit-scenarios.ts'
import type { Scenario } from './scenario.ts'
import { webhookScenario } from './webhook-scenario.ts'

/** What the webhooks of all programs are signed with. */
export const webhookSecrets: readonly string[] = [newWebhookSecret()]

/** All there are, in the order in which they are played. */
export const scenarios = {
  ...keyScenarios, ...limitScenarios, ...faultScenarios, webhooks: webhookScenario(webhookSecrets),
} satisfies Record<string, Scenario>

/** What a program is led through. */
export type ScenarioName = keyof typeof scenarios
