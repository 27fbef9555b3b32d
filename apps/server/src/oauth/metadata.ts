import { productScopeNames } from '@letterlock/contract'

/** The grants, by the names of RFC 6749 section 4.4 and RFC 8693 section 2.1. */
export const grantTypes = ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'] as const

export type GrantType = (typeof grantTypes)[number]

/** What a token is called in an exchange (RFC 8693 section 3); a key is what an access token stands for. */
export const tokenTypes = { accessToken: 'urn:ietf:params:oauth:token-type:access_token', apiKey: 'urn:letterlock:token-type:api-key' } as const

/** What clients find out by themselves: RFC 8414. */
export function metadataOf(issuer: string) {
  const methods = ['client_secret_basic', 'client_secret_post'] as const
  return {
    issuer,
    token_endpoint: `${issuer}/oauth/token`,
    token_endpoint_auth_methods_supported: methods,
    grant_types_supported: grantTypes,
    response_types_supported: [],
    scopes_supported: productScopeNames,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: methods,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: ['none', ...methods],
    service_documentation: 'https://letterlock.dev/docs/access-tokens',
  }
}
