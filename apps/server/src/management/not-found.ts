import { failure } from '../http/failure.ts'

export const noSuchWorkspace = failure('not_found', 'There is no such workspace.')
export const noSuchKey = failure('not_found', 'There is no such key.')
export const noSuchRole = failure('not_found', 'There is no such role.')
export const noSuchPlan = failure('not_found', 'There is no such plan.')
export const noSuchStatement = failure('not_found', 'There is no such statement.')
export const noSuchCanary = failure('not_found', 'There is no such canary.')
export const noSuchShare = failure('not_found', 'There is no such share.')
export const noSuchAlert = failure('not_found', 'There is no such alert.')
export const noSuchRootKey = failure('not_found', 'There is no such root key.')
export const noSuchSecretVersion = failure('not_found', 'The key has no secret of this version.')
