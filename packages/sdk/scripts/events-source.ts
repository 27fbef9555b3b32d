/** The text of src/webhooks/events.generated.ts: what each event of the event table has in its data. */
import { events, eventTypes } from '@letterlock/contract'
import { operationsSource } from './operations-source.ts'
import { TypeWriter } from './type-writer.ts'

export function eventsSource(): string {
  const types = new TypeWriter()
  const names = new Map<string, string>()
  for (const type of eventTypes) {
    const name = `${type.split(/[._]/).map(capital).join('')}Data`
    names.set(type, types.declare(events[type], 'output', { name, doc: `What \`${type}\` tells.` }))
  }
  const known = new Set([...operationsSource().matchAll(/^export (?:interface|type) (\w+)/gm)].map((match) => match[1] ?? ''))
  const declared = types.declarations().filter((text) => !known.has(nameOf(text)))
  const imported = types.declarations().map(nameOf).filter((name) => known.has(name)).sort()
  return [
    '// Made by scripts/generate.ts from the event table. Change the table, not this file.',
    `import type { ${imported.join(', ')} } from '../operations.generated.ts'`,
    ...declared,
    `/** The \`data\` of each event, by its \`type\`. */\nexport interface WebhookEvents {\n${[...names].map(([type, name]) => `  '${type}': ${name}`).join('\n')}\n}`,
  ].join('\n\n') + '\n'
}

function nameOf(declaration: string): string {
  return /^export (?:interface|type) (\w+)/m.exec(declaration)?.[1] ?? ''
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
