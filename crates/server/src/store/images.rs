//! Pictures by the hash of their content.

use super::Connection;
use crate::error::Result;
use pulze_contract::Timestamp;
use sqlx::Row;

pub struct Image {
    pub hash: String,
    pub content_type: String,
    /// Base64.
    pub content: String,
    pub width: i64,
    pub height: i64,
}

/// Keeps a picture; the same content is kept once.
pub async fn put(db: &mut Connection, image: &Image, at: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO images (hash, content_type, content, width, height, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING")
        .bind(&image.hash).bind(&image.content_type).bind(&image.content).bind(image.width).bind(image.height).bind(at)
        .execute(db).await?;
    Ok(())
}

pub async fn find(db: &mut Connection, hash: &str) -> Result<Option<Image>> {
    let row = sqlx::query("SELECT hash, content_type, content, width, height FROM images WHERE hash = $1")
        .bind(hash)
        .fetch_optional(db)
        .await?;
    let image = |row: sqlx::any::AnyRow| {
        Ok(Image {
            hash: row.try_get("hash")?,
            content_type: row.try_get("content_type")?,
            content: row.try_get("content")?,
            width: row.try_get("width")?,
            height: row.try_get("height")?,
        })
    };
    row.map(image).transpose()
}
