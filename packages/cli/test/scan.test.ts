import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineKeyFormat, letterlockKeys } from '@letterlock/keys'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { letterlock } from './run-letterlock.ts'

const issuedAt = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const { token, keyId } = letterlockKeys.issue({ mode: 'live', now: issuedAt })
const redacted = letterlockKeys.redact(token)

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'letterlock-scan-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, content: string) => writeFileSync(join(folder, name), content)
const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: folder, stdio: 'pipe' }).toString()
const scan = (...args: string[]) => letterlock(['scan', ...args], { cwd: folder })

describe('scan', () => {
  test('ends with 0 and an empty output where there is no key', async () => {
    write('a.txt', `nothing but ${redacted}`)
    const { code, stdout, stderr } = await scan()
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^no keys; looked into 1 file, 0\.0 MB in \d+\.\d s\n$/)
  })

  test('ends with 1 and tells place, id, mode, checksum and time of issue', async () => {
    write('a.txt', `line 1\nkey = ${token}\n`)
    const { code, stdout } = await scan()
    expect(code).toBe(1)
    expect(stdout).toBe(`${redacted}  live: opens the live environment; checksum right; issued 2026-01-02T03:04:05.678Z\n  a.txt:2:7\n`)
  })

  test.each([[[]], [['--json']], [['--format', 'sarif']]])('never prints a secret whole, with %j', async (args) => {
    write('a.txt', token)
    write('.env', Buffer.from(token).toString('base64'))
    write(`named-${token}`, 'by its name')
    const { code, stdout, stderr } = await scan(...args)
    expect(code).toBe(1)
    const secret = token.slice(34, 66)
    for (const part of [secret, secret.slice(0, 12), secret.slice(-12)]) expect(stdout + stderr).not.toContain(part)
  })

  test('--json answers one document', async () => {
    write('a.txt', `ä ${token}`)
    const { stdout } = await scan('--json')
    expect(JSON.parse(stdout)).toEqual({
      keys: [{
        key: redacted, keyId, mode: 'live', checksum: 'right', issuedAt: '2026-01-02T03:04:05.678Z',
        places: [{ path: 'a.txt', members: [], line: 1, column: 3, encoding: 'plain', ignoredByGit: false }],
      }],
      notes: [], files: 1, objects: 0, bytes: 75, elapsedMs: expect.any(Number),
    })
  })

  test('--format sarif answers SARIF 2.1.0 with a rule, a place and a stable fingerprint', async () => {
    write('a b.txt', `ä ${token}`)
    const first = JSON.parse((await scan('--format', 'sarif')).stdout)
    const [run] = first.runs
    expect(first.version).toBe('2.1.0')
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(['live-key', 'test-key', 'root-key'])
    expect(run.results).toHaveLength(1)
    expect(run.results[0]).toMatchObject({
      ruleId: 'live-key', ruleIndex: 0, level: 'error',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'a%20b.txt' }, region: { startLine: 1, startColumn: 3, endColumn: 75 } } }],
    })
    write('a b.txt', `\n\n${token}`)
    const second = JSON.parse((await scan('--format', 'sarif')).stdout)
    expect(second.runs[0].results[0].partialFingerprints).toEqual(run.results[0].partialFingerprints)
  })

  test('--prefix looks for the keys of another prefix', async () => {
    const acme = defineKeyFormat({ prefix: 'acme' })
    write('a.txt', `${token} ${acme.issue({ mode: 'root' }).token}`)
    expect((await scan('--prefix', 'acme')).stdout).toMatch(/^acme_root_/)
    expect((await scan('--prefix', 'acme', '--prefix', 'll')).stdout.match(/^\S/gm)).toHaveLength(2)
    const refused = await scan('--prefix', 'Acme-')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('--prefix takes')
  })

  test('follows no link, and ends with 2 when something could not be read', async () => {
    mkdirSync(join(folder, 'sub'))
    symlinkSync('..', join(folder, 'sub', 'loop'))
    expect((await scan()).code).toBe(0)
    const { code, stderr } = await scan('/dev/null')
    expect(code).toBe(2)
    expect(stderr).toContain('not looked into: /dev/null cannot be read: ENOTFILE')
  })

  test('shows names with control characters by their numbers', async () => {
    write('a\u001b[2Jb', token)
    const { stdout } = await scan()
    expect(stdout).toContain('a\\u{1b}[2Jb:1:1')
  })

  test.each([
    ['an unknown option', ['--nope'], "Unknown option '--nope'"],
    ['a path that is not there', ['nowhere'], 'nowhere'],
    ['an unknown format', ['--format', 'xml'], '--format takes text, json, sarif'],
    ['--staged with a path', ['--staged', '.'], '--staged looks at what is staged and nothing else'],
    ['--history outside of a repository', ['--history'], 'not a git repository'],
  ])('ends with 2 and a reason at %s', async (_, args, reason) => {
    const { code, stdout, stderr } = await scan(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(reason)
  })

  test('.letterlock-allow lets pass the secrets that it names, and no other secret of the same key', async () => {
    const other = letterlockKeys.issue({ mode: 'live', keyId }).token
    write('a.txt', `${token}\n${other}`)
    write('.letterlock-allow', `# of the documents\n${redacted} # README\n`)
    const { stdout } = await scan()
    expect(stdout).toContain(letterlockKeys.redact(other))
    expect(stdout).not.toContain(redacted)
  })

  test('refuses an allow file with anything else in it, and does not show it', async () => {
    write('.letterlock-allow', `\n${token}\n`)
    const { code, stderr } = await scan()
    expect(code).toBe(2)
    expect(stderr).toMatch(/\.letterlock-allow, line 2: expected a redacted key/)
    expect(stderr).not.toContain(token.slice(34, 66))
  })
})

