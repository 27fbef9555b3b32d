import { promises as dns } from 'node:dns'

/** All addresses of a host, IPv4 first; none when it has none or nobody could say. */
export type ResolveHost = (host: string) => Promise<readonly string[]>

export interface HostResolverOptions {
  /** `address:port` of name servers; absent: those of the system. */
  readonly servers?: readonly string[]
  /** Of one try; there are two. */
  readonly timeoutMs?: number
}

/** Asks name servers, not the files and search lists of this machine: `db` or `localhost` mean nothing to it. Takes no thread while it waits. */
export function createHostResolver({ servers, timeoutMs = 2_000 }: HostResolverOptions = {}): ResolveHost {
  const resolver = new dns.Resolver({ timeout: timeoutMs, tries: 2 })
  if (servers) resolver.setServers(servers)
  return async (host) => {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  }
}
