// node src/crash-test.ts [--recipients 10000] [--kills 5] [--victim server|both]
import { parseArgs } from 'node:util'
import { crashCampaign, type Victim } from './crash-campaign.ts'
import { faultsOf } from './crash-faults.ts'

const { values } = parseArgs({
  options: { recipients: { type: 'string', default: '10000' }, kills: { type: 'string', default: '5' }, victim: { type: 'string', default: 'server' } },
})
const report = await crashCampaign({
  recipients: Number(values.recipients), kills: Number(values.kills), victim: values.victim as Victim, log: console.log,
})
console.log(report)
const faults = faultsOf(report)
console.log(faults.length === 0 ? 'held' : faults.join('\n'))
process.exitCode = faults.length === 0 ? 0 : 1
