-- Usage: single calls for a while, and what they come to by quarter of an hour and by day.

-- A combination of what calls are told apart by; empty: not said. Sums name it by its number.
CREATE TABLE usage_series (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id BIGINT NOT NULL,
    space_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    assistant_id TEXT NOT NULL,
    model TEXT NOT NULL,
    router TEXT NOT NULL,
    key_id TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, space_id, member_id, assistant_id, model, router, key_id)
);

CREATE TABLE usage_calls (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- The gateway's own.
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    series_id BIGINT NOT NULL,
    -- Zero: not said.
    key_version BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    -- Milliseconds; -1: not said.
    latency BIGINT NOT NULL,
    status BIGINT NOT NULL,
    -- Micro-dollars.
    cost BIGINT NOT NULL,
    -- 0 reported, 1 by the catalogue, 2 unknown.
    cost_source BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX usage_calls_at ON usage_calls (organization_id, at, id);
CREATE INDEX usage_calls_received ON usage_calls (received_at);

-- By quarter of an hour (UTC, counted from 1970-01-01): every time zone starts its hours at one.
CREATE TABLE usage_quarters (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    quarter BIGINT NOT NULL,
    series_id BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    unpriced BIGINT NOT NULL,
    -- Calls by how long they took; see the contract's `LATENCY_BOUNDS`.
    l0 BIGINT NOT NULL, l1 BIGINT NOT NULL, l2 BIGINT NOT NULL, l3 BIGINT NOT NULL, l4 BIGINT NOT NULL,
    l5 BIGINT NOT NULL, l6 BIGINT NOT NULL, l7 BIGINT NOT NULL, l8 BIGINT NOT NULL, l9 BIGINT NOT NULL,
    l10 BIGINT NOT NULL, l11 BIGINT NOT NULL, l12 BIGINT NOT NULL, l13 BIGINT NOT NULL, l14 BIGINT NOT NULL,
    PRIMARY KEY (organization_id, quarter, series_id)
);

DROP TABLE usage_days;
DROP TABLE latency_days;

-- By day of the organization's reporting time zone (counted from 1970-01-01).
CREATE TABLE usage_days (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    series_id BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    errors BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    unpriced BIGINT NOT NULL,
    l0 BIGINT NOT NULL, l1 BIGINT NOT NULL, l2 BIGINT NOT NULL, l3 BIGINT NOT NULL, l4 BIGINT NOT NULL,
    l5 BIGINT NOT NULL, l6 BIGINT NOT NULL, l7 BIGINT NOT NULL, l8 BIGINT NOT NULL, l9 BIGINT NOT NULL,
    l10 BIGINT NOT NULL, l11 BIGINT NOT NULL, l12 BIGINT NOT NULL, l13 BIGINT NOT NULL, l14 BIGINT NOT NULL,
    PRIMARY KEY (organization_id, day, series_id)
);

-- What a key cost by month of the reporting time zone (`202611`), for limits of spending.
CREATE TABLE usage_key_months (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL,
    month BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (organization_id, key_id, month)
);

-- The first and the newest call of an organization.
CREATE TABLE usage_extent (
    organization_id TEXT PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
    first_at BIGINT NOT NULL,
    newest_at BIGINT NOT NULL
);

-- Tools are counted apart: one call may use several. Assistants are counted with their calls from now on.
DROP TABLE resource_days;
CREATE TABLE usage_tool_days (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    tool_id TEXT NOT NULL,
    space_id TEXT NOT NULL,
    calls BIGINT NOT NULL,
    PRIMARY KEY (organization_id, day, tool_id, space_id)
);

-- Prices of the catalogue as they were, from when on.
CREATE TABLE catalogue_prices (
    id TEXT NOT NULL,
    since BIGINT NOT NULL,
    input_price BIGINT NOT NULL,
    output_price BIGINT NOT NULL,
    PRIMARY KEY (id, since)
);
INSERT INTO catalogue_prices (id, since, input_price, output_price)
    SELECT id, 0, input_price, output_price FROM catalogue_models;

-- Questions that somebody keeps.
CREATE TABLE usage_views (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id, id),
    UNIQUE (organization_id, user_id, name)
);

-- How far a file was imported, so that an import that broke off goes on.
CREATE TABLE usage_imports (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- SHA-256 of the file and of how its columns were read.
    source TEXT NOT NULL,
    rows BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (organization_id, source)
);
