// An OpenID Connect provider on loopback at which everybody signs in without being asked. What it is told
// at /control: `as` is who signs in next; `claims` what is known of them; `spoil` what goes wrong with the
// next tokens. Prints its issuer.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [redirectUri, signed] = process.argv.slice(2);
const control = { as: 'nobody', claims: {}, spoil: '' };

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: 'attain', client_secret: 'a-secret-of-two', redirect_uris: [redirectUri] }],
  cookies: { keys: ['a key for tests'] },
  features: { devInteractions: { enabled: false } },
  // Claims stand in the signed token, or at an endpoint of their own.
  conformIdTokenClaims: signed !== 'in-token',
  claims: { openid: ['sub', 'employee_number'], email: ['email', 'email_verified'], profile: ['name'] },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...control.claims }) }),
  async loadExistingGrant(context) {
    const { client, session, provider: of } = context.oidc;
    const grant = new of.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
});

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const read = (text) => JSON.parse(Buffer.from(text, 'base64url'));

const spoiled = {
  payload: (token) => {
    const [head, body, signature] = token.id_token.split('.');
    token.id_token = [head, part({ ...read(body), sub: 'somebody-else' }), signature].join('.');
  },
  signature: (token) => {
    const [head, body, signature] = token.id_token.split('.');
    token.id_token = [head, body, (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)].join('.');
  },
  unsigned: (token) => {
    const body = token.id_token.split('.')[1];
    token.id_token = [part({ alg: 'none', typ: 'JWT' }), body, ''].join('.');
  },
  access: (token) => { token.access_token = `${token.access_token}x`; },
  missing: (token) => { delete token.id_token; },
};

provider.use(async (context, next) => {
  if (context.path === '/control') {
    Object.assign(control, JSON.parse(context.query.with));
    context.body = 'so be it';
    return;
  }
  if (context.path.startsWith('/interaction/')) {
    await provider.interactionFinished(context.req, context.res, { login: { accountId: control.as } });
    context.respond = false;
    return;
  }
  await next();
  if (context.path === '/token' && control.spoil && context.body?.id_token) {
    spoiled[control.spoil](context.body);
  }
});

server.on('request', provider.callback());
console.log(issuer);
