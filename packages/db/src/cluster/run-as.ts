/**
 * PostgreSQL refuses to run as uid 0. When we are root, this finds whom it runs as instead and how a
 * process of that user can reach files below directories that only root may enter.
 */
import { chownSync, lchownSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ClusterError } from './cluster-error.ts'

/** Another user PostgreSQL runs as. */
export type RunAs = { readonly uid: number; readonly gid: number; readonly name: string }

/** What to run, and the directory it works on. */
export type Program = { readonly file: string; readonly args: readonly string[]; readonly directory: string }

/** A program with its arguments and the user for `child_process.spawn`. */
export type Command = {
  readonly file: string
  readonly args: readonly string[]
  readonly as: { readonly uid?: number; readonly gid?: number }
}

/** The owner of the directory, else `postgres`, else `nobody`; null when we are not root. */
export function chooseRunAs(directory: string): RunAs | null {
  if (process.getuid?.() !== 0) return null
  const owner = ownerOf(directory)
  if (owner && owner.uid !== 0) return owner
  return findUser('postgres') ?? findUser('nobody') ?? { uid: 65534, gid: 65534, name: 'uid 65534' }
}

/** Gives the PostgreSQL directory, and nothing above it, to the user PostgreSQL runs as. */
export function giveTo(runAs: RunAs | null, directory: string): void {
  if (!runAs || statSync(directory).uid === runAs.uid) return
  chownSync(directory, runAs.uid, runAs.gid)
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(directory, entry), runAs.uid, runAs.gid)
  }
}

/**
 * The command that runs `file` as the chosen user, who must be able to reach it and `directory`.
 *
 * Where file modes forbid that (a clone below a 0700 directory of root), the process keeps the one
 * capability to pass directories, as an ambient capability (capabilities(7)). Without
 * `no_setuid_fixup` the kernel would ignore it in access(2), which PostgreSQL asks about its own
 * executable and files.
 * @throws ClusterError `start_failed` when that is needed and not to be had
 */
export function commandAs(
  runAs: RunAs | null,
  { file, args, directory }: Program,
): Command {
  if (!runAs) return { file, args, as: {} }
  const blocked = findBarrier(file, runAs) ?? findBarrier(directory, runAs)
  if (!blocked) return { file, args, as: { uid: runAs.uid, gid: runAs.gid } }
  const capability = passingCapability()
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(isFile)
  if (!capability || !setpriv) {
    throw new ClusterError(
      'start_failed',
      `PostgreSQL cannot run as root, and user ${runAs.name} may not enter ${blocked}. ` +
        `Move the directory, run "chmod o+x ${blocked}", start as another user, or set DATABASE_URL.`,
    )
  }
  const privileges = [
    `--reuid=${runAs.uid}`,
    `--regid=${runAs.gid}`,
    '--clear-groups',
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
    '--securebits=+no_setuid_fixup',
  ]
  return { file: setpriv, args: [...privileges, '--', file, ...args], as: {} }
}

/** The first directory above `path` that the user may not enter. */
function findBarrier(path: string, user: RunAs): string | null {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const { uid, gid, mode } = statSync(directory)
    const enter = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if (!(mode & enter)) return directory
    if (directory === dirname(directory)) return null
  }
}

/** The smallest capability we have that passes closed directories; containers often lack the first. */
function passingCapability(): string | null {
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readText('/proc/self/status'))?.[1]
  if (!effective) return null
  const bits = BigInt(`0x${effective}`)
  if (bits & 4n) return 'dac_read_search'
  return bits & 2n ? 'dac_override' : null
}

function ownerOf(directory: string): RunAs | null {
  try {
    const { uid, gid } = statSync(directory)
    return { uid, gid, name: `uid ${uid}` }
  } catch {
    return null
  }
}

function findUser(name: string): RunAs | null {
  const line = readText('/etc/passwd').split('\n').find((each) => each.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid && Number(uid) > 0 ? { uid: Number(uid), gid: Number(gid), name } : null
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
