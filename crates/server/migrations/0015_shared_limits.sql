-- Requests of keys with a limit by the minute, counted by all servers together. Where there is one server only (SQLite),
-- it counts in its memory.
CREATE TABLE api_key_minutes (
    key_id TEXT NOT NULL,
    minute BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    PRIMARY KEY (key_id, minute)
);
