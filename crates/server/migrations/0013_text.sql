-- Of the callers of a secret only the newest are kept apart (`CALLERS_KEPT` of the server's store); of the others, sums.
CREATE TABLE api_key_other_callers (
    organization_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    -- How often a caller was counted in here; one that came back counts again.
    callers BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (organization_id, key_id, number),
    FOREIGN KEY (organization_id, key_id) REFERENCES api_keys (organization_id, id) ON DELETE CASCADE
);
INSERT INTO api_key_other_callers (organization_id, key_id, number, callers, requests, last_seen)
    SELECT organization_id, key_id, number, COUNT(*), CAST(SUM(requests) AS BIGINT), MAX(last_seen) FROM (
        SELECT organization_id, key_id, number, requests, last_seen, ROW_NUMBER() OVER (
            PARTITION BY organization_id, key_id, number ORDER BY last_seen DESC, address, client) AS place
        FROM api_key_callers) ranked
    WHERE place > 100 GROUP BY organization_id, key_id, number;
DELETE FROM api_key_callers WHERE (organization_id, key_id, number, address, client) IN (
    SELECT organization_id, key_id, number, address, client FROM (
        SELECT organization_id, key_id, number, address, client, ROW_NUMBER() OVER (
            PARTITION BY organization_id, key_id, number ORDER BY last_seen DESC, address, client) AS place
        FROM api_key_callers) ranked
    WHERE place > 100);
