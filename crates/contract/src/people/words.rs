//! What columns are called: the words of headers in the languages of the product, and in the exports of directories.

use crate::Role;

/// Called by nothing but the address.
const EMAIL: &[&str] = &[
    "email",
    "mail",
    "emailaddress",
    "mailaddress",
    "emails",
    "emailaddresses",
    "primaryemail",
    "primaryemailaddress",
    "emailadresse",
    "mailadresse",
    "emailadressen",
    "emails",
    "primäreemail",
    "primäreemailadresse",
    "بريد",
    "البريد",
    "البريدالالكتروني",
    "بريدالكتروني",
    "عنوانالبريدالالكتروني",
    "عنوانالبريد",
    "ايميل",
    "الايميل",
];
/// Names to sign in by, which are addresses in most directories.
const SIGN_IN: &[&str] = &[
    "userprincipalname",
    "upn",
    "username",
    "login",
    "signinname",
    "benutzerprinzipalname",
    "benutzername",
    "anmeldename",
    "اسمالمستخدم",
];
const ROLE: &[&str] = &[
    "role",
    "userrole",
    "memberrole",
    "organizationrole",
    "organisationrole",
    "rolle",
    "benutzerrolle",
    "mitgliedsrolle",
    "organisationsrolle",
    "الدور",
    "دور",
    "دورالمستخدم",
    "دورالعضو",
];
/// What else stands in the header of a list of people: it tells a header from a first row.
const OTHER: &[&str] = &[
    "id",
    "name",
    "fullname",
    "displayname",
    "firstname",
    "lastname",
    "givenname",
    "surname",
    "familyname",
    "status",
    "department",
    "title",
    "jobtitle",
    "company",
    "phone",
    "manager",
    "notes",
    "vorname",
    "nachname",
    "anzeigename",
    "vollständigername",
    "familienname",
    "abteilung",
    "firma",
    "telefon",
    "notizen",
    "bemerkung",
    "vorgesetzter",
    "الاسم",
    "اسم",
    "الاسمالاول",
    "اسمالعائلة",
    "الاسمالكامل",
    "القسم",
    "الشركة",
    "الهاتف",
    "الحالة",
    "ملاحظات",
];

/// What the cell of a header says about its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Email,
    SignIn,
    /// An address among others: "Work e-mail", "Manager's email".
    SomeEmail,
    Role,
    Other,
    Unknown,
}

/// A word without what differs between exports: case, spaces, hyphens, remarks in brackets, Arabic vowels and hamzas.
fn plain(cell: &str) -> String {
    let mut depth = 0_usize;
    let mut plain = String::new();
    for letter in cell.chars() {
        match letter {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            'أ' | 'إ' | 'آ' if depth == 0 => plain.push('ا'),
            // Arabic's hyphen, which only makes a word longer.
            'ـ' => {}
            _ if depth == 0 && letter.is_alphanumeric() => plain.extend(letter.to_lowercase()),
            _ => {}
        }
    }
    plain
}

pub fn meaning(cell: &str) -> Meaning {
    let word = plain(cell);
    let is_in = |list: &[&str]| list.contains(&word.as_str());
    if is_in(EMAIL) {
        Meaning::Email
    } else if is_in(ROLE) {
        Meaning::Role
    } else if is_in(SIGN_IN) {
        Meaning::SignIn
    } else if ["mail", "بريد", "ايميل"].iter().any(|part| word.contains(part)) {
        Meaning::SomeEmail
    } else if is_in(OTHER) {
        Meaning::Other
    } else {
        Meaning::Unknown
    }
}

/// A role by one of the names that the product gives it.
pub fn role(cell: &str) -> Option<Role> {
    let names: [(Role, &[&str]); 3] = [
        (Role::Viewer, &["viewer", "betrachter", "مشاهد"]),
        (Role::Editor, &["editor", "bearbeiter", "محرر"]),
        (Role::Admin, &["admin", "مسؤول"]),
    ];
    let word = plain(cell);
    names.into_iter().find(|(_, names)| names.contains(&word.as_str())).map(|(role, _)| role)
}
