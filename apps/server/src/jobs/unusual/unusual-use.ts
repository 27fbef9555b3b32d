/** What is usual for keys and what is not, for those who measure how well it is found. */
export { type Finding, findUnusual } from './find-unusual.ts'
export { type Habits, learn, type Observation } from './habits.ts'
