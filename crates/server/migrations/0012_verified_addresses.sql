-- An account's address is a claim until it is proved: by a link that was mailed there, or by a provider that verified it.
ALTER TABLE users ADD COLUMN email_verified_at BIGINT NOT NULL DEFAULT 0;
-- Accounts without a password were made by a provider, for an address that it had verified. All others from before are
-- asked to verify theirs: nobody knows by which link they were made.
UPDATE users SET email_verified_at = created_at WHERE password_hash = 'none'
    AND EXISTS (SELECT 1 FROM identities i WHERE i.user_id = users.id AND i.email = users.email);

-- The link that was mailed last to an account's address.
CREATE TABLE email_verifications (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- The address that it was mailed to.
    email TEXT NOT NULL,
    -- Hash of the link's secret.
    secret_hash TEXT NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL
);
