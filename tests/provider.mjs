// A real provider of OpenID Connect on loopback: npm's certified `oidc-provider`, with one person.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Provider from "oidc-provider";

const freePort = () =>
  new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });

/** Starts the provider for a console that will listen on `port`; gives the operator's file for it. */
export async function startProvider(port, email) {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const console_ = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "console",
      client_secret: "a secret of both",
      redirect_uris: [`${console_}/sign-in/callback`],
      post_logout_redirect_uris: [`${console_}/`],
    }],
    claims: { email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    cookies: { keys: ["for tests only"] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, email, email_verified: true, name: "Petra Provider" }) }),
  });
  const listener = await new Promise((listening) => {
    const server = provider.listen(Number(new URL(issuer).port), "127.0.0.1", () => listening(server));
  });
  const folder = await mkdtemp(join(tmpdir(), "pulze-provider-"));
  const file = join(folder, "providers.json");
  const providers = [{ id: "company", name: "Company", issuer, client_id: "console", client_secret: "a secret of both", creates_accounts: true }];
  await writeFile(file, JSON.stringify(providers));
  const stop = async () => {
    listener.closeAllConnections();
    listener.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { issuer, file, stop };
}

export { freePort };

/** Signs in at the provider's own page, and lets it tell the console. */
export async function atTheProvider(page, name) {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}
