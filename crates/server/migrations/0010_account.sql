-- Accounts: pictures, preferences, other services to sign in by; sessions that can be named; what just happened.

ALTER TABLE users ADD COLUMN avatar_url TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN theme TEXT NOT NULL DEFAULT 'system';
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Sessions from before have no name to end them by: they end now.
DELETE FROM sessions;
ALTER TABLE sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';
-- When the person proved last who they are.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
-- The provider of the sign-in; empty: by password.
ALTER TABLE sessions ADD COLUMN provider TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX sessions_id ON sessions (id);

-- Who somebody is at a provider of OpenID Connect.
CREATE TABLE identities (
    provider TEXT NOT NULL,
    -- Issuer and subject together name the person; the issuer is the provider's.
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- Sign-ins by a provider that are under way; each can be finished once.
CREATE TABLE sign_in_transactions (
    -- SHA-256 of the state.
    state_hash TEXT PRIMARY KEY,
    -- SHA-256 of the cookie that binds it to a browser.
    browser_hash TEXT NOT NULL,
    provider TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    -- Whose account is being linked, or proved again; empty for a sign-in.
    user_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Pictures by the hash of their content: what was fetched or uploaded, cleaned.
CREATE TABLE images (
    hash TEXT PRIMARY KEY,
    content_type TEXT NOT NULL,
    -- Base64.
    content TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- What happened in the last minute, for pages that are open: written in the transaction of the change.
CREATE TABLE live_events (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- Each empty where it does not matter.
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    by_user_id TEXT NOT NULL
);
CREATE INDEX live_events_at ON live_events (at);
