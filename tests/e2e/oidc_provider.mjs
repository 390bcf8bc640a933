// oidc-provider as a token endpoint of one tenant, for clients that prove themselves by a signed JWT.
// node oidc_provider.mjs NODE_MODULES PORT CLIENT_ID TOKEN_PATH SCOPE JWKS CERTIFICATE KEY
import fs from 'node:fs';
import https from 'node:https';

const [modules, port, clientId, tokenPath, scope, jwks, certificate, key] = process.argv.slice(2);
const { default: Provider } = await import(`${modules}/oidc-provider/lib/index.js`);
const issuer = `https://localhost:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: clientId,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'RS256',
    jwks: JSON.parse(fs.readFileSync(jwks)),
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope,
  }],
  clientAuthMethods: ['private_key_jwt'],
  scopes: [scope],
  routes: { token: tokenPath },
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  ttl: { ClientCredentials: 60 },
});
provider.on('grant.success', (context) => {
  console.log(`granted ${context.oidc.client.clientId}`);
});
const tls = { cert: fs.readFileSync(certificate), key: fs.readFileSync(key) };
https.createServer(tls, provider.callback()).listen(Number(port), '127.0.0.1', () => {
  console.log(`listening on ${issuer}`);
});
