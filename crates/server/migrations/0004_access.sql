-- Ends of roles and grants, seats, access templates, what invitations give, and mails that are sent.
ALTER TABLE users ADD COLUMN administers_installation BIGINT NOT NULL DEFAULT 0;

ALTER TABLE organizations ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
-- Zero: no limit.
ALTER TABLE organizations ADD COLUMN seats BIGINT NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN editors_may_invite BIGINT NOT NULL DEFAULT 0;

-- Zero: it lasts. An empty `then_role`: the membership ends with the role.
ALTER TABLE memberships ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE memberships ADD COLUMN then_role TEXT NOT NULL DEFAULT '';
ALTER TABLE space_members ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;
-- Every request asks whether an end is due: the few that there are stand in indexes of their own.
CREATE INDEX memberships_by_end ON memberships (ends_at) WHERE ends_at > 0;
CREATE INDEX space_members_by_end ON space_members (ends_at) WHERE ends_at > 0;

ALTER TABLE invitations ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;
-- Hash of the secret in a link that was copied instead of mailed; empty while there is none.
ALTER TABLE invitations ADD COLUMN link_hash TEXT NOT NULL DEFAULT '';
CREATE INDEX invitations_by_link ON invitations (link_hash);
CREATE INDEX invitations_by_email ON invitations (email);

CREATE TABLE invitation_spaces (
    organization_id TEXT NOT NULL,
    invitation_id TEXT NOT NULL,
    space_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    PRIMARY KEY (organization_id, invitation_id, space_id),
    FOREIGN KEY (organization_id, invitation_id) REFERENCES invitations (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, space_id) REFERENCES spaces (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE access_templates (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The name in lower case: no two templates differ by case alone.
    search TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    -- Zero: it lasts.
    ends_after_days BIGINT NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, search)
);

CREATE TABLE access_template_spaces (
    organization_id TEXT NOT NULL,
    template_id TEXT NOT NULL,
    space_id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    PRIMARY KEY (organization_id, template_id, space_id),
    FOREIGN KEY (organization_id, template_id) REFERENCES access_templates (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, space_id) REFERENCES spaces (organization_id, id) ON DELETE CASCADE
);

-- The mails so far were made without HTML; their links are good, so they stay as they are.
ALTER TABLE mails ADD COLUMN html TEXT NOT NULL DEFAULT '';
ALTER TABLE mails ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE mails ADD COLUMN state TEXT NOT NULL DEFAULT 'kept';
ALTER TABLE mails ADD COLUMN sent_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mails ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
-- Not before this time: a server that tries one puts it ahead, so that no other one tries it too.
ALTER TABLE mails ADD COLUMN next_attempt_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mails ADD COLUMN error TEXT NOT NULL DEFAULT '';
CREATE INDEX mails_waiting ON mails (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX mails_by_time ON mails (created_at);
