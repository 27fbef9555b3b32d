/** The documents that show programs of the management API, and those programs. */
import { readdirSync, readFileSync } from 'node:fs'

const root = new URL('../../../', import.meta.url)
const manual = readdirSync(new URL('docs/management/', root)).filter((file) => file.endsWith('.md')).toSorted()

/** A program that a reader would copy from a document and run. */
export interface Program {
  /** Where it stands, such as `docs/management/keys.md`. */
  readonly place: string
  readonly source: string
}

/** The pages of docs/management, by their place. */
export const manualPages = manual.map((file) => `docs/management/${file}`)

/** The ts blocks of a page are one program, in order; in the README of the project each block stands alone. */
export function typescriptPrograms(): Program[] {
  const pages = [...manualPages, 'packages/admin/README.md'].map((place) => ({ place, source: blocks(place, 'ts').join('\n') }))
  const alone = blocks('README.md', 'ts').map((source, i) => ({ place: `README.md, block ${i + 1}`, source }))
  return [...pages, ...alone]
}

/** The sh blocks of the manual, one program a page; they find `WORKSPACE_ID` in their environment. */
export function shellPrograms(): Program[] {
  return manualPages.map((place) => ({ place, source: blocks(place, 'sh').join('\n') })).filter(({ source }) => source !== '')
}

export function textOf(place: string): string {
  return readFileSync(new URL(place, root), 'utf8')
}

function blocks(place: string, language: string): string[] {
  return [...textOf(place).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1] ?? '')
}
