-- Invitations, and the mails that wait to be sent.
CREATE TABLE invitations (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    message TEXT NOT NULL,
    -- Hash of the link's secret; a link that was replaced finds nothing.
    secret_hash TEXT NOT NULL UNIQUE,
    invited_by TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    opened_at BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL,
    declined_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, email)
);

CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
