import { failure, type Failure } from '../../http/failure.ts'

/** The 409 of a change to a campaign that has left its draft. */
export function onlyDrafts(done: 'changed' | 'deleted', status: string): Failure {
  return failure('invalid_state', `This campaign is ${status}; only a draft can be ${done}.`)
}

/** The 409 of a start that makes no sense. */
export function cannotStart(status: string): Failure {
  const detail = status === 'sending'
    ? 'This campaign is being sent already.'
    : `This campaign is ${status}; only a draft or a paused campaign can be sent.`
  return failure('invalid_state', detail)
}

export const noList = failure('invalid_state', 'This campaign has no list, so nobody would get it. Set listIds first.')
export const lostList = failure('invalid_state', 'A list of this campaign has been deleted. Set listIds and excludeListIds anew.')
