declare const LETTERLOCK_SDK_VERSION: string | undefined

/** `letterlock-js/1.2.3`; the version is put in when the package is built. */
export function userAgent(): string {
  return `letterlock-js/${typeof LETTERLOCK_SDK_VERSION === 'string' ? LETTERLOCK_SDK_VERSION : 'source'}`
}
