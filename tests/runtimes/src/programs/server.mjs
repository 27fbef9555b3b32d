// The server of ours that the programs call.

/** @typedef {Readonly<Record<'apiUrl' | 'apiKey' | 'managementUrl' | 'rootKey', string>>} Server */

/** @param {Record<string, string | undefined>} environment @returns {Server} */
export function serverIn(environment) {
  const { LETTERLOCK_BASE_URL = '', LETTERLOCK_API_KEY = '', LETTERLOCK_MANAGEMENT_URL = '', LETTERLOCK_ROOT_KEY = '' } = environment
  return { apiUrl: LETTERLOCK_BASE_URL, apiKey: LETTERLOCK_API_KEY, managementUrl: LETTERLOCK_MANAGEMENT_URL, rootKey: LETTERLOCK_ROOT_KEY }
}
