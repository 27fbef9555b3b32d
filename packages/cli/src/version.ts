/** Put in by the build; run from source there is no version. */
declare const LETTERLOCK_CLI_VERSION: string | undefined

export const version = typeof LETTERLOCK_CLI_VERSION === 'string' ? LETTERLOCK_CLI_VERSION : '0.0.0'
