//! Drawings (SVG), as design tools save them: document types with entities, other prefixes, units, no namespace at
//! all. A drawing is read once and written plainly, cleaned by an allow-list, and looked at once more.
//!
//! What would not look the same afterwards is refused, and the reason is said: animations, other files, fonts, HTML.

use super::css::{self, Target};
use super::sides::Claims;
use super::{Cleaned, Refused, raster, require_sides};
use image::ImageFormat;
use pulze_contract::image::{Finding, ImageFound};
use pulze_contract::validation::IMAGE_MAX;
use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};
use svg_hush::data_url_filter::{DataUrl, DataUrlFilterResult};
use xml::attribute::OwnedAttribute;
use xml::common::Position;
use xml::name::OwnedName;
use xml::reader::{ErrorKind, EventReader, ParserConfig, XmlEvent};
use xml::writer::{EmitterConfig, XmlEvent as Written};

const SVG: &str = "http://www.w3.org/2000/svg";
const XLINK: &str = "http://www.w3.org/1999/xlink";
/// Bytes that a drawing may have once its entities are expanded.
const EXPANDED_MAX: usize = 4 * IMAGE_MAX;
/// Pixels of all pictures within a drawing together.
const PIXELS_MAX: u32 = 16_000_000;
/// What a cleaned drawing must not hold, whatever the cleaner thinks; in lower case. In text, `<` is escaped.
const NEVER: [&str; 9] =
    ["<script", "<foreignobject", "<iframe", "<!entity", "<!doctype", "<?xml-stylesheet", "<handler", "<set", "<animate"];

fn found(what: Finding) -> Refused {
    Box::new(ImageFound::new(what))
}

/// Reads a drawing of which no piece is longer than so many bytes.
fn reader(content: &[u8], longest: usize) -> EventReader<Cursor<&[u8]>> {
    // Entities are expanded within limits (no external one is ever read): a name of a namespace is one, and a bomb
    // is cut off after a few kilobytes.
    ParserConfig::new()
        .cdata_to_characters(true)
        .ignore_comments(true)
        .coalesce_characters(false)
        .allow_multiple_root_elements(false)
        .max_entity_expansion_depth(4)
        .max_entity_expansion_length(64 * 1024)
        .max_attributes(200)
        .max_attribute_length(longest)
        .max_data_length(longest)
        .max_name_length(1000)
        .create_reader(Cursor::new(content))
}

