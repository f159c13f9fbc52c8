//! Reading pasted lists of people: out of mail programs, spreadsheets, directory exports and our own members.csv.
//!
//! Only what stands in the place of an address invites: a mailbox of RFC 5322 (3.4), or a cell of the column that holds
//! the addresses. Only a column that says so gives a role. Where several columns hold addresses and no header decides,
//! nobody is found and the columns are told, so that the reader is asked.

mod mailboxes;
mod table;
mod words;

use crate::Role;
use crate::invitation::AddressColumn;
use crate::validation::{self, Rule};
use mailboxes::Part;

/// What is told of something that cannot be read, in characters at most.
const TOLD_MAX: usize = 200;

/// One person found in a pasted text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recipient {
    /// As it is kept, or what is wrong with it.
    pub email: Result<String, Rule>,
    /// What stood there.
    pub text: String,
    /// What a column for roles says about them.
    pub role: Option<Role>,
}

/// What a pasted text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    pub recipients: Vec<Recipient>,
    /// The columns to choose from, where it is not clear which one holds the addresses; then nobody is found yet.
    pub columns: Vec<AddressColumn>,
}

impl People {
    /// Takes somebody in. The same address with the same role is one person; with another role the second one stays, so
    /// that it is told and not chosen in silence.
    fn add(&mut self, recipient: Recipient) {
        let same = |other: &Recipient| match (&other.email, &recipient.email) {
            (Ok(one), Ok(two)) => one == two && other.role == recipient.role,
            (Err(_), Err(_)) => other.text == recipient.text,
            _ => false,
        };
        if !self.recipients.iter().any(same) {
            self.recipients.push(recipient);
        }
    }

    fn add_part(&mut self, part: Part, role: Option<Role>) {
        self.add(match part {
            Part::Address(text) => Recipient { email: validation::email(&text), text: told(&text), role },
            Part::Unread(text) => Recipient { email: Err(Rule::EmailMalformed), text: told(&text), role: None },
        });
    }
}

/// Reads whatever was pasted. `column` is the reader's answer to [`People::columns`].
///
/// What has an address in the place of one is found; a line without one is reported, so that nothing is lost in
/// silence.
///
/// # Errors
/// The text has no such column.
pub fn read(text: &str, column: Option<u32>) -> Result<People, Rule> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let (separator, text) = table::separator_line(&text);
    let mut people = People::default();
    if let Some(table) = table::find(text, separator) {
        let chosen = match column {
            Some(column) => table.column(column).ok_or(Rule::Unknown)?,
            None => match table.addresses() {
                Ok(column) => column,
                Err(columns) => return Ok(People { columns, ..People::default() }),
            },
        };
        table.read(chosen, &mut people);
    } else if column.is_some() {
        return Err(Rule::Unknown);
    } else {
        for part in mailboxes::read(table::without_title(text)) {
            people.add_part(part, None);
        }
    }
    Ok(people)
}

/// What stood there, at a length that can be told.
fn told(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TOLD_MAX).collect()
}

#[cfg(test)]
mod tests;
