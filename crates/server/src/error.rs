//! Why the server did not do what was asked.

use pulze_contract::problem::Conflict;
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, ProblemType};

/// Either a refusal, which the caller is told in full, or a failure, which only the log learns.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("refused: {}", .0.kind.as_str())]
    Refused(Box<Refusal>),
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
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
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<ProblemType> for Error {
    fn from(kind: ProblemType) -> Self {
        Self::Refused(Box::new(Refusal { kind, errors: Vec::new(), retry_after_seconds: None, conflict: None }))
    }
}

impl Error {
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::Refused(Box::new(Refusal { kind: ProblemType::Invalid, errors, retry_after_seconds: None, conflict: None }))
    }

    pub fn too_many(retry_after_seconds: u32) -> Self {
        Self::Refused(Box::new(Refusal {
            kind: ProblemType::TooManyRequests,
            errors: Vec::new(),
            retry_after_seconds: Some(retry_after_seconds),
            conflict: None,
        }))
    }

    pub fn conflict(conflict: Conflict) -> Self {
        Self::Refused(Box::new(Refusal {
            kind: ProblemType::Conflict,
            errors: Vec::new(),
            retry_after_seconds: None,
            conflict: Some(Box::new(conflict)),
        }))
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
