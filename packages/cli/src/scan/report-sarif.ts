/** SARIF 2.1.0, as code scanning of GitHub and GitLab reads it. */
import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import { isAbsolute, sep } from 'node:path'
import type { Terminal } from '../terminal/terminal.ts'
import { version } from '../version.ts'
import type { ScanResult, TracedFinding } from './scan.ts'

const rules = [
  { id: 'live-key', name: 'LiveKey', level: 'error', text: 'A key of a live environment' },
  { id: 'test-key', name: 'TestKey', level: 'warning', text: 'A key of a test environment' },
  { id: 'root-key', name: 'RootKey', level: 'error', text: 'A root key, which opens the management API' },
] as const

export function reportSarif({ findings, notes }: ScanResult, terminal: Terminal): void {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'letterlock scan', version, informationUri: 'https://www.npmjs.com/package/@letterlock/cli', rules: rules.map(ruleOf) } },
        columnKind: 'unicodeCodePoints',
        invocations: [
          {
            executionSuccessful: !notes.some(({ failed }) => failed),
            toolExecutionNotifications: notes.map(({ place, what, failed }) => ({
              level: failed ? 'error' : 'note',
              message: { text: `not looked into: ${what}` },
              locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(place.path || '.git') } } }],
            })),
          },
        ],
        results: findings.map(resultOf),
      },
    ],
  }
  terminal.out(JSON.stringify(log, null, 2))
}

function ruleOf({ id, name, level, text }: (typeof rules)[number]) {
  return {
    id,
    name,
    shortDescription: { text: `${text} is readable` },
    help: { text: 'Rotate or revoke it: a key that others could read is no longer a secret, also when it is deleted here.' },
    defaultConfiguration: { level },
    properties: { tags: ['security'], 'security-severity': level === 'error' ? '9.0' : '5.0' },
  }
}

function resultOf({ format, key, place, line, column, encoding, origin }: TracedFinding) {
  const ruleIndex = rules.findIndex(({ id }) => id === `${key.mode}-key`)
  const inside = place.members.length > 0 ? `, in ${place.members.join('!')} of the archive` : ''
  const history = place.object === undefined ? '' : `, in git ${place.object.type} ${place.object.oid}${origin === undefined ? '' : ` of commit ${origin.commit}`}`
  const length = encoding === 'plain' ? { endColumn: column + format.tokenLength } : {}
  // A line of a member is none of the archive.
  const region = place.members.length > 0 ? {} : { region: { startLine: line, startColumn: column, ...length } }
  return {
    ruleId: `${key.mode}-key`,
    ruleIndex,
    level: rules[ruleIndex]?.level,
    message: { text: `${format.redact(key.token)} (issued ${new Date(key.issuedAt).toISOString()}, ${encoding})${inside}${history}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(origin?.path ?? (place.path || '.git')) }, ...region } }],
    // The same key is the same alert, wherever it moves to.
    partialFingerprints: { 'letterlockKey/v1': createHash('sha256').update(format.redact(key.token)).digest('hex') },
  }
}

/** Relative to the folder that was scanned, with slashes, as the consumers of SARIF expect it. */
function uriOf(path: string): string {
  if (isAbsolute(path)) return pathToFileURL(path).href
  return path.split(sep).map(encodeURIComponent).join('/')
}
