//! What the app weighs over the wire.

use crate::app;
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;

/// First load of the overview, brotli.
const FIRST_LOAD_MAX: u64 = 260 * 1024;
/// A chunk that comes later. What several parts share is a chunk of its own, fetched by the first of them.
const LATER_MAX: u64 = 40 * 1024;

type Row = (String, u64);

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
            let chunk = name.starts_with("chunk_") || name.starts_with("split_");
            if !name.ends_with(".br") && !name.ends_with(".gz") && name != "elements.js" && !chunk {
                first.push((name, packed(&path)?));
            }
        }
        later.extend(parts(&folder)?);
    }
    let total = print("first load", first);
    let mut fits = total <= FIRST_LOAD_MAX;
    println!("{:>9} KB  at most", FIRST_LOAD_MAX / 1024);
    for (name, files) in later {
        fits &= files.iter().all(|(_, size)| *size <= LATER_MAX);
        print(&name, files);
    }
    println!("{:>9} KB  at most, each chunk", LATER_MAX / 1024);
    if !fits {
        bail!("the app is too large");
    }
    Ok(())
}

/// Each lazy part with its chunk and those that it shares, as the loader fetches them.
fn parts(folder: &Path) -> Result<Vec<(String, Vec<Row>)>> {
    let loader = fs::read_to_string(folder.join("chunks.js"))?;
    let mut parts = Vec::new();
    for path in app::files(folder, ".wasm")? {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(part) = file.strip_prefix("split_").and_then(|name| name.strip_suffix(".wasm")) else { continue };
        let mut files = vec![(file.clone(), packed(&path)?)];
        // `/* create_organization, general */ const __chunk_3 = …`: a chunk and the parts that need it.
        for comment in loader.split("/* ").skip(1) {
            let (names, rest) = comment.split_once(" */").unwrap_or_default();
            let chunk = rest.split("__").nth(1).and_then(|name| name.split(' ').next()).unwrap_or_default();
            if names.split(", ").any(|name| name == part) {
                let chunk = format!("{chunk}.wasm");
                let size = packed(&folder.join(&chunk))?;
                files.push((chunk, size));
            }
        }
        parts.push((part.to_owned(), files));
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
