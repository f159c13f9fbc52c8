#![allow(clippy::unwrap_used)]

use super::*;
use image::metadata::Orientation;
use image::{DynamicImage, ImageEncoder, Rgb, RgbImage};
use pulze_contract::validation::Rule;
use std::io::Cursor;

fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&DynamicImage::new_rgba8(width, height), ImageFormat::Png)
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut content = Cursor::new(Vec::new());
    picture.write_to(&mut content, format).unwrap();
    content.into_inner()
}

fn what(content: &[u8]) -> Result<&'static str, Finding> {
    clean(content).map(|cleaned| cleaned.content_type).map_err(|found| found.what)
}

fn text(content: &[u8]) -> String {
    String::from_utf8(clean(content).unwrap().content).unwrap()
}

#[test]
fn pictures_are_known_by_content_and_measured() {
    let cleaned = clean(&png(120, 1800)).unwrap();
    assert_eq!((cleaned.content_type, cleaned.width, cleaned.height), ("image/png", 120, 1800));
    let jpeg = encoded(&DynamicImage::new_rgb8(200, 200), ImageFormat::Jpeg);
    assert_eq!(clean(&jpeg).unwrap().content_type, "image/jpeg");
    for (width, height) in [(119, 200), (200, 1801), (1, 1)] {
        let found = clean(&png(width, height)).unwrap_err();
        assert_eq!((found.rule(), found.width, found.height), (Rule::ImageSides, Some(width), Some(height)));
    }
    let found = clean(&vec![0; IMAGE_MAX + 1]).unwrap_err();
    assert_eq!((found.rule(), found.bytes), (Rule::ImageTooLarge, Some(524_289)));
}

#[test]
fn what_is_no_picture_of_ours_is_named() {
    let mp4 = [&[0, 0, 0, 24][..], b"ftypisom\0\0\x02\0isomiso2"].concat();
    let avif = [&[0, 0, 0, 28][..], b"ftypavif\0\0\0\0avifmif1miafMA1B"].concat();
    let heic = [&[0, 0, 0, 24][..], b"ftypheic\0\0\0\0mif1heic"].concat();
    let webp = b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a\x01\0\x01\0";
    let known: [(&[u8], &str); 13] = [
        (webp, "WebP"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "GIF"),
        (&avif, "AVIF"),
        (&heic, "HEIC"),
        (&mp4, "MP4"),
        (b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "BMP"),
        (b"II*\0\x08\0\0\0\0\0", "TIFF"),
        (b"\0\0\x01\0\x01\0\x10\x10\0\0", "ICO"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript (EPS, AI)"),
        (b"8BPS\0\x01\0\0\0\0\0\0\0\x03", "Photoshop (PSD)"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "gzip (SVGZ)"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "ZIP"),
    ];
    for (content, name) in known {
        let found = clean(content).unwrap_err();
        assert_eq!((found.what, found.name.as_deref()), (Finding::Format, Some(name)), "{name}");
        assert_eq!(found.rule(), Rule::ImageKind);
    }
    assert_eq!(what(b""), Err(Finding::Empty));
    assert_eq!(what(b"\x00\x9f\x92\x96 nothing"), Err(Finding::Unknown));
    for page in [
        "<html><body>no</body></html>",
        "  <!DOCTYPE html>\n<p>Not found",
        "<!-- c --><html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
    ] {
        assert_eq!(what(page.as_bytes()), Err(Finding::WebPage), "{page}");
    }
    for text in
        ["no picture", "{\"error\":\"not found\"}", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "< 5"]
    {
        assert_eq!(what(text.as_bytes()), Err(Finding::Text), "{text}");
    }
}

#[test]
fn what_is_cut_off_is_damaged() {
    let mut noise = RgbImage::new(300, 300);
    for (x, y, pixel) in noise.enumerate_pixels_mut() {
        *pixel = Rgb([(x * 7 % 256) as u8, (y * 13 % 256) as u8, (x * y % 256) as u8]);
    }
    let noise = DynamicImage::ImageRgb8(noise);
    for (format, name) in [(ImageFormat::Png, "PNG"), (ImageFormat::Jpeg, "JPEG")] {
        let whole = encoded(&noise, format);
        assert!(clean(&whole).is_ok());
        for part in [whole.len() / 3, whole.len() / 2, whole.len() - 40] {
            let found = clean(&whole[..part]).unwrap_err();
            assert_eq!((found.what, found.name.as_deref()), (Finding::Damaged, Some(name)), "{part} of {}", whole.len());
        }
    }
}

#[test]
fn what_is_not_pixels_is_gone() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let mut marked = encoded(&DynamicImage::new_rgb8(150, 150), format);
        marked.extend_from_slice(b"<script>marker</script>");
        let cleaned = clean(&marked).unwrap();
        assert!(!String::from_utf8_lossy(&cleaned.content).contains("marker"));
    }
}

