import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startNpmRegistry } from './npm-registry.ts'
import { cleanFiles, growTree, runScript, type Files } from './tree.ts'

/** A package that could be published as it is; its version is written later. */
function published(name: string, dependencies: readonly string[] = []): Files {
  const exports = { '.': './src/index.js' }
  return {
    [`packages/${name}/package.json`]: JSON.stringify({
      name, version: '0.0.0', type: 'module', license: 'Apache-2.0', exports, files: ['src'],
      dependencies: Object.fromEntries(dependencies.map((needed) => [needed, 'workspace:*'])),
    }),
    [`packages/${name}/turbo.json`]: JSON.stringify({ extends: ['//'], tags: ['floor0'] }),
    [`packages/${name}/src/index.js`]: `export const name = '${name}'\n`,
  }
}

const tree = () => growTree({ ...cleanFiles, ...published('axle'), ...published('a-wheel', ['axle']) })

function setVersion(root: string, name: string, version: string) {
  const file = join(root, 'packages', name, 'package.json')
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), version }))
}

async function release(root: string, { url }: { url: string }) {
  const token = `--${url.replace('http:', '')}:_authToken=x`
  return runScript(root, ['release.ts', 'publish', `--registry=${url}`, token, '--provenance=false', '--fetch-retries=0'], { npm_config_cache: join(root, '.npm') })
}

test('release publishes what the registry lacks, each package after those it needs, with their real versions, and once', async () => {
  const [root, registry] = [tree(), await startNpmRegistry()]
  setVersion(root, 'axle', '1.0.0')
  setVersion(root, 'a-wheel', '2.0.0')
  const { code, output } = await release(root, registry)
  expect(code, output).toBe(0)
  expect(output).toContain('published axle@1.0.0\npublished a-wheel@2.0.0\n')
  expect(registry.uploads.map(({ name }) => name)).toEqual(['axle', 'a-wheel'])
  expect(registry.uploads[1]?.versions['2.0.0']?.dependencies).toEqual({ axle: '1.0.0' })

  setVersion(root, 'axle', '1.1.0')
  expect((await release(root, registry)).stdout).toContain('published axle@1.1.0')
  expect(registry.uploads.map(({ name }) => name)).toEqual(['axle', 'a-wheel', 'axle'])
})

test('release publishes nothing that never had a version, nor when the registry does not say what it has', async () => {
  const [root, registry] = [tree(), await startNpmRegistry()]
  setVersion(root, 'axle', '1.0.0')
  expect(await release(root, registry)).toMatchObject({ code: 1, output: expect.stringContaining('never had a version: a-wheel') })
  setVersion(root, 'a-wheel', '1.0.0')
  registry.isOut = true
  expect(await release(root, registry)).toMatchObject({ code: 1, output: expect.stringContaining('the registry was asked for') })
  expect(registry.uploads).toEqual([])
})

test('jsr is red on a jsr.json that says another thing than package.json', async () => {
  const files = { ...cleanFiles, ...published('axle'), 'packages/axle/jsr.json': '{ "name": "axle", "version": "0.9.0" }' }
  const { code, output } = await runScript(growTree(files), ['check.ts', 'jsr'])
  expect(output).toContain('packages/axle/jsr.json: package.json has changed')
  expect(code).toBe(1)
})
