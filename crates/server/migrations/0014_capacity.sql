-- What is cleared away beside every creation, every sign-in, and twice a second: found, not searched for.
CREATE INDEX idempotency_records_by_time ON idempotency_records (created_at);
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (at);
CREATE INDEX sessions_by_creation ON sessions (created_at);
CREATE INDEX sessions_by_use ON sessions (last_used_at);
CREATE INDEX api_key_secrets_recoverable ON api_key_secrets (created_at) WHERE recovery <> '';