#[test]
fn a_file_that_claims_to_be_huge_is_not_decoded() {
    // The header of a PNG of 20,000 × 20,000 pixels.
    let mut huge = png(120, 120);
    huge[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
    assert!(clean(&huge).is_err());
}

/// EXIF that says how a picture was held.
fn exif(value: u8) -> Vec<u8> {
    [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[value, 0, 0, 0, 0, 0, 0, 0]].concat()
}

#[test]
fn photographs_stand_upright() {
    // Red, green, blue and white in the corners, so that every turn and every reflection is another picture.
    let (width, height) = (160, 240);
    let corners = RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([255, 0, 0]),
        (false, true) => Rgb([0, 255, 0]),
        (true, false) => Rgb([0, 0, 255]),
        (false, false) => Rgb([255, 255, 255]),
    });
    for value in 1..=8_u8 {
        // How the sensor saw it: what the orientation undoes. A quarter turn is undone by the other one.
        let undone = match Orientation::from_exif(value).unwrap() {
            Orientation::Rotate90 => Orientation::Rotate270,
            Orientation::Rotate270 => Orientation::Rotate90,
            other => other,
        };
        let mut seen = DynamicImage::ImageRgb8(corners.clone());
        seen.apply_orientation(undone);
        let (wide, high) = (seen.width(), seen.height());
        let mut jpeg = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 95);
        encoder.set_exif_metadata(exif(value)).unwrap();
        encoder.write_image(seen.as_bytes(), wide, high, image::ExtendedColorType::Rgb8).unwrap();
        let mut png = Vec::new();
        let mut encoder = image::codecs::png::PngEncoder::new(&mut png);
        encoder.set_exif_metadata(exif(value)).unwrap();
        encoder.write_image(seen.as_bytes(), wide, high, image::ExtendedColorType::Rgb8).unwrap();
        for content in [jpeg, png] {
            let cleaned = clean(&content).unwrap();
            assert_eq!((cleaned.width, cleaned.height), (width, height), "orientation {value}");
            let shown = image::load_from_memory(&cleaned.content).unwrap().to_rgb8();
            assert_eq!(shown.dimensions(), (width, height), "orientation {value}");
            for (x, y) in [(20, 20), (140, 20), (20, 220), (140, 220)] {
                let (shown, right) = (shown.get_pixel(x, y), corners.get_pixel(x, y));
                let near = shown.0.iter().zip(right.0).all(|(one, other)| one.abs_diff(other) < 24);
                assert!(near, "orientation {value}, {} at {x}, {y}: {shown:?}", cleaned.content_type);
            }
            assert!(!cleaned.content.windows(4).any(|bytes| bytes == b"Exif" || bytes == b"eXIf"));
        }
    }
    // The side that is measured is the one that is seen.
    let mut narrow = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut narrow, 95);
    encoder.set_exif_metadata(exif(6)).unwrap();
    encoder.write_image(&[0; 3 * 300 * 100], 300, 100, image::ExtendedColorType::Rgb8).unwrap();
    let found = clean(&narrow).unwrap_err();
    assert_eq!((found.width, found.height), (Some(100), Some(300)));
}

fn drawing(inside: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"160\">{inside}<rect width=\"50\" height=\"50\" fill=\"#123456\"/></svg>"
    )
}

#[test]
fn a_drawing_keeps_its_shapes_and_loses_what_acts() {
    let plain = clean(drawing("").as_bytes()).unwrap();
    assert_eq!((plain.content_type, plain.width, plain.height), ("image/svg+xml", 200, 160));
    assert!(String::from_utf8_lossy(&plain.content).contains("#123456"));
    let hostile = [
        "<script>alert(1)</script>",
        "<script xlink:href=\"https://evil.example/x.js\"/>",
        "<SCRIPT>alert(1)</SCRIPT>",
        "<g onclick=\"alert(1)\" onload=\"alert(1)\"/>",
        "<foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></body></foreignObject>",
        "<switch><foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\"><script>alert(1)</script></body></foreignObject></switch>",
        "<a href=\"javascript:alert(1)\"><text>x</text></a>",
        "<a xlink:href=\"javascript:alert(1)\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"><text>x</text></a>",
        "<use href=\"data:image/svg+xml;base64,PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+#x\"/>",
        "<image href=\"data:image/svg+xml;base64,PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+#x\"/>",
        "<use href=\"https://evil.example/x.svg#y\"/>",
        "<image href=\"https://evil.example/pixel.png\"/>",
        "<style>@import url(https://evil.example/x.css);</style>",
        "<style>rect { fill: url(https://evil.example/pixel) }</style>",
        "<rect style=\"fill: url(//evil.example/pixel)\"/>",
        "<rect fill=\"ur\\6c(https://evil.example/pixel)\"/>",
        "<animate attributeName=\"href\" values=\"javascript:alert(1)\"/>",
        "<set attributeName=\"onmouseover\" to=\"alert(1)\"/>",
        "<iframe src=\"https://evil.example\"/>",
        "<handler type=\"application/ecmascript\">alert(1)</handler>",
        "<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>",
        "<x:script xmlns:x=\"http://www.w3.org/2000/svg\">alert(1)</x:script>",
    ];
    for inside in hostile {
        let Ok(cleaned) = clean(drawing(inside).as_bytes()) else { continue };
        let left = String::from_utf8_lossy(&cleaned.content).to_lowercase();
        for never in ["script", "alert", "evil.example", "javascript", "onclick", "onload", "foreignobject", "data:"] {
            assert!(!left.contains(never), "{inside} left {never}: {left}");
        }
    }
    assert_eq!(what(drawing("").replace("width=\"200\"", "width=\"10\"").as_bytes()), Err(Finding::Sides));
}

