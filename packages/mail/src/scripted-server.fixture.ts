import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** Where a scripted server is when it asks its script what to do. */
export type Stage = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'content' | 'RSET' | 'QUIT'

/** An answer line, or an act; `undefined` is the ordinary answer. */
export type Act = string | 'hang' | 'cut' | undefined

/** A raw TCP server that speaks just enough SMTP and does at each stage what the test says. */
export interface ScriptedServer {
  readonly url: string
  readonly connections: () => number
  /** Every message whose final dot arrived, accepted or not. */
  readonly contents: string[]
  readonly close: () => Promise<void>
}

const ordinary: Readonly<Record<Stage, string>> = {
  greeting: '220 scripted', EHLO: '250 scripted', MAIL: '250 ok', RCPT: '250 ok', DATA: '354 go on',
  content: '250 2.0.0 queued as 1', RSET: '250 ok', QUIT: '221 bye',
}

/** Starts a server; `script` sees the stage, the line and how many connections came before. */
export async function scriptedServer(script: (stage: Stage, line: string, connection: number) => Act): Promise<ScriptedServer> {
  const sockets = new Set<Socket>()
  const contents: string[] = []
  let connections = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    serve(socket, connections++, script, contents)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    contents,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function serve(socket: Socket, connection: number, script: (stage: Stage, line: string, connection: number) => Act, contents: string[]): void {
  let content: string[] | undefined
  const answer = (stage: Stage, line: string): boolean => {
    const act = script(stage, line, connection) ?? ordinary[stage]
    if (act === 'hang') return false
    if (act === 'cut') socket.destroy()
    else socket.write(`${act}\r\n`)
    return act.startsWith('354')
  }
  answer('greeting', '')
  createInterface({ input: socket }).on('line', (line) => {
    if (content === undefined) {
      const stage = line.split(/[ :]/)[0]?.toUpperCase() as Stage
      if (answer(stage, line) && stage === 'DATA') content = []
    } else if (line === '.') {
      contents.push(content.join('\n'))
      content = undefined
      answer('content', '.')
    } else {
      content.push(line)
    }
  })
}
