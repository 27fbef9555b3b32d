import type { Handler } from '../../http/handler.ts'
import { keyAnswer } from './key-answer.ts'

/** `GET /key`: the key that makes this request, as the verifier saw it. */
export const getKey: Handler<'key.get'> = async (_db, { principal }) => ({ status: 200, body: keyAnswer(principal) })
