// The public API of a built package as text: what its doors offer, and every declaration that this names, without comments.
import { join, sep } from 'node:path'
import ts from 'typescript'

type Doors = Readonly<Record<string, { readonly types?: string } | string>>

/** The report of the package in `folder`, whose declarations lie where `doors` says. Equal APIs have equal reports. */
export function apiReport(folder: string, name: string, doors: Doors): string {
  const files = Object.entries(doors).flatMap(([door, targets]) => {
    return typeof targets === 'object' && targets.types ? [{ door, path: join(folder, targets.types) }] : []
  })
  const program = ts.createProgram(files.map(({ path }) => path), compilerOptions)
  const reporter = new Reporter(program.getTypeChecker(), join(folder, 'dist') + sep)
  const offers = files.map(({ door, path }) => {
    const source = program.getSourceFile(path)
    if (!source) throw new Error(`${path} is missing: the package is not built`)
    return `## ${join(name, door)}\n\n${reporter.offer(source).map((text) => `* \`${text}\``).join('\n')}`
  })
  const introduction = `The public API, written by \`npm run report\` and compared by \`npm run check\`. What goes or changes here breaks programs of others.`
  const declarations = `\`\`\`ts\n${reporter.declarations().join('\n\n')}\n\`\`\``
  return `${[`# ${name}`, introduction, ...offers, '## Declarations', declarations].join('\n\n')}\n`
}

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, skipLibCheck: true, types: [],
}

class Reporter {
  readonly #checker: ts.TypeChecker
  readonly #ownFolder: string
  readonly #texts = new Map<ts.Node, string>()
  readonly #printer = ts.createPrinter({ removeComments: true })

  constructor(checker: ts.TypeChecker, ownFolder: string) {
    this.#checker = checker
    this.#ownFolder = ownFolder
  }

  /** The names that a door exports, sorted. Notes their declarations, and those that these name. */
  offer(door: ts.SourceFile): string[] {
    const module = this.#checker.getSymbolAtLocation(door)
    const exported = module ? this.#checker.getExportsOfModule(module) : []
    for (const symbol of exported) this.#note(this.#origin(symbol))
    return exported.map((symbol) => symbol.name).sort()
  }

  declarations(): string[] {
    return [...new Set(this.#texts.values())].filter((text) => text !== '').sort()
  }

  #note(symbol: ts.Symbol): void {
    for (const declaration of symbol.declarations ?? []) {
      const statement = statementOf(declaration)
      if (this.#texts.has(statement) || ts.isSourceFile(statement) || !statement.getSourceFile().fileName.startsWith(this.#ownFolder)) continue
      this.#texts.set(statement, this.#print(statement))
      this.#noteNamesIn(statement)
    }
  }

  #noteNamesIn(node: ts.Node): void {
    const symbol = ts.isIdentifier(node) ? this.#checker.getSymbolAtLocation(node) : undefined
    if (symbol) this.#note(this.#origin(symbol))
    node.forEachChild((child) => this.#noteNamesIn(child))
  }

  #origin(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }

  /** Properties of type literals and members of unions in one order: the compiler infers them in any. */
  #sorted(node: ts.Node, context: ts.TransformationContext): ts.Node {
    const text = (part: ts.Node) => this.#printer.printNode(ts.EmitHint.Unspecified, part, ts.getOriginalNode(node).getSourceFile())
    const inOrder = <T extends ts.Node>(parts: readonly T[]) => parts.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
    const visited = ts.visitEachChild(node, (child) => this.#sorted(child, context), context)
    if (ts.isUnionTypeNode(visited)) return ts.factory.createUnionTypeNode(inOrder(visited.types))
    const isRecord = ts.isTypeLiteralNode(visited) && visited.members.every(ts.isPropertySignature)
    return isRecord ? ts.factory.createTypeLiteralNode(inOrder(visited.members)) : visited
  }

  #print(statement: ts.Node): string {
    const { transformed } = ts.transform(statement, [(context) => (node) => this.#sorted(node, context)])
    const text = this.#printer.printNode(ts.EmitHint.Unspecified, transformed[0] ?? statement, statement.getSourceFile())
    return text.replace(/^(export )?(declare )?/, '')
  }
}

/** The statement of the file in which something is declared. */
function statementOf(declaration: ts.Node): ts.Node {
  const { parent } = declaration
  return parent === undefined || ts.isSourceFile(parent) || ts.isSourceFile(declaration) ? declaration : statementOf(parent)
}
