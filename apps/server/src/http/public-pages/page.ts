import { createHash } from 'node:crypto'

const style = `
body{margin:0;padding:3rem 1.25rem;font:1.125rem/1.6 system-ui,sans-serif;color:#1a1a1a;background:#fff}
main{max-width:34rem;margin:0 auto}
h1{font-size:1.6rem;line-height:1.25}
button{font:inherit;padding:.7rem 1.4rem;border:0;border-radius:.4rem;color:#fff;background:#1d4ed8;cursor:pointer}
button:focus-visible{outline:3px solid #1a1a1a;outline-offset:3px}
pre{padding:1rem;border:1px solid #767676;border-radius:.4rem;font:1rem/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;user-select:all}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}button:focus-visible{outline-color:#eee}}
`
const styleHash = createHash('sha256').update(style).digest('base64')

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer', // the address is the credential
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}

/** A small page without script, pictures or anything from elsewhere. `body` is markup of ours; what others wrote in it went through `escapeHtml`. */
export function page({ status, title, body }: { status: number; title: string; body: string }): Response {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`
  return new Response(html, { status, headers })
}

/** Text as it may stand between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
