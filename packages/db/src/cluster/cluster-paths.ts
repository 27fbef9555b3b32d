import { join } from 'node:path'

/** What a cluster keeps in its data directory, beside the owner locks. */
export type ClusterPaths = { readonly postgres: string; readonly password: string; readonly log: string }

/** Names the files of the cluster in `dataDir`. */
export function clusterPaths(dataDir: string): ClusterPaths {
  return {
    postgres: join(dataDir, 'postgres'),
    password: join(dataDir, 'postgres.password'),
    log: join(dataDir, 'postgres.log'),
  }
}