#[test]
fn drawings_of_design_tools_are_taken() {
    for (content, sides) in [
        (&include_bytes!("../../../tests/pictures/illustrator.svg")[..], (400, 400)),
        (include_bytes!("../../../tests/pictures/inkscape.svg"), (480, 480)),
        (include_bytes!("../../../tests/pictures/figma.svg"), (400, 400)),
        (include_bytes!("../../../tests/pictures/prefix.svg"), (400, 400)),
    ] {
        let cleaned = clean(content).unwrap();
        assert_eq!((cleaned.width, cleaned.height), sides);
        let left = String::from_utf8(cleaned.content).unwrap();
        assert!(
            left.contains("xmlns=\"http://www.w3.org/2000/svg\"") && !left.contains('&') && !left.contains("ENTITY"),
            "{left}"
        );
    }
    let shapes = "<s:rect width=\"9\" height=\"9\" fill=\"teal\"/>";
    // Each way to say that everything is SVG.
    let same = [
        format!("<s:svg xmlns:s=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"200\">{shapes}</s:svg>"),
        format!(
            "<s:svg xmlns:s=\"http://www.w3.org/2000/svg\" xmlns=\"http://other.example/\" width=\"200\" height=\"200\">{shapes}<other/></s:svg>"
        ),
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:s=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"200\">{shapes}</svg>"
        ),
        format!("<svg width=\"200\" height=\"200\">{}</svg>", shapes.replace("s:", "")),
        format!(
            "<!DOCTYPE svg [<!ENTITY n \"http://www.w3.org/2000/svg\"><!ENTITY r '{shapes}'>]><svg xmlns=\"&n;\" xmlns:s=\"&n;\" width=\"200\" height=\"200\">&r;</svg>"
        ),
        format!(
            "\u{feff}<?xml version='1.0'?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\"><s:svg xmlns:s=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"200\">{shapes}</s:svg>"
        ),
    ];
    let lines = |content: &str| -> Vec<String> { text(content.as_bytes()).lines().map(|line| line.trim().to_owned()).collect() };
    for other in &same {
        assert_eq!(lines(other), lines(&same[0]), "{other}");
    }
    // UTF-16, as Windows writes it.
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(same[0].encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(text(&wide), text(same[0].as_bytes()));
    // An address that is text refers to nothing.
    let said = text(
        drawing("<title>https://acme.example</title><text data-from=\"https://acme.example\">https://acme.example</text>")
            .as_bytes(),
    );
    assert_eq!(said.matches("acme.example").count(), 1);
}

#[test]
fn photographs_within_drawings_are_cleaned_too() {
    use base64::Engine;
    let encode = |content: &[u8]| base64::engine::general_purpose::STANDARD.encode(content);
    let mut marked = png(40, 30);
    marked.extend_from_slice(b"marker");
    let with = |element: &str, kind: &str, content: &[u8]| {
        drawing(&format!("<{element} href=\"data:{kind};base64,{}\"/>", encode(content)))
    };
    let left = text(with("image", "image/png", &marked).as_bytes());
    assert!(left.contains("data:image/png;base64,") && !left.contains(&encode(&marked)));
    // Whatever it calls itself.
    assert!(text(with("image", "image/jpeg", &marked).as_bytes()).contains("data:image/png;base64,"));
    for content in
        [with("image", "image/png", b"GIF89a"), with("image", "image/webp", b"RIFF    WEBP"), with("use", "image/png", &marked)]
    {
        assert_eq!(what(content.as_bytes()), Err(Finding::SvgEmbedded), "{content}");
    }
}

