/** How an outcome looks over HTTP: header, refusal and problem body, for whoever writes a door of his own. */
export { answerHeaders, type AnswerHeaders } from '../http/answer-headers.ts'
export { bearerToken } from '../http/bearer-token.ts'
export {
  badMinRevision, type HttpRefusal, keyInUrl, missingKey, problemJson, refusalHeaders, refusalOf,
} from '../http/http-refusal.ts'
export { minRevisionOf } from '../http/min-revision.ts'
