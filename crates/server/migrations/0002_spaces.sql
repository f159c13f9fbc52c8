-- Spaces and who was granted a role in them; what members are found by, and when they last came.
-- Name and email in lower case stand with every membership, so that one index sorts and searches it.
ALTER TABLE users ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE users SET search = LOWER(name || ' ' || email);
ALTER TABLE memberships ADD COLUMN last_active_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE memberships ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE memberships SET search = (SELECT u.search FROM users u WHERE u.id = memberships.user_id);
CREATE INDEX memberships_by_search ON memberships (organization_id, search, user_id, role);
CREATE INDEX memberships_by_role ON memberships (organization_id, role, search, user_id);

CREATE TABLE spaces (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    description TEXT NOT NULL,
    logo_url TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('organization', 'invited')),
    archived_at BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, id)
);

-- A grant ends with the space and with the membership.
CREATE TABLE space_members (
    organization_id TEXT NOT NULL,
    space_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, space_id, user_id),
    FOREIGN KEY (organization_id, space_id) REFERENCES spaces (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX space_members_by_user ON space_members (organization_id, user_id);
CREATE INDEX audit_events_by_subject ON audit_events (organization_id, subject, at);
