//! Why the server did not do what was asked.

use crate::turns::Full;
use axum::http::{HeaderName, HeaderValue};
use pulze_contract::problem::Conflict;
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, ProblemType};

/// Either a refusal, which the caller is told in full, or a failure, which only the log learns.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("refused: {}", .0.kind.as_str())]
    Refused(Box<Refusal>),
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
    #[error("internal: {0}")]
    Internal(String),
}

/// What a problem document says beyond its type.
#[derive(Debug)]
pub struct Refusal {
    pub kind: ProblemType,
    pub errors: Vec<FieldError>,
    pub retry_after_seconds: Option<u32>,
    pub conflict: Option<Box<Conflict>>,
    /// What it is about this request, for integrators.
    pub detail: Option<String>,
    /// A header that the status asks for.
    pub header: Option<(HeaderName, HeaderValue)>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What PostgreSQL calls text that it cannot keep: a byte that is no UTF-8 (NUL above all), a character that has no place
/// in the database's encoding.
const TEXT_REFUSED: [&str; 2] = ["22021", "22P05"];

impl From<sqlx::Error> for Error {
    /// Text that a database cannot keep is refused where it comes in (`http::clean`). Should some get past that, it is
    /// still the request that is wrong, not the server. And a database that is away, or has no turn left, is no fault of
    /// the server either.
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        if let Some(code) = code.filter(|code| TEXT_REFUSED.contains(&code.as_ref())) {
            tracing::error!(%code, "text came as far as the database and was refused there");
            return ProblemType::Malformed.into();
        }
        if is_away(&error) {
            tracing::error!(%error, "the database is not available");
            return Self::unavailable("The database does not answer.");
        }
        Self::Database(error)
    }
}

/// What SQLite says of a database that another process holds: `SQLITE_BUSY`, `SQLITE_LOCKED`.
const LOCKED: [u32; 2] = [5, 6];
/// What PostgreSQL says where it is not to be had just now: classes of connections, of resources and of its operators;
/// a lock that was not given, and two transactions of which one had to go.
const AWAY: [&str; 6] = ["08", "53", "57", "55P03", "40001", "40P01"];

/// Whether the same may well be done a little later.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| match code.parse::<u32>() {
            Ok(number) if number < 10_000 => LOCKED.contains(&(number & 0xff)),
            _ => code.len() == 5 && AWAY.iter().any(|away| code.starts_with(away)),
        }),
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_) => true,
        _ => false,
    }
}

impl From<Full> for Error {
    fn from(full: Full) -> Self {
        match full {
            Full::Theirs => Self::refused(ProblemType::TooManyRequests, |refusal| {
                refusal.retry_after_seconds = Some(AGAIN_SECONDS);
                refusal.detail = Some("Too much of yours is under way at once.".to_owned());
            }),
            Full::All => Self::unavailable("Too much is under way at once."),
        }
    }
}

/// After how long what did not fit is worth another try, in seconds.
const AGAIN_SECONDS: u32 = 2;

impl From<ProblemType> for Error {
    fn from(kind: ProblemType) -> Self {
        Self::Refused(Box::new(Refusal {
            kind,
            errors: Vec::new(),
            retry_after_seconds: None,
            conflict: None,
            detail: None,
            header: None,
        }))
    }
}

impl Error {
    /// Whether it is about what was to be read or written, so that other rows may well do; `false` where the database
    /// does not answer, or has no turn left.
    pub fn is_about_the_row(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.kind == ProblemType::Malformed,
            Self::Internal(_) => true,
            // A value or a constraint: classes 22 and 23 of SQLSTATE, or SQLite's code 19 with what it is about.
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                let sqlite = code.parse::<u32>().is_ok_and(|code| code < 10_000 && code & 0xff == 19);
                sqlite || (code.len() == 5 && (code.starts_with("22") || code.starts_with("23")))
            }),
            Self::Database(error) => matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)),
        }
    }

    fn refused(kind: ProblemType, more: impl FnOnce(&mut Refusal)) -> Self {
        let mut error = Self::from(kind);
        if let Self::Refused(refusal) = &mut error {
            more(refusal);
        }
        error
    }

    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::refused(ProblemType::Invalid, |refusal| refusal.errors = errors)
    }

    pub fn too_many(retry_after_seconds: u32) -> Self {
        Self::refused(ProblemType::TooManyRequests, |refusal| refusal.retry_after_seconds = Some(retry_after_seconds))
    }

    /// Nothing is wrong with the request: it is worth another try a little later.
    pub fn unavailable(detail: &str) -> Self {
        Self::refused(ProblemType::Unavailable, |refusal| {
            refusal.retry_after_seconds = Some(AGAIN_SECONDS);
            refusal.detail = Some(detail.to_owned());
        })
    }

    pub fn conflict(conflict: Conflict) -> Self {
        Self::refused(ProblemType::Conflict, |refusal| refusal.conflict = Some(Box::new(conflict)))
    }

    /// A refusal that says what it is about this request.
    pub fn because(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self::refused(kind, |refusal| refusal.detail = Some(detail.into()))
    }

    /// The same, with a header that the status asks for.
    pub fn with_header(kind: ProblemType, detail: impl Into<String>, name: HeaderName, value: &'static str) -> Self {
        Self::refused(kind, |refusal| {
            refusal.detail = Some(detail.into());
            refusal.header = Some((name, HeaderValue::from_static(value)));
        })
    }
}

/// Collects the rules that fields break, so that all of them are answered at once.
#[derive(Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// The value, or its type's default and a note of the broken rule.
    pub fn check<T: Default>(&mut self, field: &str, result: std::result::Result<T, Rule>) -> T {
        result.unwrap_or_else(|rule| {
            self.0.push(FieldError::new(field, rule));
            T::default()
        })
    }

    /// # Errors
    /// [`ProblemType::Invalid`] when a field was refused.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid(self.0)) }
    }
}
