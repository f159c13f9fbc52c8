//! Lists of mailboxes as mail programs write them (RFC 5322, 3.4), and as people type them: display names with and
//! without quotation marks, comments, groups, folded lines, commas and semicolons.
//!
//! A display name with a comma in it (`Muster, Erika <…>`) is not in quotation marks everywhere, so a comma ends a
//! mailbox only where an address stands before it.

/// How far the end of a quotation, comment or bracket is looked for, in characters; without an end it is a character.
const REACH: usize = 500;

/// Something that stands in the place of an address, or something of which it cannot be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Address(String),
    Unread(String),
}

/// What a list of any number of lines says.
pub fn read(text: &str) -> Vec<Part> {
    unfolded(text).iter().flat_map(|line| read_line(line, true)).collect()
}

/// What a cell of a column for addresses says: mailboxes, and no names without brackets around the address.
pub fn read_cell(cell: &str) -> Vec<Part> {
    read_line(cell, false)
}

/// Lines put together where one goes on in the next: it begins with white space (RFC 5322, 2.2.3), or a name that was
/// cut at its comma finds its address there.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let goes_on = |last: &String| {
            let cut = last.trim_end().strip_suffix([',', '،']).and_then(|rest| rest.rsplit([',', ';', '>', '،']).next());
            let name = cut.is_some_and(|name| !name.trim().is_empty() && !name.contains('@'));
            (line.starts_with([' ', '\t']) && !last.trim().is_empty()) || (name && line.contains('<'))
        };
        match lines.last_mut().filter(|last| goes_on(last)) {
            Some(last) => {
                last.push(' ');
                last.push_str(line.trim_start());
            }
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

/// What was read of a line so far.
#[derive(Default)]
struct Line {
    /// Addresses, what cannot be read, and words that are told only if they turn out to belong to nobody.
    found: Vec<Found>,
    /// Where the words begin that may be the name of the next address: behind the last semicolon or address.
    name_from: usize,
    /// Since the last separator: as it stands, what is outside of quotation marks and comments, and quotations.
    raw: String,
    bare: String,
    quoted: Vec<String>,
    /// An address whose part before the at sign is a quotation: they are not taken.
    quoted_local: bool,
    /// An address in brackets stood here already: what follows still belongs to it.
    bracketed: bool,
    /// Names may stand before or behind an address without brackets.
    names: bool,
}

enum Found {
    Part(Part),
    Word(String),
}

fn read_line(line: &str, names: bool) -> Vec<Part> {
    let letters = line.chars().collect::<Vec<_>>();
    let mut read = Line { names, ..Line::default() };
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let rest = &letters[at + 1..];
        match letter {
            '"' => match quotation(rest) {
                Some(length) => {
                    let content = unescaped(&rest[..length]);
                    at += length + 1;
                    // A quotation before an at sign is part of an address.
                    let local = letters.get(at + 1) == Some(&'@');
                    read.raw.push_str(&format!("\"{content}\""));
                    if local {
                        read.quoted_local = true;
                    } else {
                        read.bare.push(' ');
                        read.quoted.push(content);
                    }
                }
                None => read.push(' '),
            },
            '(' => match comment(rest) {
                Some(length) => {
                    read.raw.push('(');
                    read.raw.extend(&rest[..=length]);
                    at += length + 1;
                }
                None => read.push(letter),
            },
            '<' => match rest.iter().take(REACH).position(|letter| *letter == '>') {
                Some(length) => {
                    at += length + 1;
                    read.bracket(&rest[..length]);
                }
                None => read.push(' '),
            },
            ',' | '\t' | '،' | '，' | '、' => read.separator(),
            ';' | '؛' | '；' => {
                read.separator();
                read.name_from = read.found.len();
            }
            // The name of a group, or a header of a mail (`To:`).
            ':' if !read.bare.contains('@') => {
                read.forget_name();
                read.clear();
            }
            _ => read.push(letter),
        }
        at += 1;
    }
    read.separator();
    read.finish(line)
}

impl Line {
    fn push(&mut self, letter: char) {
        self.raw.push(letter);
        self.bare.push(letter);
    }

    fn clear(&mut self) {
        self.raw.clear();
        self.bare.clear();
        self.quoted.clear();
        (self.quoted_local, self.bracketed) = (false, false);
    }

    /// The words before belong to an address or to a group.
    fn forget_name(&mut self) {
        while self.found.len() > self.name_from && matches!(self.found.last(), Some(Found::Word(_))) {
            self.found.pop();
        }
    }

    fn part(&mut self, part: Part) {
        self.found.push(Found::Part(part));
        self.name_from = self.found.len();
    }

