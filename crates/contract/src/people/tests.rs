//! What people paste, by example and as properties.

use super::*;
use proptest::prelude::*;

fn emails(text: &str) -> Vec<String> {
    read(text, None).unwrap_or_default().recipients.into_iter().filter_map(|recipient| recipient.email.ok()).collect()
}

/// What is told as no address.
fn refused(text: &str) -> Vec<String> {
    let all = read(text, None).unwrap_or_default().recipients;
    all.into_iter().filter(|recipient| recipient.email.is_err()).map(|recipient| recipient.text).collect()
}

fn roles(text: &str) -> Vec<(String, Option<Role>)> {
    let all = read(text, None).unwrap_or_default().recipients;
    all.into_iter().filter_map(|recipient| Some((recipient.email.ok()?, recipient.role))).collect()
}

/// Names of the columns that the reader is asked about.
fn asked(text: &str) -> Vec<(u32, String)> {
    read(text, None).unwrap_or_default().columns.into_iter().map(|column| (column.column, column.name)).collect()
}

#[test]
fn a_list_out_of_a_mail_program() {
    let pasted = "Muster, Erika <erika.muster@case1.test>; O'Neil, Brian (Research) <brian.oneil@case1.test>; \
        Admin, Otto <otto.admin@case1.test>; de la Cruz, Ana María <ana.cruz@case1.test>; \
        'wei.chen@case1.test' <wei.chen@case1.test>; Facilities Team <facilities@case1.test>;\r\n";
    let found = ["erika.muster", "brian.oneil", "otto.admin", "ana.cruz", "wei.chen", "facilities"];
    let expected = found.map(|name| (format!("{name}@case1.test"), None)).to_vec();
    assert_eq!(roles(pasted), expected, "six people, and a role for nobody");
    assert_eq!(refused(pasted), Vec::<String>::new());
    let smaller = "Admin, Otto <otto.admin@case1.test>; wei.chen@case1.test";
    assert_eq!(roles(smaller), [("otto.admin@case1.test".to_owned(), None), ("wei.chen@case1.test".to_owned(), None)]);
    assert_eq!(refused(smaller), Vec::<String>::new());
}

#[test]
fn mailboxes_of_the_standard() {
    let one = |text: &str, expected: &[&str]| {
        assert_eq!((emails(text), refused(text)), (expected.iter().map(|e| (*e).to_owned()).collect(), vec![]), "{text}")
    };
    one("\"Doe, Jane\" <jane@d.co>, Ada Lindqvist <ada@b.co>", &["jane@d.co", "ada@b.co"]);
    one("\"Joe \\\"Admin\\\" Q.\" <joe@b.co>", &["joe@b.co"]);
    one("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", &["pete@silly.test"]);
    one("ada@b.co (Ada Lindqvist, Admin)", &["ada@b.co"]);
    one("A Group:Ed Jones <ed@x.test>,joe@where.test,John <jdoe@one.test>;", &["ed@x.test", "joe@where.test", "jdoe@one.test"]);
    one("Undisclosed recipients:;", &[]);
    one("To: Muster,\r\n Erika <erika@b.co>,\r\n\tBob <bob@b.co>\r\nCc: eve@b.co", &["erika@b.co", "bob@b.co", "eve@b.co"]);
    one("Muster,\nErika <erika@b.co>,\nAdmin,\nOtto <otto@b.co>", &["erika@b.co", "otto@b.co"]);
    one(
        "'ada@b.co'; “bob@b.co”; mailto:eve@b.co; <mailto:joe@b.co>; \"jane@b.co\"",
        &["ada@b.co", "bob@b.co", "eve@b.co", "joe@b.co", "jane@b.co"],
    );
    one("\"boss@evil.test, admin\" <real@b.co>", &["real@b.co"]);
    one("boss@evil.test Real <real@b.co>", &["real@b.co"]);
    one("“Muster, Erika” <erika@b.co>، bob@b.co؛ eve@b.co", &["erika@b.co", "bob@b.co", "eve@b.co"]);
    one("a@b.co c@d.co\nEve <e@f.co> <g@h.co> i@j.co", &["a@b.co", "c@d.co", "e@f.co", "g@h.co", "i@j.co"]);
    one("Erika Muster erika@b.co\nbob@b.co Bob", &["erika@b.co", "bob@b.co"]);
    one("\u{202a}ada@b.co\u{202c}; \u{feff}bob@b.co", &["ada@b.co", "bob@b.co"]);
    // Told, because no address stands where one has to.
    assert_eq!(refused("Erika Muster (erika@b.co)"), ["Erika Muster (erika@b.co)"]);
    assert_eq!(emails("Please ask bob@b.co and eve@b.co about it"), Vec::<String>::new());
    assert_eq!(refused("a@b.co c@d.co Eve <e@f.co>"), ["a@b.co c@d.co Eve"]);
    assert_eq!(refused("a@b.co, nonsense, c@d.co"), ["nonsense"]);
    assert_eq!(refused("not an address\nx@\n\"a@b.co"), ["not an address", "x@"]);
    assert_eq!(refused("\"john smith\"@b.co; Erika <erika>"), ["\"john smith\"@b.co", "Erika <erika>"]);
}

