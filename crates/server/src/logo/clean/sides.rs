//! How large a drawing says that it is.

/// What a root element says of its size.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    pub width: Option<String>,
    pub height: Option<String>,
    pub view_box: Option<String>,
}

fn plausible(side: f64) -> bool {
    side > 0.0 && side < 1e6
}

/// A length in pixels of CSS, 96 to the inch. Nothing for what depends on where it is shown (`%`, `em`, `vw`).
fn pixels(length: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 7] = [
        ("px", 1.0),
        ("mm", 96.0 / 25.4),
        ("cm", 96.0 / 2.54),
        ("in", 96.0),
        ("pt", 96.0 / 72.0),
        ("pc", 16.0),
        ("q", 96.0 / 101.6),
    ];
    let length = length.trim().to_ascii_lowercase();
    let unit = UNITS.into_iter().find_map(|(unit, pixels)| Some((length.strip_suffix(unit)?, pixels)));
    let (number, pixels) = unit.unwrap_or((&length, 1.0));
    number.trim_end().parse::<f64>().ok().map(|number| number * pixels).filter(|side| plausible(*side))
}

impl Claims {
    fn view_box(&self) -> Option<(f64, f64)> {
        let parts =
            self.view_box.as_deref()?.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|part| !part.is_empty());
        let parts: Vec<f64> = parts.map(str::parse).collect::<Result<_, _>>().ok()?;
        let [_, _, width, height] = parts[..] else { return None };
        Some((width, height)).filter(|(width, height)| plausible(*width) && plausible(*height))
    }

    /// The sides in pixels: what the drawing gives itself, a missing one by the shape of the view box, and the view
    /// box itself where both are missing.
    pub(super) fn sides(&self) -> Option<(u32, u32)> {
        let own = (self.width.as_deref().and_then(pixels), self.height.as_deref().and_then(pixels));
        let (width, height) = match (own, self.view_box()) {
            ((Some(width), Some(height)), _) => (width, height),
            ((Some(width), None), Some((wide, high))) => (width, width * high / wide),
            ((None, Some(height)), Some((wide, high))) => (height * wide / high, height),
            ((None, None), Some(sides)) => sides,
            ((_, _), None) => return None,
        };
        // Checked to be positive; what is too large is cut to the largest number, and refused.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let sides = (width.round() as u32, height.round() as u32);
        Some(sides)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(width: &str, height: &str, view_box: &str) -> Option<(u32, u32)> {
        let claim = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Claims { width: claim(width), height: claim(height), view_box: claim(view_box) }.sides()
    }

    #[test]
    fn units_are_those_of_css() {
        for (length, expected) in [
            ("400", 400),
            (" 400px ", 400),
            ("400PX", 400),
            ("4e2", 400),
            ("127mm", 480),
            ("12.7 cm", 480),
            ("5in", 480),
            ("360pt", 480),
            ("30pc", 480),
            ("508Q", 480),
        ] {
            assert_eq!(sides(length, length, ""), Some((expected, expected)), "{length}");
        }
    }

    #[test]
    fn what_is_missing_follows_from_the_view_box() {
        assert_eq!(sides("", "", "0 0 300 150"), Some((300, 150)));
        assert_eq!(sides("", "", " -10,-10 , 300,150 "), Some((300, 150)));
        assert_eq!(sides("600", "", "0 0 300 150"), Some((600, 300)));
        assert_eq!(sides("", "100mm", "0 0 300 150"), Some((756, 378)));
        // What depends on where it is shown says nothing.
        assert_eq!(sides("100%", "100%", "0 0 300 150"), Some((300, 150)));
        assert_eq!(sides("1em", "50vw", "0 0 300 150"), Some((300, 150)));
        assert_eq!(sides("100%", "200", "0 0 300 150"), Some((400, 200)));
        for (width, height, view_box) in [
            ("", "", ""),
            ("100%", "100%", ""),
            ("400", "", ""),
            ("0", "0", ""),
            ("-4", "4", ""),
            ("", "", "0 0 300"),
            ("NaN", "inf", ""),
        ] {
            assert_eq!(sides(width, height, view_box), None, "{width} {height} {view_box}");
        }
        assert!(sides("10", "", "0 0 1e-3 999999").is_some_and(|(_, height)| height > 1_000_000));
    }
}