    /// What stands in angle brackets is the address; everything else of the mailbox is its name.
    fn bracket(&mut self, inside: &[char]) {
        let address = without_comments(inside);
        // A route (`<@a,@b:c@d>`) is not needed by anybody any more.
        let address = if address.starts_with('@') { address.rsplit(':').next().unwrap_or_default() } else { &address };
        let address = bare_address(address);
        let text: String = inside.iter().collect();
        if address.contains('@') {
            self.forget_name();
            // One address may be somebody's name. Several are a list without separators, which is told.
            if self.bare.split_whitespace().filter(|word| word.contains('@')).count() > 1 {
                self.part(Part::Unread(self.raw.trim().to_owned()));
            }
            self.part(Part::Address(address));
        } else if !text.trim().is_empty() || !self.raw.trim().is_empty() {
            let told = format!("{}<{text}>", self.raw);
            self.forget_name();
            self.part(Part::Unread(told));
        }
        self.clear();
        self.bracketed = true;
    }

    fn separator(&mut self) {
        let words = self.bare.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let with_at = words.iter().filter(|word| word.contains('@')).count();
        let ends = words.first().is_some_and(|word| word.contains('@')) || words.last().is_some_and(|word| word.contains('@'));
        if self.raw.trim().is_empty() || (self.bracketed && with_at == 0) {
            // Nothing, or what follows an address in brackets.
        } else if with_at == 0 {
            let alone = if self.bare.trim().is_empty() { self.quoted.first().filter(|_| self.quoted.len() == 1) } else { None };
            let inside = alone.map(|quoted| read_line(quoted, false)).unwrap_or_default();
            if inside.iter().any(|part| matches!(part, Part::Address(_))) {
                // A cell in quotation marks.
                for part in inside {
                    self.part(part);
                }
            } else {
                self.found.push(Found::Word(self.raw.trim().to_owned()));
            }
        } else if with_at == words.len() && !self.quoted_local {
            for word in words {
                self.part(Part::Address(bare_address(&word)));
            }
        } else if self.names && with_at == 1 && ends && !self.quoted_local {
            let word = words.into_iter().find(|word| word.contains('@')).unwrap_or_default();
            self.part(Part::Address(bare_address(&word)));
        } else {
            let told = self.raw.trim().to_owned();
            self.part(Part::Unread(told));
        }
        self.clear();
    }

    /// Beside one address, words describe it; between several, a word is a mistake to be told of; alone, they are a line
    /// that nobody can be found in.
    fn finish(self, line: &str) -> Vec<Part> {
        let parts = self.found.iter().filter(|found| matches!(found, Found::Part(_))).count();
        if parts == 0 {
            return if self.found.is_empty() { Vec::new() } else { vec![Part::Unread(line.trim().to_owned())] };
        }
        let part = |found| match found {
            Found::Part(part) => Some(part),
            Found::Word(word) => (parts > 1).then_some(Part::Unread(word)),
        };
        self.found.into_iter().filter_map(part).collect()
    }
}

/// How long a quotation is that began before `rest`.
fn quotation(rest: &[char]) -> Option<usize> {
    let mut at = 0;
    while at < rest.len().min(REACH) {
        match rest[at] {
            '\\' => at += 1,
            '"' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn unescaped(quotation: &[char]) -> String {
    let mut text = String::new();
    let mut letters = quotation.iter();
    while let Some(letter) = letters.next() {
        text.extend(if *letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

/// How long a comment is that began before `rest`; comments stand within each other.
fn comment(rest: &[char]) -> Option<usize> {
    let (mut depth, mut escaped) = (1_usize, false);
    for (at, letter) in rest.iter().take(REACH).enumerate() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn without_comments(letters: &[char]) -> String {
    let (mut text, mut at) = (String::new(), 0);
    while let Some(&letter) = letters.get(at) {
        match comment(&letters[at + 1..]).filter(|_| letter == '(') {
            Some(length) => at += length + 1,
            None if letter.is_whitespace() => {}
            None => text.push(letter),
        }
        at += 1;
    }
    text
}

/// An address without what programs put around it: apostrophes and quotation marks, `mailto:`, marks that nobody sees.
fn bare_address(word: &str) -> String {
    let unseen = |c: char| matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let word = word.trim_matches(unseen);
    let word = word.get(..7).filter(|start| start.eq_ignore_ascii_case("mailto:")).map_or(word, |_| &word[7..]);
    let pairs = [('\'', '\''), ('‘', '’'), ('’', '’'), ('“', '”'), ('„', '“'), ('«', '»'), ('[', ']'), ('`', '`')];
    let inside = pairs.iter().find_map(|(open, close)| word.strip_prefix(*open)?.strip_suffix(*close));
    inside.unwrap_or(word).to_owned()
}
