-- Assistants, tools, and who may do what with a resource.

-- The same table with two kinds more: a constraint cannot be changed in place everywhere.
CREATE TABLE resource_switches (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('model', 'router', 'assistant', 'tool')),
    id TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    PRIMARY KEY (organization_id, kind, id)
);
INSERT INTO resource_switches (organization_id, kind, id, enabled) SELECT organization_id, kind, id, enabled FROM switches;
DROP TABLE switches;

-- What was said about a resource to a role, a space or a member; nothing said: what the role brings along.
CREATE TABLE resource_grants (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('model', 'router', 'assistant', 'tool')),
    id TEXT NOT NULL,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('role', 'space', 'member')),
    subject_id TEXT NOT NULL,
    level TEXT NOT NULL CHECK (level IN ('none', 'view', 'use', 'manage', 'admin')),
    PRIMARY KEY (organization_id, kind, id, subject_kind, subject_id)
);

CREATE TABLE assistants (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    search TEXT NOT NULL,
    -- The contract's `AssistantContent` without its instructions, as JSON.
    content TEXT NOT NULL,
    instructions TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, id)
);

-- Integrations, and the settings of known tools once there are any.
CREATE TABLE tools (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    search TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Names and values that are no secrets, as JSON.
    settings TEXT NOT NULL,
    -- Zero: not tested since the settings changed.
    tested_at BIGINT NOT NULL DEFAULT 0,
    tested_good BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE tool_secrets (
    organization_id TEXT NOT NULL,
    tool_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Nonce and ciphertext in hexadecimal digits, under the key of the installation.
    sealed TEXT NOT NULL,
    PRIMARY KEY (organization_id, tool_id, name),
    FOREIGN KEY (organization_id, tool_id) REFERENCES tools (organization_id, id) ON DELETE CASCADE
);

-- How often assistants and tools were asked, one row a day and space.
CREATE TABLE resource_days (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('assistant', 'tool')),
    id TEXT NOT NULL,
    space_id TEXT NOT NULL,
    requests BIGINT NOT NULL,
    -- Micro-dollars.
    cost BIGINT NOT NULL,
    PRIMARY KEY (organization_id, day, kind, id, space_id)
);

-- Assistants are counted where they stand from now on.
DELETE FROM content_counts WHERE content = 'assistants';
