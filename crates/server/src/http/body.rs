//! Bodies: read after the caller is known, within the operation's length and a time.

use crate::error::{Error, Result};
use crate::store::Tenant;
use crate::turns::{Share, Shares};
use axum::body::{Body, Bytes, HttpBody};
use futures_util::StreamExt;
use pulze_contract::ProblemType;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// How long a body that nobody reads any more is taken in, so that the refusal reaches whoever still sends.
const DISCARD: Duration = Duration::from_secs(2);

/// What a body may have without being counted, in bytes.
const SMALL: usize = 64 * 1024;
/// The memory of this process for bodies that are longer: of all, and of one tenant; two of the longest.
static MEMORY: LazyLock<Arc<Shares<Tenant>>> = LazyLock::new(|| Shares::new(160 * 1024 * 1024, 48 * 1024 * 1024));

/// The whole body, and the memory that is counted for it while it is needed.
pub struct Whole {
    pub bytes: Bytes,
    pub memory: Option<Share<Tenant>>,
}

/// A body that was not read yet. Dropped, what still comes is taken in for a moment and forgotten.
pub struct Unread {
    body: Option<Body>,
    most: usize,
}

impl Unread {
    /// A body of at most so many bytes.
    pub fn new(body: Body, most: usize) -> Self {
        Self { body: Some(body), most }
    }

    /// Reads the whole body.
    ///
    /// # Errors
    /// `too-large`, before anything is read where the length is said; `request-timeout` where it is not there in
    /// time; `malformed` where it breaks off; `too-many-requests` or `unavailable` where bodies take too much memory.
    pub async fn read(mut self, within: Duration, whose: &Tenant) -> Result<Whole> {
        if self.most == 0 {
            return Ok(Whole { bytes: Bytes::new(), memory: None });
        }
        let too_large = || Error::from(ProblemType::TooLarge);
        let length = self.body.as_ref().map(|body| body.size_hint().lower()).unwrap_or_default();
        if usize::try_from(length).map_or(true, |length| length > self.most) {
            return Err(too_large());
        }
        let Some(body) = self.body.take() else { return Ok(Whole { bytes: Bytes::new(), memory: None }) };
        let mut stream = body.into_data_stream();
        let most = self.most;
        let whole = async move {
            let mut read = Vec::new();
            let mut memory: Option<Share<Tenant>> = None;
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|_| Error::from(ProblemType::Malformed))?;
                if read.len() + chunk.len() > most {
                    return Err(too_large());
                }
                if read.len() + chunk.len() > SMALL {
                    match &mut memory {
                        Some(memory) => memory.grow(chunk.len())?,
                        None => memory = Some(MEMORY.take(whose, read.len() + chunk.len())?),
                    }
                }
                read.extend_from_slice(&chunk);
            }
            Ok(Whole { bytes: Bytes::from(read), memory })
        };
        tokio::time::timeout(within, whole).await.unwrap_or_else(|_| Err(ProblemType::RequestTimeout.into()))
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else { return };
        let most = self.most;
        tokio::spawn(tokio::time::timeout(DISCARD, async move {
            let mut stream = body.into_data_stream();
            let mut read = 0;
            while let Some(Ok(chunk)) = stream.next().await {
                read += chunk.len();
                if read > most {
                    break;
                }
            }
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_tenant_has_only_so_much_memory_for_bodies() {
        const MOST: usize = 24 * 1024 * 1024;
        let whose = |name: &str| Tenant::Address(name.to_owned());
        let read = async |bytes: usize, whose: &Tenant| {
            let body = Unread::new(Body::from(vec![b' '; bytes]), MOST);
            body.read(Duration::from_secs(60), whose).await
        };
        let mut kept = Vec::new();
        for _ in 0..2 {
            kept.push(read(MOST, &whose("much")).await.ok());
        }
        assert!(kept.iter().all(Option::is_some));
        let refused = read(MOST, &whose("much")).await.err();
        assert!(matches!(refused, Some(Error::Refused(refusal)) if refusal.kind == ProblemType::TooManyRequests));
        // Short ones are always taken, and so are those of others.
        kept.push(read(SMALL, &whose("much")).await.ok());
        kept.push(read(MOST, &whose("other")).await.ok());
        assert!(kept.iter().all(Option::is_some));
        drop(kept);
        assert!(read(MOST, &whose("much")).await.is_ok());
    }
}
