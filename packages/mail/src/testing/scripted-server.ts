import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** Where a scripted server is when it asks its script what to do. */
export type Stage = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'content' | 'RSET' | 'QUIT'

/** An answer line, or an act; `undefined` is the ordinary answer. */
export type Act = string | 'hang' | 'cut' | undefined

/** Decides at each stage; `connection` counts from 0. */
export type Script = (stage: Stage, line: string, connection: number) => Act

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
export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const sockets = new Set<Socket>()
  const contents: string[] = []
  let connections = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    const connection = connections++
    serve(socket, (stage, line) => script(stage, line, connection), contents)
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

function serve(socket: Socket, act: (stage: Stage, line: string) => Act, contents: string[]): void {
  let content: string[] | undefined
  const answer = (stage: Stage, line: string): boolean => {
    const reply = act(stage, line) ?? ordinary[stage]
    if (reply === 'cut') socket.destroy()
    else if (reply !== 'hang') socket.write(`${reply}\r\n`)
    return reply.startsWith('354')
  }
  const read = (line: string): void => {
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
  }
  answer('greeting', '')
  createInterface({ input: socket }).on('line', read)
}
