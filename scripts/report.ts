// `npm run report`: writes the reports of the public APIs anew, after a change that is meant.
import { dirname } from 'node:path'
import { writeApiReports } from './api-reports.ts'

const changed = await writeApiReports(dirname(import.meta.dirname))
console.log(changed.length > 0 ? changed.join('\n') : 'every report is up to date')
