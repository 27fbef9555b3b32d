// CommonJS: `require` of packages that are ESM, as Node has it from 20.19 and TypeScript from 5.8.
import admin = require('@letterlock/admin')
import keys = require('@letterlock/keys')
import verifier = require('@letterlock/verifier')
import letterlock = require('letterlock')

const client = new letterlock.Letterlock()
export const name: Promise<string> = client.lists.create({ name: 'Readers' }).then((list) => list.name)
export const id: Promise<string> = admin.createAdmin().workspaces.create({ name: 'Acme' }).then(({ workspace }) => workspace.id)
export const limits: verifier.MemoryLimits = verifier.memoryLimits({ clock: () => new Date() })
export const isKey: boolean = keys.letterlockKeys.parse('nothing').ok
