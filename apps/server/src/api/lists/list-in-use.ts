import { failure } from '../../http/failure.ts'

/** The 409 of a list that a campaign needs. */
export const listInUse = failure('invalid_state', 'A campaign that is scheduled, being sent or paused uses this list. Cancel it, or wait until it is sent.')