/// The text as far as it is Latin, also that of UTF-16, in which every other byte of it is zero.
fn latin(content: &[u8]) -> String {
    let bytes: Vec<u8> = content.iter().copied().filter(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Before anything is parsed: parameter entities are expanded without a limit while a document type is read, and
/// external ones are never there.
fn require_plain_entities(content: &[u8]) -> Result<(), Refused> {
    for declared in latin(content).split("<!ENTITY").skip(1) {
        let value = declared.trim_start().split_once(char::is_whitespace).map_or("", |(_, value)| value.trim_start());
        if !value.starts_with(['"', '\'']) || declared.trim_start().starts_with('%') {
            return Err(found(Finding::SvgEntities));
        }
    }
    Ok(())
}

/// Cleans a drawing.
///
/// # Errors
/// What it is instead, or why it would not look the same.
pub(super) fn clean(content: &[u8]) -> Result<Cleaned, Refused> {
    let (plain, claims) = plain(content)?;
    let (width, height) = claims.sides().ok_or_else(|| found(Finding::SvgUnsized))?;
    require_sides(width, height)?;
    let mut cleaned = Vec::new();
    let embedded = Arc::new(Mutex::new(Embedded::default()));
    let pictures = Arc::clone(&embedded);
    let mut filter = svg_hush::Filter::new();
    filter.set_data_url_filter(move |address| pictures.lock().unwrap_or_else(PoisonError::into_inner).clean(address));
    filter.filter(&mut Cursor::new(&plain), &mut cleaned).map_err(|_| found(Finding::Unknown))?;
    if let Some(refused) = embedded.lock().unwrap_or_else(PoisonError::into_inner).refused.take() {
        return Err(refused);
    }
    verify(&cleaned)?;
    Ok(Cleaned { content_type: "image/svg+xml", content: cleaned, width, height })
}

/// The pictures within a drawing.
#[derive(Default)]
struct Embedded {
    pixels: u32,
    refused: Option<Refused>,
}

impl Embedded {
    /// Photographs within drawings are cleaned like others.
    fn clean(&mut self, address: &DataUrl<'_>) -> DataUrlFilterResult {
        let content = address.decode_to_vec().map(|(content, _)| content).unwrap_or_default();
        let cleaned = match image::guess_format(&content) {
            Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => raster::clean(&content, format, |width, height| {
                self.pixels = self.pixels.saturating_add(width.saturating_mul(height));
                if self.pixels > PIXELS_MAX { Err(found(Finding::SvgEmbedded)) } else { Ok(()) }
            }),
            _ => Err(found(Finding::SvgEmbedded)),
        };
        match cleaned {
            Ok(cleaned) => DataUrlFilterResult::Rewrite { mime_type: cleaned.content_type.to_owned(), data: cleaned.content },
            Err(_) => {
                self.refused = Some(found(Finding::SvgEmbedded));
                DataUrlFilterResult::Drop
            }
        }
    }
}

/// What is known while a drawing is read.
#[derive(Default)]
struct Reading {
    /// Names of the open elements that are written.
    open: Vec<String>,
    /// How deep within an element that is left out.
    skipping: usize,
    /// Nothing is in a namespace: a drawing that was cut out of a page.
    bare: bool,
    claims: Claims,
    /// Bytes that were read, entities expanded.
    expanded: usize,
}

/// The drawing with everything in the namespace of SVG, without prefixes, entities and what is not drawn, and what it
/// says of its size.
fn plain(content: &[u8]) -> Result<(Vec<u8>, Claims), Refused> {
    require_plain_entities(content)?;
    let mut reader = reader(content, IMAGE_MAX);
    let mut reading = Reading::default();
    let mut plain = Vec::new();
    let config = EmitterConfig::new().cdata_to_characters(true).keep_element_names_stack(true);
    let mut writer = config.create_writer(&mut plain);
    let unwritten = |_| found(Finding::Unknown);
    loop {
        let event = reader.next().map_err(|error| broken(content, &reading, &error))?;
        match event {
            XmlEvent::EndDocument => break,
            XmlEvent::StartElement { name, attributes, .. } => {
                let Some(attributes) = reading.enter(&name, attributes)? else { continue };
                let mut element = Written::start_element(name.local_name.as_str());
                if reading.open.len() == 1 {
                    element = element.default_ns(SVG);
                }
                for (name, value) in &attributes {
                    element = element.attr(name.as_str(), value);
                }
                writer.write(element).map_err(unwritten)?;
            }
            XmlEvent::EndElement { .. } => {
                if reading.skipping > 0 {
                    reading.skipping -= 1;
                } else {
                    reading.open.pop();
                    writer.write(Written::end_element()).map_err(unwritten)?;
                }
            }
            XmlEvent::Characters(text) | XmlEvent::Whitespace(text) => {
                reading.expand(text.len())?;
                if reading.skipping > 0 || reading.open.is_empty() {
                    continue;
                }
                if reading.open.last().is_some_and(|name| name == "style") {
                    css::check(&text)?;
                }
                writer.write(Written::characters(&text)).map_err(unwritten)?;
            }
            XmlEvent::ProcessingInstruction { name, data } if name == "xml-stylesheet" => {
                let data = data.unwrap_or_default();
                let href = data.split("href=").nth(1).and_then(|rest| rest.split(['"', '\'']).nth(1)).unwrap_or_default();
                let Target::Elsewhere(name) = css::target(href) else { continue };
                return Err(Box::new(ImageFound::named(Finding::SvgLinked, name)));
            }
            _ => {}
        }
    }
    Ok((plain, reading.claims))
}

impl Reading {
    fn expand(&mut self, bytes: usize) -> Result<(), Refused> {
        self.expanded += bytes;
        if self.expanded > EXPANDED_MAX { Err(found(Finding::SvgEntities)) } else { Ok(()) }
    }

    /// The attributes of an element that is written; `None` for one that is left out with all that is in it.
    fn enter(&mut self, name: &OwnedName, attributes: Vec<OwnedAttribute>) -> Result<Option<Vec<(String, String)>>, Refused> {
        self.expand(
            name.local_name.len() + attributes.iter().map(|one| one.name.local_name.len() + one.value.len()).sum::<usize>(),
        )?;
        if self.skipping > 0 {
            self.skipping += 1;
            return Ok(None);
        }
        let local = name.local_name.as_str();
        let root = self.open.is_empty();
        if root {
            self.bare = name.namespace.is_none();
            if local != "svg" || !(self.bare || name.namespace.as_deref() == Some(SVG)) {
                return Err(found(if local.eq_ignore_ascii_case("html") { Finding::WebPage } else { Finding::Text }));
            }
        }
        let ours = name.namespace.as_deref() == Some(SVG) || (self.bare && name.namespace.is_none());
        let switched = self.open.last().is_some_and(|name| name == "switch");
        match local {
            _ if !ours => {}
            "animate" | "animateColor" | "animateMotion" | "animateTransform" | "set" => return Err(found(Finding::SvgAnimated)),
            // Where a drawing says what to show without it, that is shown.
            "foreignObject" if !switched => return Err(found(Finding::SvgHtml)),
            "textPath" | "tref" | "font" => return Err(found(Finding::SvgText)),
            _ => {}
        }
        if !ours || matches!(local, "script" | "foreignObject" | "metadata" | "title" | "desc") {
            self.skipping = 1;
            return Ok(None);
        }
        let attributes = own(local, attributes)?;
        if root {
            let claim = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
            self.claims = Claims { width: claim("width"), height: claim("height"), view_box: claim("viewBox") };
        }
        self.open.push(local.to_owned());
        Ok(Some(attributes))
    }
}

/// The attributes of an element that are SVG's own. A link of XLink is one of SVG, where there is none.
fn own(element: &str, attributes: Vec<OwnedAttribute>) -> Result<Vec<(String, String)>, Refused> {
    let linked = attributes.iter().any(|one| one.name.namespace.is_none() && one.name.local_name == "href");
    let mut kept = Vec::with_capacity(attributes.len());
    for OwnedAttribute { name, value } in attributes {
        let link = name.local_name == "href";
        let ours = name.namespace.is_none() || (link && !linked && name.namespace.as_deref() == Some(XLINK));
        // What is said about the drawing is not drawn.
        if !ours || name.local_name.starts_with("data-") || name.local_name.starts_with("aria-") {
            continue;
        }
        if link && element != "a" {
            match css::target(&value) {
                Target::Within => {}
                Target::Picture if matches!(element, "image" | "feImage") => {}
                Target::Picture | Target::Data => return Err(found(Finding::SvgEmbedded)),
                Target::Elsewhere(name) => return Err(Box::new(ImageFound::named(Finding::SvgLinked, name))),
            }
        } else if !link {
            css::check(&value)?;
            if let (Some(place), Target::Elsewhere(name)) = (value.find("://"), css::target(&value)) {
                let host = value.get(place + 3..).and_then(|rest| rest.split(['/', ')', '"', '\'']).next());
                let name = host.map_or(name, str::to_owned);
                return Err(Box::new(ImageFound::named(Finding::SvgLinked, name)));
            }
        }
        kept.push((name.local_name, value));
    }
    Ok(kept)
}

/// What a file is that is not well-formed XML.
fn broken(content: &[u8], reading: &Reading, error: &xml::reader::Error) -> Refused {
    let lower = latin(content).to_ascii_lowercase();
    if reading.open.is_empty() && !lower.contains("<svg") && !lower.contains(":svg") {
        return found(if lower.contains("<html") { Finding::WebPage } else { Finding::Text });
    }
    let entity =
        |text: &str| ["Undefined entity", "Unexpected entity", "Entity too big"].iter().any(|start| text.starts_with(start));
    if matches!(error.kind(), ErrorKind::Syntax(text) if entity(text)) {
        return found(Finding::SvgEntities);
    }
    let line = u32::try_from(error.position().row + 1).ok();
    Box::new(ImageFound { line, ..ImageFound::new(Finding::SvgMalformed) })
}

/// Looks at what the cleaner left, without asking how it was cleaned.
fn verify(cleaned: &[u8]) -> Result<(), Refused> {
    let lower = String::from_utf8_lossy(cleaned).to_ascii_lowercase();
    if cleaned.len() > EXPANDED_MAX || NEVER.iter().any(|never| lower.contains(never)) {
        return Err(found(Finding::Unknown));
    }
    let mut reader = reader(cleaned, EXPANDED_MAX);
    let mut style = false;
    loop {
        match reader.next().map_err(|_| found(Finding::Unknown))? {
            XmlEvent::EndDocument => return Ok(()),
            XmlEvent::StartElement { name, attributes, .. } => {
                style = name.local_name == "style";
                let good = |one: &OwnedAttribute| {
                    let value = one.value.to_ascii_lowercase();
                    let link = one.name.local_name == "href";
                    one.name.namespace.is_none()
                        && !one.name.local_name.to_ascii_lowercase().starts_with("on")
                        && !value.contains("javascript:")
                        && (link || !value.contains("://"))
                        && (!link || matches!(css::target(&value), Target::Within | Target::Picture))
                        && (link || css::check(&value).is_ok())
                };
                if name.namespace.as_deref() != Some(SVG) || !attributes.iter().all(good) {
                    return Err(found(Finding::Unknown));
                }
            }
            XmlEvent::Characters(text) if style => css::check(&text)?,
            _ => {}
        }
    }
}
