// A certified OpenID provider (npm oidc-provider) on a free loopback port, for the tests.
// Reads its settings as JSON from OIDC_TEST_SETTINGS; prints {"issuer": …} on its first line; ends when stdin closes.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const settings = JSON.parse(process.env.OIDC_TEST_SETTINGS);
const found = createRequire(pathToFileURL(`${settings.root}/package.json`)).resolve("oidc-provider");
const { Provider } = await import(pathToFileURL(found));

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const page = (body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test provider</title>${body}</html>`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: settings.client_id,
      client_secret: settings.client_secret,
      grant_types: ["authorization_code"],
      response_types: ["code"],
      redirect_uris: settings.redirect_uris,
      post_logout_redirect_uris: settings.post_logout_redirect_uris,
      ...(settings.backchannel_logout_uri && {
        backchannel_logout_uri: settings.backchannel_logout_uri,
        backchannel_logout_session_required: true,
      }),
    },
  ],
  claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email", "email_verified"] },
  cookies: { keys: [randomBytes(24).toString("hex")] },
  // It refuses to fetch from loopback by itself, which is where the board of a test listens.
  fetch: (url, options) => globalThis.fetch(url, { method: options.method, headers: options.headers, body: options.body }),
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: id.charAt(0).toUpperCase() + id.slice(1),
      preferred_username: id,
      email: `${id}@millbrook.example`,
      email_verified: true,
      groups: ["everybody", ...(settings.groups[id] ?? [])],
    }),
  }),
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = page(
          `<h1>Sign out of the test provider?</h1>${form}<button form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`,
        );
      },
    },
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  // Consent is given by signing in.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
  pkce: { required: () => true },
});
provider.on("server_error", (ctx, error) => console.error(error));
provider.on("backchannel.error", (ctx, error) => console.error(error));

const oidc = provider.callback();
server.on("request", async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return oidc(request, response);
  try {
    if (request.method === "GET") {
      const { uid } = await provider.interactionDetails(request, response);
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(
        page(`<h1>Test provider</h1><form method="post" action="/interaction/${uid}">
        <label>Login name <input name="login" autofocus></label>
        <button name="do" value="enter">Sign in</button> <button name="do" value="deny">No, thanks</button></form>`),
      );
      return;
    }
    let body = "";
    for await (const part of request) body += part;
    const form = new URLSearchParams(body);
    const result =
      form.get("do") === "deny"
        ? { error: "access_denied", error_description: "The person said no" }
        : { login: { accountId: form.get("login") } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  } catch (error) {
    response.statusCode = 400;
    response.end(String(error));
  }
});

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
console.log(JSON.stringify({ issuer }));
