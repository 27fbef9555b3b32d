// CommonJS: requires every door that it is told, and prints what each offers.
/** @type {string[]} */
const doors = JSON.parse(process.argv[2] ?? '[]')
const offered = Object.fromEntries(doors.map((door) => [door, Object.keys(require(door)).filter((name) => name !== '__esModule').sort()]))
console.log(JSON.stringify({ offered }))
