-- How many conversations, documents and so on there are, as the parts of the platform that own them report it.
CREATE TABLE content_counts (
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- Empty: beside the spaces.
    space_id TEXT NOT NULL,
    content TEXT NOT NULL,
    count BIGINT NOT NULL,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, space_id, content)
);
