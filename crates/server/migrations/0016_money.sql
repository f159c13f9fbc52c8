-- Costs of calls and their sums in nano-dollars: what a call of a few tokens costs is less than a micro-dollar.
-- Prices and limits stay micro-dollars. What was beyond all sense before stays within what can be added up.
UPDATE usage_calls SET cost = CASE WHEN cost > 1000000000000 THEN 1000000000000000 ELSE cost * 1000 END;
UPDATE usage_quarters SET cost = CASE WHEN cost > 4000000000000000 THEN 4000000000000000000 ELSE cost * 1000 END;
UPDATE usage_days SET cost = CASE WHEN cost > 4000000000000000 THEN 4000000000000000000 ELSE cost * 1000 END;
UPDATE usage_key_months SET cost = CASE WHEN cost > 4000000000000000 THEN 4000000000000000000 ELSE cost * 1000 END;

-- What all calls of an organization ever came to: a call that would bring it beyond what 64 bits add up is refused.
ALTER TABLE usage_extent ADD COLUMN prompt_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_extent ADD COLUMN completion_tokens BIGINT NOT NULL DEFAULT 0;
-- Nano-dollars.
ALTER TABLE usage_extent ADD COLUMN cost BIGINT NOT NULL DEFAULT 0;
-- Added up as doubles, which do not overflow; they are a bound, not an amount that is told.
UPDATE usage_extent SET
    prompt_tokens = (SELECT CAST(CASE WHEN COALESCE(SUM(CAST(d.prompt_tokens AS DOUBLE PRECISION)), 0) > 4e18 THEN 4e18
        ELSE COALESCE(SUM(CAST(d.prompt_tokens AS DOUBLE PRECISION)), 0) END AS BIGINT) FROM usage_days d WHERE d.organization_id = usage_extent.organization_id),
    completion_tokens = (SELECT CAST(CASE WHEN COALESCE(SUM(CAST(d.completion_tokens AS DOUBLE PRECISION)), 0) > 4e18 THEN 4e18
        ELSE COALESCE(SUM(CAST(d.completion_tokens AS DOUBLE PRECISION)), 0) END AS BIGINT) FROM usage_days d WHERE d.organization_id = usage_extent.organization_id),
    cost = (SELECT CAST(CASE WHEN COALESCE(SUM(CAST(d.cost AS DOUBLE PRECISION)), 0) > 4e18 THEN 4e18
        ELSE COALESCE(SUM(CAST(d.cost AS DOUBLE PRECISION)), 0) END AS BIGINT) FROM usage_days d WHERE d.organization_id = usage_extent.organization_id);

-- The spans around calls that were counted, by `trace:span`: a wrapper that comes later tells of the same call.
CREATE TABLE usage_span_parents (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX usage_span_parents_received ON usage_span_parents (received_at);