describe('scan in a git repository', () => {
  beforeEach(() => void git('init', '--quiet'))

  test('marks what git ignores, and --skip-ignored leaves it out', async () => {
    write('.gitignore', '.env\n')
    write('.env', token)
    expect((await scan()).stdout).toContain('  .env:1:1  (ignored by git)\n')
    expect(await scan('--skip-ignored')).toMatchObject({ code: 0, stdout: '' })
  })

  test('--staged sees what would be committed, not what is in the files', async () => {
    write('a.txt', token)
    git('add', 'a.txt')
    write('a.txt', 'cleaned, and not staged again')
    expect(await scan('--staged')).toMatchObject({ code: 1, stdout: expect.stringContaining('  a.txt:1:1\n') })
    git('add', 'a.txt')
    write('b.txt', token)
    expect(await scan('--staged')).toMatchObject({ code: 0, stdout: '' })
  })

  test('--history names the first commit with a key and the file it was in', async () => {
    write('größe.txt', `\n${token}`)
    git('add', '.')
    git('commit', '-qm', 'Add')
    const commit = git('rev-parse', 'HEAD').slice(0, 10)
    git('mv', 'größe.txt', 'moved.txt')
    git('commit', '-qm', 'Move')
    git('rm', '-q', 'moved.txt')
    git('commit', '-qm', 'Remove')
    const { code, stdout } = await scan('--history')
    expect(code).toBe(1)
    expect(stdout).toMatch(new RegExp(`^  commit ${commit} größe\\.txt:2:1  \\(since \\d{4}-`, 'm'))
  })

  test('install-hook makes git refuse a commit with a key, by a hook that may be installed twice', async () => {
    expect((await letterlock(['scan', 'install-hook'], { cwd: folder })).code).toBe(0)
    expect((await letterlock(['scan', 'install-hook', '--json'], { cwd: folder })).stdout).toContain('pre-commit')
    const main = new URL('../src/main.ts', import.meta.url).pathname
    mkdirSync(join(folder, '.git/bin'))
    writeFileSync(join(folder, '.git/bin/letterlock'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 })
    const commit = () => execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '-qm', 'x'], {
      cwd: folder, stdio: 'pipe', env: { PATH: `${join(folder, '.git/bin')}:${process.env.PATH}` },
    })
    write('a.txt', token)
    git('add', '.')
    expect(commit).toThrow(redacted)
    write('a.txt', 'clean')
    git('add', '.')
    commit()
    expect(git('log', '--format=%s')).toBe('x\n')
  })

  test('install-hook leaves a hook of somebody else alone', async () => {
    mkdirSync(join(folder, '.git/hooks'), { recursive: true })
    writeFileSync(join(folder, '.git/hooks/pre-commit'), '#!/bin/sh\nexit 0\n')
    const { code, stderr } = await letterlock(['scan', 'install-hook'], { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toContain('is there already: add the line')
    expect(readFileSync(join(folder, '.git/hooks/pre-commit'), 'utf8')).toBe('#!/bin/sh\nexit 0\n')
  })
})
