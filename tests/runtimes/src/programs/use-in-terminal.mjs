// What Node, Bun and Deno are started with, and the name of the package to use: prints one line of JSON.
import { serverIn } from './server.mjs'

const { use } = await import(`./use-${process.argv[2]}.mjs`)
console.log(JSON.stringify({ used: await use(serverIn(process.env)) }))
