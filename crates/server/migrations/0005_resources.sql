-- Models, routers, defaults and what spaces make of them; what was used, by day.

-- The catalogue, the same for every organization: filled from a file when that file is another one.
CREATE TABLE catalogue_models (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    -- Zero: the provider does not say.
    context_window BIGINT NOT NULL,
    max_output_tokens BIGINT NOT NULL,
    -- Micro-dollars for a million tokens.
    input_price BIGINT NOT NULL,
    output_price BIGINT NOT NULL,
    vision BIGINT NOT NULL,
    functions BIGINT NOT NULL,
    json_schema BIGINT NOT NULL,
    -- Zero: not deprecated.
    deprecated_on BIGINT NOT NULL
);

CREATE TABLE organization_models (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    context_window BIGINT NOT NULL,
    max_output_tokens BIGINT NOT NULL,
    input_price BIGINT NOT NULL,
    output_price BIGINT NOT NULL,
    vision BIGINT NOT NULL,
    functions BIGINT NOT NULL,
    json_schema BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- What an organization decided; a model without a row is enabled, a managed router as it comes.
CREATE TABLE switches (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('model', 'router')),
    id TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    PRIMARY KEY (organization_id, kind, id)
);

CREATE TABLE routers (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    search TEXT NOT NULL,
    -- The contract's `RouterContent`, as JSON.
    content TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    archived_at BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE organization_defaults (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    setting TEXT NOT NULL CHECK (setting IN ('router', 'naming_model')),
    -- Empty: nothing is set.
    value TEXT NOT NULL,
    locked BIGINT NOT NULL,
    PRIMARY KEY (organization_id, setting)
);

-- A space without a row inherits.
CREATE TABLE space_settings (
    organization_id TEXT NOT NULL,
    space_id TEXT NOT NULL,
    setting TEXT NOT NULL CHECK (setting IN ('router', 'naming_model')),
    value TEXT NOT NULL,
    PRIMARY KEY (organization_id, space_id, setting),
    FOREIGN KEY (organization_id, space_id) REFERENCES spaces (organization_id, id) ON DELETE CASCADE
);

-- The contract's `NewModels`, as JSON; empty: enabled.
ALTER TABLE organizations ADD COLUMN new_models TEXT NOT NULL DEFAULT '';
-- Counts changes of models, routers, defaults and settings.
ALTER TABLE organizations ADD COLUMN resources_version BIGINT NOT NULL DEFAULT 1;

-- What was used, one row a day (UTC, counted from 1970-01-01) and combination.
CREATE TABLE usage_days (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    space_id TEXT NOT NULL,
    model TEXT NOT NULL,
    router TEXT NOT NULL,
    requests BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    -- Micro-dollars.
    cost BIGINT NOT NULL,
    PRIMARY KEY (organization_id, day, space_id, model, router)
);

-- How long requests took: how many of a day ended within `bound` milliseconds, and not within the bound before.
CREATE TABLE latency_days (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    router TEXT NOT NULL,
    bound BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    PRIMARY KEY (organization_id, day, router, bound)
);

CREATE TABLE installation (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