#[test]
fn tables_with_a_header() {
    let own = "id,name,email,status,role,since\r\nuser_1,\"Admin, Otto\",otto@b.co,active,viewer,2026\r\ninvitation_2,,'+eve@b.co,pending,admin,\r\n";
    assert_eq!(roles(own), [("otto@b.co".to_owned(), Some(Role::Viewer)), ("+eve@b.co".to_owned(), Some(Role::Admin))]);
    let german = "\u{feff}sep=;\nVorname;Nachname;E-Mail-Adresse;Rolle;Vorgesetzter\nErika;Admin;erika@b.co;Bearbeiter;chef@b.co\nOtto;Editor;otto@b.co;;chef@b.co";
    assert_eq!(roles(german), [("erika@b.co".to_owned(), Some(Role::Editor)), ("otto@b.co".to_owned(), None)]);
    let arabic = "الاسم\tالبريد الإلكتروني\tالدور\nمسؤول\tada@b.co\tمشاهد";
    assert_eq!(roles(arabic), [("ada@b.co".to_owned(), Some(Role::Viewer))]);
    let google = "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Recovery Email,Work Secondary Email,Status [READ ONLY]\n\
        Otto,Admin,otto@b.co,****,private@p.test,second@b.co,Active\nErika,Muster,erika@b.co,****,,,Active";
    assert_eq!(emails(google), ["otto@b.co", "erika@b.co"]);
    let entra = "version:v1.0\nuserPrincipalName,displayName,surname,mail,userType\nada@b.onmicrosoft.test,\"Lind, Ada\",Lind,ada@b.co,Member";
    assert_eq!(emails(entra), ["ada@b.co"]);
    let members = "id,userPrincipalName,displayName,userType\n1,ada@b.co,Admin,Member";
    assert_eq!(roles(members), [("ada@b.co".to_owned(), None)]);
    // Titles at work are no roles; beside real ones, a word that is none is told.
    assert_eq!(roles("email,role\na@b.co,Engineer\nc@d.co,Admiral"), [("a@b.co".to_owned(), None), ("c@d.co".to_owned(), None)]);
    let mixed = read("email,role\na@b.co,Owner\nc@d.co,Editor", None).unwrap_or_default().recipients;
    assert_eq!((mixed[0].email.clone(), mixed[1].role), (Err(Rule::RoleUnknown), Some(Role::Editor)));
    // A separator within a cell moves everything behind it: nobody is invited by what stands there then.
    let moved = "name,email,role\nMuster, Erika,erika@b.co,admin\nBob,bob@b.co,viewer";
    assert_eq!(roles(moved), [("bob@b.co".to_owned(), Some(Role::Viewer))]);
    assert_eq!(refused(moved), ["Muster, Erika, erika@b.co, admin"]);
    assert_eq!(refused("name;email\nAda;ada@b.co\nOtto;\nAnn;ask bob@b.co"), ["Otto", "ask bob@b.co"]);
    assert_eq!(emails("E-Mail\nada@b.co, bob@b.co\n"), ["ada@b.co", "bob@b.co"]);
    assert_eq!(emails("Email addresses of the team:\nada@b.co\n"), ["ada@b.co"]);
}

#[test]
fn several_columns_of_addresses_are_asked_about() {
    let text = "Name,Work email,Private email\nAda,ada@work.test,ada@home.test\nBob,,bob@home.test";
    assert_eq!(asked(text), [(1, "Work email".to_owned()), (2, "Private email".to_owned())]);
    assert_eq!(emails(text), Vec::<String>::new(), "nobody is invited before it is answered");
    let chosen = read(text, Some(2)).unwrap_or_default();
    assert_eq!(
        chosen.recipients.iter().filter_map(|one| one.email.clone().ok()).collect::<Vec<_>>(),
        ["ada@home.test", "bob@home.test"]
    );
    assert_eq!((read(text, Some(3)), read("ada@b.co", Some(0))), (Err(Rule::Unknown), Err(Rule::Unknown)));
    let bare = "Ada\tada@work.test\tboss@work.test\nBob\tbob@work.test\tboss@work.test";
    assert_eq!(asked(bare), [(1, String::new()), (2, String::new())]);
    // One column, and a header that calls it something else.
    assert_eq!(asked("Name;Contact\nAda;ada@b.co"), [(1, "Contact".to_owned())]);
    // Addresses in all columns are a list; names beside one column of addresses need no header.
    assert_eq!(emails("a@b.co, c@d.co\ne@f.co, g@h.co"), ["a@b.co", "c@d.co", "e@f.co", "g@h.co"]);
    assert_eq!(roles("admin,ada@b.co\nviewer,bob@b.co"), [("ada@b.co".to_owned(), None), ("bob@b.co".to_owned(), None)]);
    assert_eq!(emails("a@b.co, nonsense\nc@d.co, d@d.co"), ["a@b.co", "c@d.co", "d@d.co"]);
}

