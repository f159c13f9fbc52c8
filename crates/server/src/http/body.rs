//! Bodies: read after the caller is known, within the operation's length and a time.

use crate::error::{Error, Result};
use axum::body::{Body, Bytes, HttpBody};
use futures_util::StreamExt;
use pulze_contract::ProblemType;
use std::time::Duration;

/// How long a body that nobody reads any more is taken in, so that the refusal reaches whoever still sends.
const DISCARD: Duration = Duration::from_secs(2);

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
    /// time; `malformed` where it breaks off.
    pub async fn read(mut self, within: Duration) -> Result<Bytes> {
        if self.most == 0 {
            return Ok(Bytes::new());
        }
        let too_large = || Error::from(ProblemType::TooLarge);
        let length = self.body.as_ref().map(|body| body.size_hint().lower()).unwrap_or_default();
        if usize::try_from(length).map_or(true, |length| length > self.most) {
            return Err(too_large());
        }
        let Some(body) = self.body.take() else { return Ok(Bytes::new()) };
        let mut stream = body.into_data_stream();
        let most = self.most;
        let whole = async move {
            let mut read = Vec::new();
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|_| Error::from(ProblemType::Malformed))?;
                if read.len() + chunk.len() > most {
                    return Err(too_large());
                }
                read.extend_from_slice(&chunk);
            }
            Ok(Bytes::from(read))
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
