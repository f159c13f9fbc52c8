//! What the app weighs over the wire.

use crate::app;
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;

/// First load of the overview, brotli.
const FIRST_LOAD_MAX: u64 = 260 * 1024;

pub fn report() -> Result<()> {
    app::build()?;
    let mut rows = vec![("index.html".to_owned(), packed(Path::new("dist/index.html"))?)];
    for entry in fs::read_dir("dist/assets")? {
        for file in fs::read_dir(entry?.path())? {
            let path = file?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let of_first_load = !name.ends_with(".br") && !name.ends_with(".gz") && name != "elements.js";
            if of_first_load {
                rows.push((name, packed(&path)?));
            }
        }
    }
    rows.push(("icons.svg".to_owned(), packed(Path::new("dist/icons.svg"))?));
    rows.push(("favicon.svg".to_owned(), packed(Path::new("dist/favicon.svg"))?));
    rows.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let total: u64 = rows.iter().map(|(_, size)| size).sum();
    println!("\nfirst load, brotli");
    for (name, size) in &rows {
        println!("{:>9.1} KB  {name}", *size as f64 / 1024.0);
    }
    println!("{:>9.1} KB  together, of at most {} KB", total as f64 / 1024.0, FIRST_LOAD_MAX / 1024);
    if total > FIRST_LOAD_MAX {
        bail!("the first load is too large");
    }
    Ok(())
}

fn packed(path: &Path) -> Result<u64> {
    Ok(fs::metadata(format!("{}.br", path.display()))?.len())
}
