// How well unusual use of keys is found, on generated traffic with planted incidents: the same from a seed, every time.
// BENCH_SEED: 1 when absent.
import { findUnusual, learn, type Finding, type Habits, type Observation } from '@letterlock/server/unusual-use'

const windowMs = 600_000
const dayMs = 86_400_000
const perDay = dayMs / windowMs
const weeks = 13
const start = Date.UTC(2026, 7, 3) // a Monday

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

type Random = () => number
/** Requests of each network in a window, and refusals. */
interface Traffic {
  readonly networks: Map<string, number>
  refused: number
  operations: string[]
}
type Profile = (random: Random) => (window: number) => Record<string, number>

const pick = (random: Random, many: number) => Math.floor(random() * many)
const network = (random: Random) => `${10 + pick(random, 200)}.${pick(random, 256)}.${pick(random, 256)}.0/24`

/** Knuth's for few, the normal law for many. */
function poisson(random: Random, mean: number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random())))
  const limit = Math.exp(-mean)
  let product = random()
  let count = 0
  for (; product > limit; count += 1) product *= random()
  return count
}

const hourOf = (window: number) => Math.floor((window % perDay) / 6)
const dayOf = (window: number) => Math.floor(window / perDay)

/** Keys as they are: what each does, week in, week out. */
const profiles: Record<string, Profile> = {
  'backend, day and night': (random) => {
    const [home, spare, mean] = [network(random), network(random), 5 + random() * 200]
    return (window) => {
      const load = mean * (0.4 + 0.6 * Math.sin((Math.PI * hourOf(window)) / 24) ** 2)
      return { [random() < 0.5 ? home : spare]: poisson(random, load) }
    }
  },
  'job, every hour': (random) => {
    const home = network(random)
    return (window): Record<string, number> => (window % 6 === 0 ? { [home]: 3 + pick(random, 5) } : {})
  },
  'batch, once a week': (random) => {
    const [home, size] = [network(random), 500 + pick(random, 5_000)]
    return (window): Record<string, number> => (dayOf(window) % 7 === 0 && hourOf(window) === 2 ? { [home]: poisson(random, size / 6) } : {})
  },
  'mailings, now and then': (random) => {
    const [home, usual] = [network(random), 20 + pick(random, 100)]
    let until = -1
    let load = 0
    return (window): Record<string, number> => {
      if (window > until && random() < 1 / (3 * perDay)) [until, load] = [window + 12, usual * Math.exp(random() * 4 - 2)]
      return window <= until ? { [home]: poisson(random, load) } : {}
    }
  },
  'functions, from many networks': (random) => {
    const pool = Array.from({ length: 60 }, () => network(random))
    return () => Object.fromEntries(Array.from({ length: 1 + pick(random, 3) }, () => [pool[pick(random, pool.length)] ?? '', 1 + poisson(random, 4)]))
  },
  'a person, in office hours': (random) => {
    let [home, moved] = [network(random), 0]
    return (window): Record<string, number> => {
      if (window % perDay === 0 && random() < 1 / 45) [home, moved] = [network(random), moved + 1]
      return dayOf(window) % 7 < 5 && hourOf(window) >= 8 && hourOf(window) < 18 && random() < 0.3 ? { [home]: poisson(random, 3) } : {}
    }
  },
  'a business that grows': (random) => {
    const [home, mean] = [network(random), 5 + random() * 20]
    return (window) => ({ [home]: poisson(random, mean * 1.1 ** (dayOf(window) / 7)) })
  },
}

/** What somebody else does with a key; it begins at `from`. */
type Incident = (random: Random, from: number) => (window: number, traffic: Traffic) => void
const add = (traffic: Traffic, range: string, requests: number) => void (requests > 0 && traffic.networks.set(range, (traffic.networks.get(range) ?? 0) + requests))

