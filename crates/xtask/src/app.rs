//! The optimised app: cargo → wasm-bindgen → wasm-opt → dist/, with compressed forms beside every file.
//!
//! What belongs to one build lies in one folder named by the content of all of it, so that its
//! files may be cached for ever and always fit each other.

use crate::step::{cargo, run, step};
use crate::{packs, tools};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

const WASM: &str = "target/wasm32-unknown-unknown/wasm-release/pulze_console.wasm";
const QUICK_WASM: &str = "target/wasm32-unknown-unknown/debug/pulze_console.wasm";
/// What dist/ was made of last.
const STAMP: &str = "target/app.stamp";
/// Named one by one: with `--all-features` wasm-opt writes imports that browsers refuse.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
/// wasm-opt would write a function that is called once into its caller. Left apart, the many likenesses
/// of generic code stay whole, and brotli makes 9 % less of them.
const WASM_INLINING: [&str; 1] = ["--one-caller-inline-max-function-size=1"];
/// In bytes: starting wasm-opt for a smaller chunk costs seconds and gains some hundred bytes.
const WORTH_OPTIMISING: usize = 4 * 1024;
/// The style sheet that comes with the first part that is fetched.
pub const LATER_STYLES: &str = "later.css";
/// Fetches the chunks; imported by the glue.
const CHUNK_LOADER: &str = "./chunks.js";
/// What the generated glue must not reach: the ways of a string into HTML or code.
const SINKS: [&str; 7] =
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "new Function", "eval(", "createContextualFragment"];

/// Builds `dist/`.
pub fn build() -> Result<()> {
    tools::wasm_target()?;
    let bindgen = tools::wasm_bindgen()?.join("wasm-bindgen");
    let wasm_opt = tools::wasm_opt()?;
    step("compile the app", || {
        run(&mut cargo(&[
            "rustc",
            "--quiet",
            "--package",
            "pulze-console",
            "--lib",
            "--features",
            "split",
            "--target",
            "wasm32-unknown-unknown",
            "--profile",
            "wasm-release",
            "--",
            // The splitter needs to know what refers to what.
            "-Clink-args=--emit-relocs",
        ]))
    })?;
    let stamp = inputs()?;
    if Path::new("dist/index.html").is_file() && fs::read_to_string(STAMP).is_ok_and(|done| done == stamp) {
        println!("✓ dist/ is up to date");
        return Ok(());
    }
    let out = PathBuf::from("target/app");
    step("split and bind the app", || {
        let _ = fs::remove_dir_all(&out);
        let main = split(&out)?;
        run(Command::new(&bindgen)
            .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--no-demangle"])
            .args(["--out-name", "pulze-console", "--out-dir"])
            .arg(&out)
            .arg(&main))?;
        fs::remove_file(main)?;
        let glue = out.join("pulze-console.js");
        fs::write(&glue, without_comments(&fs::read_to_string(&glue)?)?)?;
        refuse_sinks(&glue)
    })?;
    step("optimise the app", || {
        // Every call costs two seconds to start: as many at a time as there are cores.
        let waiting = Mutex::new(files(&out, ".wasm")?);
        let next = || waiting.lock().ok().and_then(|mut waiting| waiting.pop());
        let work = || {
            while let Some(wasm) = next() {
                let bytes = fs::read(&wasm)?;
                if bytes.len() < WORTH_OPTIMISING {
                    fs::write(&wasm, without_names(&bytes))?;
                    continue;
                }
                let mut command = Command::new(&wasm_opt);
                command.args(["--quiet", "-Oz"]).args(WASM_INLINING).args(WASM_FEATURES).arg(&wasm).arg("-o").arg(&wasm);
                run(&mut command)?;
            }
            anyhow::Ok(())
        };
        std::thread::scope(|scope| {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
            threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| bail!("wasm-opt: a thread failed")))
        })
    })?;
    step("put dist/ together", || {
        packs::pack(&out)?;
        assemble(&out, Path::new("dist"), true)?;
        compress(Path::new("dist"))
    })?;
    Ok(fs::write(STAMP, stamp)?)
}

