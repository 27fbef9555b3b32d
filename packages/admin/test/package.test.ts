/** What is published: types that stand alone, and no more code than a client needs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { routerProcedures } from '../scripts/router-procedures.ts'

const root = new URL('..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const declarations = ts.createSourceFile('index.d.ts', read('dist/index.d.ts'), ts.ScriptTarget.Latest, true)

function nodesOf(kind: ts.SyntaxKind): ts.Node[] {
  const found: ts.Node[] = []
  const look = (node: ts.Node) => {
    if (node.kind === kind) found.push(node)
    node.forEachChild(look)
  }
  look(declarations)
  return found
}

test('the declarations have no any, and name no other package', () => {
  expect(nodesOf(ts.SyntaxKind.PropertySignature).length).toBeGreaterThan(300)
  expect(nodesOf(ts.SyntaxKind.AnyKeyword)).toEqual([])
  for (const kind of [ts.SyntaxKind.ImportDeclaration, ts.SyntaxKind.ImportType, ts.SyntaxKind.TypeQuery]) {
    expect(nodesOf(kind).map((node) => node.getText()).filter((text) => !text.includes('typeof pages'))).toEqual([])
  }
})

test('they say the root scope that each procedure needs', () => {
  for (const { method, scope } of routerProcedures()) expect(declarations.text).toMatch(new RegExp(`\`${scope}\`\\. \\*/\\s+readonly ${method}:`))
})

test('they compile by themselves, strictly, beside a program that uses them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'letterlock-admin-'))
  try {
    const program = "import { createAdmin } from './index.js'\nexport const name: string = (await createAdmin().keys.get({ keyId: '' })).key.name\n"
    writeFileSync(join(folder, 'index.d.ts'), declarations.text)
    writeFileSync(join(folder, 'program.mts'), program)
    const options = { strict: true, noEmit: true, skipLibCheck: false, types: [], module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] }
    const problems = ts.getPreEmitDiagnostics(ts.createProgram([join(folder, 'program.mts')], options))
    expect(problems.map(({ messageText }) => messageText)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)

test('the code is at most 8 kB gzipped, from our sources alone, for any runtime', () => {
  const code = read('dist/index.js')
  expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThanOrEqual(8_000)
  expect(code).not.toMatch(/\b(require\(|from ?["']|Buffer\b|node:|zod|trpc\.io)/)
  const manifest = JSON.parse(read('package.json')) as Record<string, unknown>
  expect(manifest).not.toHaveProperty('dependencies')
  expect(manifest).not.toHaveProperty('peerDependencies')
})