const incidents: Record<string, { plant: Incident; needsSilence?: true; on: readonly string[] }> = {
  'stolen, used quietly': {
    on: ['backend, day and night', 'job, every hour', 'batch, once a week', 'a business that grows'],
    plant: (random, from) => {
      const away = network(random)
      return (window, traffic) => void (window >= from && window < from + perDay && random() < 0.1 && add(traffic, away, 1 + pick(random, 3)))
    },
  },
  'stolen, copied from at full speed': {
    on: ['backend, day and night', 'job, every hour', 'functions, from many networks', 'a person, in office hours'],
    plant: (random, from) => {
      const away = network(random)
      return (window, traffic) => void (window >= from && window < from + 12 && add(traffic, away, 5_000))
    },
  },
  'a second deployment': {
    on: ['backend, day and night', 'a business that grows', 'job, every hour'],
    plant: (random, from) => {
      const away = network(random)
      return (window, traffic) => {
        if (window < from) return
        for (const [, requests] of [...traffic.networks].slice(0, 1)) add(traffic, away, requests)
      }
    },
  },
  'stolen, used quietly from a network that is known': {
    on: ['backend, day and night', 'a business that grows'],
    plant: (random, from) => {
      return (window, traffic) => {
        const [range] = traffic.networks.keys()
        if (range !== undefined && window >= from && window < from + perDay && random() < 0.1) add(traffic, range, 1 + pick(random, 3))
      }
    },
  },
  'scopes tried one by one': {
    on: ['backend, day and night', 'job, every hour', 'a person, in office hours', 'functions, from many networks'],
    plant: (random, from) => {
      return (window, traffic) => {
        if (window !== from) return
        const [range = network(random)] = traffic.networks.keys()
        add(traffic, range, 30)
        traffic.refused = 30
        traffic.operations = ['contacts.list', 'lists.list', 'campaigns.list', 'emails.get', 'usage.get']
      }
    },
  },
  'awake after 40 days': {
    on: ['backend, day and night', 'job, every hour', 'a business that grows'],
    needsSilence: true,
    plant: (random, from) => {
      const away = network(random)
      return (window, traffic) => {
        if (window >= from - 40 * perDay && window < from) traffic.networks.clear()
        if (window < from) return
        traffic.networks.clear()
        if (window < from + perDay) add(traffic, away, 1 + pick(random, 5))
      }
    },
  },
}

interface Told extends Finding {
  readonly at: number
}

/** Lives through the weeks with one key; an alert of a kind is told once a day. */
function tell(random: Random, profile: Profile, incident?: (window: number, traffic: Traffic) => void): Told[] {
  const live = profile(random)
  let habits: Habits | null = null
  const told: Told[] = []
  const days = new Set<string>()
  for (let window = 0; window < weeks * 7 * perDay; window++) {
    const traffic: Traffic = { networks: new Map(), refused: 0, operations: [] }
    for (const [range, requests] of Object.entries(live(window))) add(traffic, range, requests)
    incident?.(window, traffic)
    if (traffic.networks.size === 0) continue
    const from = start + window * windowMs
    const requests = [...traffic.networks.values()].reduce((sum, each) => sum + each, 0)
    const seen: Observation = { from, to: from + windowMs, requests, networks: traffic.networks, refused: { requests: traffic.refused, operations: traffic.operations } }
    for (const finding of findUnusual(habits, seen)) {
      const occasion = `${finding.kind} ${Math.floor(from / dayMs)}`
      if (!days.has(occasion)) told.push({ ...finding, at: window })
      days.add(occasion)
    }
    habits = learn(habits, seen)
  }
  return told
}

const random = randomFrom(Number(process.env['BENCH_SEED'] ?? 1))
const keysEach = 20
const months = (weeks * 7) / 30
console.log(`${weeks} weeks in windows of 10 minutes, ${keysEach} keys of each kind\n`)
console.log('quiet keys                                false alarms   a key and month')
let worst = 0
for (const [name, profile] of Object.entries(profiles)) {
  let [alarms, most] = [0, 0]
  for (let key = 0; key < keysEach; key++) {
    const told = tell(random, profile).length
    alarms += told
    most = Math.max(most, told / months)
  }
  worst = Math.max(worst, most)
  console.log(`${name.padEnd(42)}${String(alarms).padStart(6)}   ${(alarms / keysEach / months).toFixed(2)} (of one key at most ${most.toFixed(2)})`)
}

console.log('\nplanted incidents                         found in a day   by what')
let [found, planted, right, all] = [0, 0, 0, 0]
for (const [name, { plant, on }] of Object.entries(incidents)) {
  let [hits, tries] = [0, 0]
  const kinds = new Map<string, number>()
  for (const profileName of on) {
    const profile = profiles[profileName]
    if (!profile) continue
    for (let key = 0; key < keysEach; key++) {
      const from = Math.floor((9 + 3 * random()) * 7 * perDay)
      const told = tell(random, profile, plant(random, from))
      const ofIncident = told.filter(({ at }) => at >= from && at < from + perDay)
      tries += 1
      hits += Number(ofIncident.length > 0)
      right += told.filter(({ at }) => at >= from && at < from + 2 * perDay).length
      all += told.length
      for (const kind of new Set(ofIncident.map((each) => each.kind))) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
  }
  found += hits
  planted += tries
  console.log(`${name.padEnd(42)}${`${hits} of ${tries}`.padStart(10)}       ${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}`)
}
console.log(`\nrecall ${(found / planted).toFixed(3)}, precision ${(right / all).toFixed(3)} over the keys with an incident; at most ${worst.toFixed(2)} false alarms a quiet key and month`)
if (worst > 1) {
  console.error('A quiet key was told of more than once a month.')
  process.exitCode = 1
}
