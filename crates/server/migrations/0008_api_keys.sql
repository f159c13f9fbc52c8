-- API keys, their secrets, and how they are used.

CREATE TABLE api_keys (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    -- The contract's `ApiKeyContent`, as JSON.
    content TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Zero: not.
    disabled_at BIGINT NOT NULL DEFAULT 0,
    revoked_at BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE api_key_secrets (
    -- SHA-256 of the whole key: with 256 random bits nothing slower is needed.
    hash TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    last_four TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Zero: the newest, good as long as the key is.
    good_until BIGINT NOT NULL DEFAULT 0,
    -- The secret, sealed, until it was used or some minutes have passed: for an answer that was lost.
    recovery TEXT NOT NULL,
    FOREIGN KEY (organization_id, key_id) REFERENCES api_keys (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX api_key_secrets_of_key ON api_key_secrets (organization_id, key_id, number);

-- Requests by hour (counted from 1970-01-01, UTC) and secret.
CREATE TABLE api_key_hours (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    good BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (organization_id, key_id, number, hour)
);

-- Who used a secret, and when last.
CREATE TABLE api_key_callers (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    address TEXT NOT NULL,
    client TEXT NOT NULL,
    requests BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (organization_id, key_id, number, address, client)
);

-- Which scopes a key was used for, and when last.
CREATE TABLE api_key_scopes (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    level TEXT NOT NULL,
    last_used BIGINT NOT NULL,
    PRIMARY KEY (organization_id, key_id, scope, level)
);

ALTER TABLE organizations ADD COLUMN keys_may_never_expire BIGINT NOT NULL DEFAULT 0;
-- Zero: any number.
ALTER TABLE organizations ADD COLUMN keys_days_max BIGINT NOT NULL DEFAULT 0;