#[test]
fn one_address_is_one_person() {
    assert_eq!(emails("a@b.co\na@b.co\nA@B.CO"), ["a@b.co"]);
    let twice = roles("email,role\na@b.co,viewer\na@b.co,admin");
    assert_eq!(twice.len(), 2, "two roles are told, and not chosen between: {twice:?}");
}

/// A name as address books have it: with every sign that means something in a list, and words that are roles.
fn display_name() -> impl Strategy<Value = String> {
    let words = vec!["Admin", "Editor", "Viewer", "Muster", "O'Neil", "de la Cruz", "李", "مسؤول", "Betrachter", "role", "email"];
    let words = prop::collection::vec(prop::sample::select(words), 1..4);
    (words, prop::sample::select(vec![" ", ", ", " - ", " | "])).prop_map(|(words, between)| words.join(between))
}

proptest! {
    /// Whatever the names and the separators of a mail program's list: every address is found, nobody else, no word of
    /// a name is told as a mistake, and nobody is given a role.
    #[test]
    fn a_list_of_mailboxes_invites_its_addresses_and_gives_no_role(
        people in prop::collection::vec((display_name(), "[a-z]{1,8}", 0..5_usize), 1..20),
        separator in prop::sample::select(vec!["; ", ";\n", "\n", ", ", ",\r\n ", ";"]),
    ) {
        let mut expected: Vec<(String, Option<Role>)> = Vec::new();
        let dressed = people.iter().map(|(name, local, dress)| {
            let email = format!("{local}@list.test");
            if !expected.iter().any(|(known, _)| *known == email) {
                expected.push((email.clone(), None));
            }
            match dress {
                0 => format!("<{email}>"),
                1 => format!("{name} <{email}>"),
                2 => format!("\"{name}\" <{email}>"),
                3 => format!("{name} (Admin, {name}) <{}>", email.to_uppercase()),
                _ => format!("'{email}' <{email}>"),
            }
        }).collect::<Vec<_>>();
        let text = dressed.join(separator);
        prop_assert_eq!(roles(&text), expected, "{}", text);
        prop_assert_eq!(refused(&text), Vec::<String>::new(), "{}", text);
    }

    /// A header decides alone: of a table only the named columns say who and what, wherever they stand.
    #[test]
    fn a_header_decides_alone(
        rows in prop::collection::vec((display_name(), "[a-z]{1,8}", 0..4_usize), 1..20),
        separator in prop::sample::select(vec![',', ';', '\t']),
        words in prop::sample::select(vec![("Email", "Role"), ("E-Mail-Adresse", "Rolle"), ("البريد الإلكتروني", "الدور"), ("Email Address [Required]", "role")]),
        order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |cells: [String; 4]| order.iter().map(|place| cells[*place].clone()).collect::<Vec<_>>().join(&separator.to_string());
        let mut text = line(["Name".to_owned(), words.0.to_owned(), words.1.to_owned(), "Manager email".to_owned()]);
        let mut expected: Vec<(String, Option<Role>)> = Vec::new();
        for (number, (name, local, role)) in rows.iter().enumerate() {
            let email = format!("{local}{number}@table.test");
            let role = Role::ALL.get(*role).copied();
            text.push('\n');
            text.push_str(&line([quoted(name), email.clone(), role.map_or("", Role::as_str).to_owned(), "boss@table.test".to_owned()]));
            expected.push((email, role));
        }
        prop_assert_eq!(roles(&text), expected, "{}", text);
    }

    /// Any text is read, in any column, and what is found stood in it; without a column for roles, nobody has one.
    #[test]
    fn any_text_is_read(text in "[a-c@.<>\"(),;: \\n\\t|\\\\']{0,60}", column in prop::option::of(0..4_u32)) {
        let people = read(&text, column).unwrap_or_default();
        for recipient in &people.recipients {
            prop_assert_eq!(recipient.role, None);
            if let Ok(email) = &recipient.email {
                prop_assert!(email.contains('@'));
            }
        }
        prop_assert!(people.recipients.is_empty() || people.columns.is_empty());
        prop_assert!(!text.contains("a@b.co\n") || !people.recipients.is_empty() || !people.columns.is_empty() || column.is_some());
    }
}