/// Builds the app for the developer's own eyes into `target/quick/`: in one piece, neither optimised nor compressed.
pub fn build_quick() -> Result<()> {
    tools::wasm_target()?;
    let bindgen = tools::wasm_bindgen()?.join("wasm-bindgen");
    step("compile the app, unoptimised", || {
        run(&mut cargo(&["build", "--quiet", "--package", "pulze-console", "--lib", "--target", "wasm32-unknown-unknown"]))
    })?;
    let out = PathBuf::from("target/quick-parts");
    step("put target/quick/ together", || {
        let _ = fs::remove_dir_all(&out);
        run(Command::new(&bindgen)
            .args(["--target", "web", "--no-typescript", "--out-name", "pulze-console", "--out-dir"])
            .arg(&out)
            .arg(QUICK_WASM))?;
        refuse_sinks(&out.join("pulze-console.js"))?;
        assemble(&out, Path::new("target/quick"), false)
    })
}

/// Cuts the app at its lazy parts: chunks and their loader come to lie in `out`; the path of what remains is returned.
fn split(out: &Path) -> Result<PathBuf> {
    let whole = fs::read(WASM)?;
    let main = out.join("main.wasm");
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = out;
    options.main_out_path = &main;
    options.main_module = "./pulze-console.js";
    options.link_name = CHUNK_LOADER;
    wasm_split_cli_support::transform(options).map_err(|error| anyhow::anyhow!("splitting the app: {error:?}"))?;
    Ok(main)
}

/// A wasm module without its custom sections (id 0: names and the like). What is no module stays as it is.
fn without_names(module: &[u8]) -> Vec<u8> {
    let (header, mut rest) = module.split_at(8.min(module.len()));
    let mut out = header.to_vec();
    while let Some((&id, after)) = rest.split_first() {
        let Some((length, head)) = leb128(after) else { return module.to_vec() };
        let end = 1 + head + length;
        let Some(section) = rest.get(..end) else { return module.to_vec() };
        if id != 0 {
            out.extend_from_slice(section);
        }
        rest = &rest[end..];
    }
    out
}

/// An unsigned LEB128 number and how many bytes it takes.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let length = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)? + 1;
    let value = bytes[..length].iter().rev().fold(0, |value, byte| value << 7 | usize::from(byte & 0x7f));
    Some((value, length))
}

/// The files of a folder that end so, in order.
pub fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let all = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    let mut files: Vec<PathBuf> = all.into_iter().filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    files.sort();
    Ok(files)
}