#[test]
fn a_drawing_that_would_look_different_is_refused_with_the_reason() {
    let named =
        |content: &str| clean(content.as_bytes()).map(|_| ()).map_err(|found| (found.what, found.name.unwrap_or_default()));
    for (inside, name) in [
        ("<image href=\"photo.png\"/>", "photo.png"),
        ("<image xlink:href=\"C:\\logos\\photo.jpg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"/>", "photo.jpg"),
        ("<use href=\"https://acme.test/a.svg#b\"/>", "acme.test"),
        ("<style>@import url('https://fonts.example/css');</style>", "fonts.example"),
        ("<rect fill=\"url(paints.svg#a)\"/>", "paints.svg#a"),
        ("<rect fill=\"ur\\6c(https://acme.test/a)\"/>", "acme.test"),
    ] {
        assert_eq!(named(&drawing(inside)), Err((Finding::SvgLinked, name.to_owned())), "{inside}");
    }
    let styled = format!("<?xml-stylesheet href=\"look.css\" type=\"text/css\"?>{}", drawing(""));
    assert_eq!(named(&styled), Err((Finding::SvgLinked, "look.css".to_owned())));
    for (content, finding) in [
        (drawing("<circle r=\"9\"><animate attributeName=\"r\" to=\"0\"/></circle>"), Finding::SvgAnimated),
        (drawing("<set attributeName=\"fill\" to=\"red\"/>"), Finding::SvgAnimated),
        (drawing("<foreignObject><p xmlns=\"http://www.w3.org/1999/xhtml\">Acme</p></foreignObject>"), Finding::SvgHtml),
        (drawing("<text><textPath href=\"#a\">Acme</textPath></text>"), Finding::SvgText),
        (drawing("<style>@font-face{src:url(data:font/woff2;base64,AA)}</style>"), Finding::SvgText),
        (drawing("<text>&nbsp;</text>"), Finding::SvgEntities),
        ("<svg xmlns=\"http://www.w3.org/2000/svg\"><rect/></svg>".to_owned(), Finding::SvgUnsized),
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><rect/></svg>".to_owned(), Finding::Sides),
    ] {
        assert_eq!(what(content.as_bytes()), Err(finding), "{content}");
    }
    // Where it goes wrong is said by line.
    for (content, line) in [
        (format!("{}\n<g>", drawing("").replace("</svg>", "")), 2),
        ("<svg xmlns=\"http://www.w3.org/2000/svg\"\n width=\"200\"\n height=200/>".to_owned(), 3),
        ("<svg xmlns=\"http://www.w3.org/2000/svg\">\n<use xlink:href=\"#a\"/></svg>".to_owned(), 2),
    ] {
        let found = clean(content.as_bytes()).unwrap_err();
        assert_eq!((found.what, found.line), (Finding::SvgMalformed, Some(line)), "{content}");
    }
}

#[test]
fn entities_never_make_much_of_little() {
    let doctype = |entities: &str| format!("<!DOCTYPE svg [{entities}]>{}", drawing("<text>&z;</text>"));
    let mut laughs = "<!ENTITY a \"ha\">".to_owned();
    for (name, before) in ('b'..='z').zip('a'..) {
        laughs.push_str(&format!("<!ENTITY {name} \"{}\">", format!("&{before};").repeat(10)));
    }
    // A long one, named often.
    let long = format!(
        "<!DOCTYPE svg [<!ENTITY z \"{}\">]>{}",
        "a".repeat(60_000),
        drawing(&format!("<text>{}</text>", "&z;".repeat(1000)))
    );
    let many = drawing(&"<text x=\"&z;&z;&z;&z;\"/>".repeat(1000));
    let many = format!("<!DOCTYPE svg [<!ENTITY z \"{}\">]>{many}", "a".repeat(60_000));
    // The same by parameter entities, which are put together while the document type is read.
    let parameters = laughs.replace("<!ENTITY ", "<!ENTITY % ").replace('&', "%") + "<!ENTITY end \"%z;\">";
    let wide: String = doctype(&parameters);
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(wide.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(what(&wide), Err(Finding::SvgEntities));
    for content in [doctype(&laughs), doctype("<!ENTITY z \"&y;\"><!ENTITY y \"&z;\">"), long, many, doctype(&parameters)] {
        let started = std::time::Instant::now();
        assert!(clean(content.as_bytes()).is_err());
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }
    // Files are never read.
    for outside in ["<!ENTITY z SYSTEM \"file:///etc/hostname\">", "<!ENTITY % z SYSTEM \"https://evil.example/x.dtd\">%z;"] {
        assert_eq!(what(doctype(outside).as_bytes()), Err(Finding::SvgEntities), "{outside}");
    }
}
