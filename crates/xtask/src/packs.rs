//! Packs: what a lazy part needs, in one file instead of a hundred.
//!
//! The splitter makes a module of every set of parts that share something: hundreds, most of them
//! tiny. Fetched one by one they would cost a request each and compress badly. So every part becomes
//! one pack of its own module and those that it shares with few others; what many parts share is a
//! pack that the first of them fetches. A module that lies in two packs is started once.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A module that so many parts need lies in the shared pack.
const MANY: usize = 6;
/// The pack of what many parts share.
pub const SHARED: &str = "shared";
/// Stands for a part's own module where a shared one has its number.
pub const OWN: u32 = u32::MAX;

/// Replaces the modules and the loader that the splitter made in `out` by packs and one that reads them.
pub fn pack(out: &Path) -> Result<()> {
    let loader = out.join("chunks.js");
    let generated = fs::read_to_string(&loader)?;
    let users = users(&generated);
    let exports = braces(&generated).context("the splitter's loader names no exports")?;
    let mut parts: Vec<&str> = Vec::new();
    for export in generated.split("export const __wasm_split_load_").skip(1) {
        parts.extend(export.split(' ').next());
    }
    let module = |name: &str| {
        let path = out.join(name);
        fs::read(&path).with_context(|| path.display().to_string())
    };
    let mut shared = Vec::new();
    for (number, of) in &users {
        if of.len() >= MANY {
            shared.push((*number, module(&format!("chunk_{number}.wasm"))?));
        }
    }
    fs::write(out.join(format!("{SHARED}.pack")), encode(&shared)?)?;
    for part in &parts {
        let mut modules = Vec::new();
        for (number, of) in users.iter().filter(|(_, of)| of.len() < MANY) {
            if of.contains(part) {
                modules.push((*number, module(&format!("chunk_{number}.wasm"))?));
            }
        }
        modules.push((OWN, module(&format!("split_{part}.wasm"))?));
        fs::write(out.join(format!("{part}.pack")), encode(&modules)?)?;
    }
    for number in users.keys() {
        fs::remove_file(out.join(format!("chunk_{number}.wasm")))?;
    }
    for part in &parts {
        fs::remove_file(out.join(format!("split_{part}.wasm")))?;
    }
    // The loader in the words of this build: what the glue exports, and a function for each part.
    let mut text = include_str!("packs.js").replace("/* exports */", &exports);
    for part in &parts {
        text.push_str(&format!("export const __wasm_split_load_{part} = part(\"{part}\");\n"));
    }
    Ok(fs::write(loader, text)?)
}

/// Which parts need each shared module: `/* general, members */ const __chunk_3 = …`.
fn users(loader: &str) -> BTreeMap<u32, Vec<&str>> {
    let mut users = BTreeMap::new();
    for comment in loader.split("/* ").skip(1) {
        let Some((names, rest)) = comment.split_once(" */") else { continue };
        let number = rest.trim_start().strip_prefix("const __chunk_").and_then(|rest| rest.split(' ').next());
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            users.insert(number, names.split(", ").collect());
        }
    }
    users
}

/// What the modules import of the app: `const { memory, … } = initSync(…)`.
fn braces(loader: &str) -> Option<String> {
    let before = loader.split("} = initSync(").next()?;
    Some(before.rsplit('{').next()?.trim().trim_end_matches(',').to_owned())
}

/// The number of modules, then number and length of each, then the modules (32 bits, little-endian).
fn encode(modules: &[(u32, Vec<u8>)]) -> Result<Vec<u8>> {
    let mut pack = u32::try_from(modules.len())?.to_le_bytes().to_vec();
    for (number, bytes) in modules {
        pack.extend(number.to_le_bytes());
        pack.extend(u32::try_from(bytes.len())?.to_le_bytes());
    }
    pack.extend(modules.iter().flat_map(|(_, bytes)| bytes));
    Ok(pack)
}

/// The modules of a pack.
pub fn decode(pack: &[u8]) -> Option<Vec<(u32, &[u8])>> {
    let number = |at: usize| Some(u32::from_le_bytes(pack.get(at..at + 4)?.try_into().ok()?));
    let count = number(0)? as usize;
    let mut at = 4 + count * 8;
    let mut modules = Vec::new();
    for place in 0..count {
        let (id, length) = (number(4 + place * 8)?, number(8 + place * 8)? as usize);
        modules.push((id, pack.get(at..at + length)?));
        at += length;
    }
    Some(modules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_holds_what_was_put_into_it() {
        let modules = vec![(3, vec![1, 2, 3]), (OWN, vec![]), (7, vec![9])];
        let pack = encode(&modules).unwrap_or_default();
        let back = decode(&pack).map(|modules| modules.into_iter().map(|(id, bytes)| (id, bytes.to_vec())).collect::<Vec<_>>());
        assert_eq!(back, Some(modules));
        assert_eq!(decode(&pack[..pack.len() - 1]), None);
    }

    #[test]
    fn the_splitters_loader_is_understood() {
        let loader = "const { table, memory,  } = initSync(undefined, undefined);\n/* general, members */\nconst __chunk_24 = makeLoad(() => {});\nexport const __wasm_split_load_general = wrapAsyncCb(makeLoad(() => {}, [__chunk_24]));";
        assert_eq!(users(loader), BTreeMap::from([(24, vec!["general", "members"])]));
        assert_eq!(braces(loader).as_deref(), Some("table, memory"));
    }
}
