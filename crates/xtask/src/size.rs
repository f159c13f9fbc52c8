//! What the app weighs over the wire.

use crate::{app, packs};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// First load of the overview, brotli.
const FIRST_LOAD_MAX: u64 = 260 * 1024;
/// What a part that comes later holds alone; see [`packs`] for what it shares.
const LATER_MAX: u64 = 40 * 1024;

type Row = (String, u64);

/// A lazy part; sizes in bytes, compressed.
struct Part {
    name: String,
    own: Option<u64>,
    pack: u64,
    modules: usize,
}

pub fn report() -> Result<()> {
    app::build()?;
    let mut first = Vec::new();
    for file in ["index.html", "icons.svg", "favicon.svg"] {
        first.push((file.to_owned(), packed(Path::new("dist").join(file).as_path())?));
    }
    let mut later = Vec::new();
    for build in fs::read_dir("dist/assets")? {
        let folder = build?.path();
        for path in app::files(&folder, "")? {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if ![".br", ".gz", ".pack"].iter().any(|ending| name.ends_with(ending))
                && ![app::LATER_STYLES, "elements.js"].contains(&name.as_str())
            {
                first.push((name, packed(&path)?));
            }
        }
        later.extend(parts(&folder)?);
    }
    let total = print("first load", first);
    let mut fits = total <= FIRST_LOAD_MAX;
    println!("{:>9} KB  at most", FIRST_LOAD_MAX / 1024);
    println!("\nlazy parts, brotli: the part alone, and the pack that is fetched for it");
    for Part { name, own, pack, modules } in later {
        fits &= own.is_none_or(|own| own <= LATER_MAX);
        let own = own.map_or(String::new(), |own| format!("{:.1} KB", kilobytes(own)));
        println!("{own:>12} {:>9.1} KB  {name}, {modules} modules", kilobytes(pack));
    }
    println!("{:>9} KB  at most, each part alone", LATER_MAX / 1024);
    if !fits {
        bail!("the app is too large");
    }
    Ok(())
}

/// Each lazy part: its own module, and the pack that is fetched for it. The shared pack has no own module.
fn parts(folder: &Path) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for path in app::files(folder, ".pack")? {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let pack = fs::read(&path)?;
        let modules = packs::decode(&pack).with_context(|| format!("{name}.pack is broken"))?;
        let own = modules.iter().find(|(number, _)| *number == packs::OWN).map(|(_, bytes)| app::brotli(bytes)).transpose()?;
        parts.push(Part { name, own: own.map(|own| own.len() as u64), pack: packed(&path)?, modules: modules.len() });
    }
    Ok(parts)
}

fn print(title: &str, mut rows: Vec<Row>) -> u64 {
    rows.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let total: u64 = rows.iter().map(|(_, size)| size).sum();
    println!("\n{title}, brotli");
    for (name, size) in &rows {
        println!("{:>9.1} KB  {name}", kilobytes(*size));
    }
    println!("{:>9.1} KB  together", kilobytes(total));
    total
}

fn kilobytes(bytes: u64) -> f64 {
    // Sizes of files are far below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let bytes = bytes as f64;
    bytes / 1024.0
}

fn packed(path: &Path) -> Result<u64> {
    Ok(fs::metadata(format!("{}.br", path.display()))?.len())
}