/// A digest of all that dist/ is made of, this program included: what is the same is not made twice.
fn inputs() -> Result<String> {
    let mut files = vec![PathBuf::from(WASM), PathBuf::from("index.html"), std::env::current_exe()?];
    let mut folders: Vec<PathBuf> = ["style", "public", "locales", "examples"].map(PathBuf::from).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in &files {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(fs::read(file)?);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Generated code or styles without comments that have lines of their own, and without indentation: a kilobyte of the
/// first load. Texts that go over several lines would be changed by it; there are none, or the build fails.
fn without_comments(code: &str) -> Result<String> {
    let mut inside = false;
    let mut kept = String::with_capacity(code.len());
    for line in code.lines().map(str::trim) {
        let begins = line.starts_with("/*") && (line.ends_with("*/") || !line.contains("*/"));
        if inside || begins {
            inside = !line.ends_with("*/");
            continue;
        }
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        if line.matches('`').count() % 2 != 0 {
            bail!("a text over several lines cannot be kept as it is: {line}");
        }
        kept.push_str(line);
        kept.push('\n');
    }
    Ok(kept)
}

fn refuse_sinks(glue: &Path) -> Result<()> {
    let text = fs::read_to_string(glue)?;
    match SINKS.iter().find(|sink| text.contains(**sink)) {
        Some(sink) => bail!("the generated glue reaches {sink}: a fully static view! fragment, or inner_html"),
        None => Ok(()),
    }
}

/// Puts the folder that a server serves together out of the files of a build, which is in one piece or `split`.
fn assemble(out: &Path, dist: &Path, split: bool) -> Result<()> {
    for file in ["app.css", LATER_STYLES] {
        fs::write(out.join(file), without_comments(&bundle_styles(file)?)?)?;
    }
    for file in ["boot.js", "start.js", "elements.js"] {
        fs::copy(Path::new("public").join(file), out.join(file))?;
    }
    let mut hash = Sha256::new();
    for file in &files(out, "")? {
        hash.update(fs::read(file)?);
    }
    let build: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();

    let _ = fs::remove_dir_all(dist);
    let assets = format!("assets/{build}");
    copy_folder(out, &dist.join(&assets))?;
    for folder in ["locales", "examples"] {
        copy_folder(Path::new(folder), &dist.join(folder))?;
    }
    for file in ["favicon.svg", "icons.svg", "manifest.webmanifest"] {
        fs::copy(Path::new("public").join(file), dist.join(file))?;
    }
    fs::write(dist.join("elements.js"), format!("import \"./{assets}/elements.js\";\n"))?;
    fs::write(dist.join("index.html"), page(&fs::read_to_string("index.html")?, &assets, split)?)?;
    Ok(())
}

/// The page of the build, out of the page that trunk serves.
fn page(source: &str, assets: &str, split: bool) -> Result<String> {
    let mut page = String::new();
    // What trunk does, and what the loader of the parts asks for where there are parts.
    let elsewhere = |line: &str| line.contains("data-trunk") || (split && line.contains(LATER_STYLES));
    for line in source.lines().filter(|line| !elsewhere(line)) {
        let line = line.replace("/style/", &format!("/{assets}/")).replace("/boot.js", &format!("/{assets}/boot.js"));
        page.push_str(&line);
        page.push('\n');
    }
    // Module, glue and styles are asked for at once, not one after the other.
    let start = format!(
        "    <link rel=\"modulepreload\" href=\"/{assets}/pulze-console.js\">\n    <link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" crossorigin href=\"/{assets}/pulze-console_bg.wasm\">\n    <script type=\"module\" src=\"/{assets}/start.js\"></script>\n  </head>"
    );
    let at = page.find("  </head>").context("index.html has no </head>")?;
    page.replace_range(at..at + "  </head>".len(), &start);
    Ok(page)
}

/// One style sheet out of the layers, in their order.
fn bundle_styles(sheet: &str) -> Result<String> {
    let mut bundle = String::new();
    for line in fs::read_to_string(Path::new("style").join(sheet))?.lines() {
        let Some(rest) = line.strip_prefix("@import url(\"") else {
            if line.starts_with("@layer") {
                bundle.push_str(line);
                bundle.push('\n');
            }
            continue;
        };
        let (file, rest) = rest.split_once('"').with_context(|| format!("{sheet}: an import without its end"))?;
        let layer = rest.split(['(', ')']).nth(2).with_context(|| format!("{sheet}: an import without a layer"))?;
        bundle.push_str(&format!("@layer {layer} {{\n{}}}\n", fs::read_to_string(Path::new("style").join(file))?));
    }
    Ok(bundle)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// As it goes over the wire.
pub fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters)?;
    Ok(packed)
}

fn compress(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()? {
        let path = entry.path();
        if path.is_dir() {
            compress(&path)?;
            continue;
        }
        let bytes = fs::read(&path)?;
        let name = path.to_string_lossy().into_owned();
        fs::write(format!("{name}.br"), brotli(&bytes)?)?;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&bytes)?;
        fs::write(format!("{name}.gz"), gzip.finish()?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn only_comments_on_lines_of_their_own_go() {
        let code = "/** Says\n * `more`. */\n/* one */\n/* two */ b;\n  let a = \"// no comment\"; // kept\n\n  // gone\n`x`;\n";
        assert_eq!(without_comments(code).ok().as_deref(), Some("/* two */ b;\nlet a = \"// no comment\"; // kept\n`x`;\n"));
        assert!(without_comments("`over\nlines`").is_err());
    }
}
