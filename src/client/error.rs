//! The one funnel from an answer of the server to a sentence for the reader.

use super::interruption::Interruption;
use crate::args;
use crate::i18n::{Key, plural, text, text_with};
use pulze_contract::problem::Conflict;
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, Problem, ProblemType};

/// Why an operation did not happen.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClientError {
    #[error("the server could not be reached")]
    Unreachable,
    #[error("the server refused: {}", .0.title)]
    Refused(Box<Problem>),
}

impl ClientError {
    fn kind(&self) -> Option<ProblemType> {
        match self {
            Self::Unreachable => None,
            Self::Refused(problem) => Some(problem.kind),
        }
    }

    /// What the person can go on from.
    pub fn interruption(&self) -> Option<Interruption> {
        match self.kind()? {
            ProblemType::SignedOut => Some(Interruption::SignedOut),
            ProblemType::FreshSignInRequired => Some(Interruption::FreshSignIn),
            _ => None,
        }
    }

    pub fn is_wrong_password(&self) -> bool {
        self.kind() == Some(ProblemType::WrongCredentials)
    }

    pub fn is_signed_out(&self) -> bool {
        self.kind() == Some(ProblemType::SignedOut)
    }

    /// It does not exist, or is no longer the viewer's to see or change.
    pub fn is_gone(&self) -> bool {
        matches!(self.kind(), Some(ProblemType::NotFound | ProblemType::Forbidden))
    }

    /// What somebody else saved in between.
    pub fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(problem) => problem.conflict.as_deref().cloned(),
            Self::Unreachable => None,
        }
    }

    /// Whether the server refused fields.
    pub fn names_field(&self) -> bool {
        matches!(self, Self::Refused(problem) if !problem.errors.is_empty())
    }

    /// What the server refused of a field.
    pub fn field_error(&self, field: &str) -> Option<&FieldError> {
        let Self::Refused(problem) = self else { return None };
        problem.errors.iter().find(|error| error.field == field)
    }

    /// The sentence at a field, if the server refused that field.
    pub fn of_field(&self, field: &str) -> Option<String> {
        self.field_error(field).map(|error| rule_text(error.rule))
    }

    /// The sentence for the reader, in their language.
    pub fn sentence(&self) -> String {
        let Self::Refused(problem) = self else { return text(Key::ErrorUnreachable) };
        let key = match problem.kind {
            ProblemType::SignedOut => Key::ErrorSignedOut,
            ProblemType::WrongCredentials => Key::ErrorWrongCredentials,
            ProblemType::FreshSignInRequired => Key::ErrorFreshSignIn,
            ProblemType::ProviderUnavailable => Key::ErrorProvider,
            ProblemType::Forbidden => Key::ErrorForbidden,
            ProblemType::NotFound => Key::ErrorNotFound,
            ProblemType::LastAdmin => Key::ErrorLastAdmin,
            ProblemType::SubscriptionActive => Key::ErrorSubscription,
            ProblemType::InvitationInvalid => Key::ErrorInvitation,
            ProblemType::InviterGone => Key::ErrorInviterGone,
            ProblemType::AddressUnverified => Key::ErrorAddressUnverified,
            ProblemType::VerificationInvalid => Key::ErrorVerification,
            ProblemType::Invalid => Key::ErrorFields,
            ProblemType::NoSeat => Key::ErrorNoSeat,
            ProblemType::Conflict => Key::ErrorConflict,
            ProblemType::InUse => Key::ErrorInUse,
            ProblemType::PlanRequired => Key::ErrorPlan,
            ProblemType::UndoExpired => Key::ErrorUndoExpired,
            ProblemType::TooManyRequests => {
                let minutes = problem.retry_after_seconds.unwrap_or(60).div_ceil(60);
                return plural(Key::ErrorTooMany, minutes);
            }
            _ => return text_with(Key::ErrorServer, args!(request = problem.request_id.clone())),
        };
        text(key)
    }
}

/// The sentence for a broken rule.
pub fn rule_text(rule: Rule) -> String {
    let key = match rule {
        Rule::Required => Key::RuleRequired,
        Rule::TooLong => Key::RuleTooLong,
        Rule::InvisibleCharacters => Key::RuleInvisible,
        Rule::UrlNotHttps => Key::RuleUrlNotHttps,
        Rule::UrlMalformed => Key::RuleUrlMalformed,
        Rule::TimeZoneUnknown => Key::RuleTimeZone,
        Rule::NameMismatch => Key::RuleNameMismatch,
        Rule::NotAMember => Key::RuleNotAMember,
        Rule::Duplicate => Key::RuleDuplicate,
        Rule::EmailMalformed => Key::RuleEmail,
        Rule::RoleUnknown => Key::RuleRoleUnknown,
        Rule::PasswordTooShort => Key::RulePassword,
        Rule::EndNotAhead => Key::RuleEndNotAhead,
        Rule::NotLess => Key::RuleNotLess,
        Rule::SpaceUnknown => Key::RuleSpaceUnknown,
        Rule::LanguageUnknown => Key::RuleLanguage,
        Rule::ModelNameMalformed => Key::RuleModelName,
        Rule::ModelUnavailable => Key::RuleModelUnavailable,
        Rule::RouterUnavailable => Key::RuleRouterUnavailable,
        Rule::RouterCycle => Key::RuleRouterCycle,
        Rule::ChainEmpty => Key::RuleChainEmpty,
        Rule::WeightsZero => Key::RuleWeightsZero,
        Rule::NotPositive => Key::RuleNotPositive,
        Rule::AmountTooLarge => Key::RuleAmountTooLarge,
        Rule::TooMany => Key::RuleTooMany,
        Rule::NotANumber => Key::RuleNotANumber,
        Rule::Unknown => Key::RuleUnknown,
        Rule::ToolUnavailable => Key::RuleToolUnavailable,
        Rule::LevelUnfit => Key::RuleLevelUnfit,
        Rule::AddressRangeMalformed => Key::RuleAddressRange,
        Rule::TooFarAhead => Key::RuleTooFarAhead,
        Rule::BeyondReach => Key::RuleBeyondReach,
        Rule::ImageUnreachable => Key::RuleImageUnreachable,
        Rule::ImageKind => Key::LogoWrongFormat,
        Rule::ImageSides => Key::RuleImageSides,
        Rule::ImageTooLarge => Key::RuleImageTooLarge,
        Rule::KeyMalformed => Key::RuleKeyMalformed,
        Rule::SecretOfAnotherOrigin => Key::RuleSecretOrigin,
    };
    text(key)
}
