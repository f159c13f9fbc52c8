//! What of a long axis is in sight, and how very many points become a picture of it.

/// A part of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub from: f64,
    pub to: f64,
}

/// The shortest window, in units of the axis: a second of milliseconds.
const SHORTEST: f64 = 1000.0;

impl Window {
    pub fn length(self) -> f64 {
        self.to - self.from
    }

    /// What there is to look at first: the part in which points lie, with some room, where it is less than half of the
    /// whole; the whole otherwise. The axis is sorted.
    pub fn around(axis: &[f64], whole: Self) -> Self {
        let (Some(first), Some(last)) = (axis.first(), axis.last()) else { return whole };
        let length = last - first;
        if length > whole.length() / 2.0 {
            return whole;
        }
        let room = (length * 0.05).max(SHORTEST);
        Self { from: (first - room).max(whole.from), to: (last + room).min(whole.to) }
    }

    /// The same length within the whole; the whole where it is longer.
    fn within(self, whole: Self) -> Self {
        let length = self.length().min(whole.length());
        let from = self.from.clamp(whole.from, whole.to - length);
        Self { from, to: from + length }
    }

    /// Longer or shorter by a factor, so that what lies at a share of it stays there.
    pub fn zoomed(self, at: f64, factor: f64, whole: Self) -> Self {
        let length = (self.length() * factor).clamp(SHORTEST.min(whole.length()), whole.length());
        let from = self.from + (self.length() - length) * at;
        Self { from, to: from + length }.within(whole)
    }

    /// Moved by a share of its length.
    pub fn moved(self, share: f64, whole: Self) -> Self {
        let by = self.length() * share;
        Self { from: self.from + by, to: self.to + by }.within(whole)
    }

    /// Where the values of a sorted axis that are in sight begin and end.
    pub fn places(self, axis: &[f64]) -> std::ops::Range<usize> {
        axis.partition_point(|at| *at < self.from)..axis.partition_point(|at| *at <= self.to)
    }
}

/// A colour as the bytes of a pixel.
pub type Rgb = [u8; 3];

/// How solid one point is where it stands alone.
const ALONE: u32 = 150;
/// How much more each further one adds.
const MORE: u32 = 35;
/// Up to this many points in sight are drawn a pixel larger.
const FEW: usize = 4_000;

/// What is painted.
pub struct Painting<'a> {
    /// Sorted.
    pub x: &'a [f64],
    /// Not a number where nothing is known.
    pub y: &'a [f64],
    /// Painted in the second colour, and above the others.
    pub marked: &'a [bool],
    pub window: Window,
    /// The value at the upper edge.
    pub most: f64,
    pub width: usize,
    pub height: usize,
    /// Pixels of a point; a few points get one more.
    pub dot: usize,
    pub colors: [Rgb; 2],
}

/// The pixels of a picture, four bytes each: many points at one place are more solid than one. Its cost grows with
/// the points in sight and the pixels, not with the whole.
pub fn paint(painting: &Painting<'_>) -> Vec<u8> {
    let Painting { x, y, marked, window, most, width, height, colors, .. } = *painting;
    let mut pixels = vec![0_u8; width * height * 4];
    if width == 0 || height == 0 || window.length() <= 0.0 || most <= 0.0 {
        return pixels;
    }
    let mut counts = vec![[0_u16; 2]; width * height];
    let places = window.places(x);
    let dot = painting.dot + usize::from(places.len() <= FEW) * painting.dot.min(2);
    for place in places {
        let (Some(at), Some(value)) = (x.get(place), y.get(place).filter(|value| value.is_finite())) else { continue };
        // Within the picture, whose sides are far below what a float holds exactly.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (column, row) = (
            ((at - window.from) / window.length() * (width - 1) as f64) as usize,
            ((1.0 - (value / most).clamp(0.0, 1.0)) * (height - 1) as f64) as usize,
        );
        let kind = usize::from(marked.get(place).copied().unwrap_or(false));
        for row in row.saturating_sub(dot / 2)..(row + dot.div_ceil(2)).min(height) {
            for column in column.saturating_sub(dot / 2)..(column + dot.div_ceil(2)).min(width) {
                let count = &mut counts[row * width + column][kind];
                *count = count.saturating_add(1);
            }
        }
    }
    for (pixel, [plain, marked]) in pixels.chunks_exact_mut(4).zip(counts) {
        let (count, color) = if marked > 0 { (marked, colors[1]) } else { (plain, colors[0]) };
        if count > 0 {
            let solid = (ALONE + MORE * (u32::from(count) - 1)).min(255);
            pixel.copy_from_slice(&[color[0], color[1], color[2], u8::try_from(solid).unwrap_or(u8::MAX)]);
        }
    }
    pixels
}

/// The place of the point that is nearest to a spot of the picture, if one is within `reach` pixels.
pub fn nearest(painting: &Painting<'_>, spot: (f64, f64), reach: f64) -> Option<usize> {
    let Painting { x, y, window, most, width, height, .. } = *painting;
    let one = |place: usize| {
        let value = y.get(place).copied().filter(|value| value.is_finite())?;
        let across = (x[place] - window.from) / window.length() * width as f64 - spot.0;
        let down = (1.0 - (value / most).clamp(0.0, 1.0)) * height as f64 - spot.1;
        Some((place, across.hypot(down)))
    };
    let found = window.places(x).filter_map(one).min_by(|one, other| one.1.total_cmp(&other.1));
    found.filter(|(_, distance)| *distance <= reach).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Window = Window { from: 0.0, to: 1_000_000.0 };

    fn painting<'a>(x: &'a [f64], y: &'a [f64], marked: &'a [bool], window: Window) -> Painting<'a> {
        Painting { x, y, marked, window, most: 100.0, width: 300, height: 100, dot: 2, colors: [[1, 2, 3], [9, 8, 7]] }
    }

    fn painted(pixels: &[u8], color: Rgb) -> usize {
        pixels.chunks_exact(4).filter(|pixel| pixel[3] > 0 && pixel[..3] == color).count()
    }

    #[test]
    fn a_window_stays_within_the_whole_and_keeps_what_it_zooms_at() {
        let mut window = WHOLE;
        for step in 0..200 {
            let at = f64::from(step % 11) / 10.0;
            let before = window.from + window.length() * at;
            window = window.zoomed(at, if step % 3 == 0 { 1.3 } else { 0.7 }, WHOLE);
            assert!(window.from >= WHOLE.from && window.to <= WHOLE.to + 1e-6 && window.length() >= SHORTEST - 1e-6);
            if window.length() < WHOLE.length() && window.from > 0.0 && window.to < WHOLE.to - 1e-6 {
                assert!((window.from + window.length() * at - before).abs() < 1e-3, "{step}");
            }
            window = window.moved(f64::from(step % 5) - 2.0, WHOLE);
            assert!(window.from >= WHOLE.from && window.to <= WHOLE.to + 1e-6);
        }
        assert_eq!(Window { from: 5.0, to: 5.0 }.zoomed(0.5, 2.0, Window { from: 5.0, to: 5.0 }).length(), 0.0);
    }

    #[test]
    fn the_first_look_is_where_the_points_are() {
        assert_eq!(Window::around(&[], WHOLE), WHOLE);
        assert_eq!(Window::around(&[0.0, 600_000.0], WHOLE), WHOLE);
        assert_eq!(Window::around(&[400_000.0, 600_000.0], WHOLE), Window { from: 390_000.0, to: 610_000.0 });
        // One point has room as well, and the end of the whole is never passed.
        assert_eq!(Window::around(&[999_900.0], WHOLE), Window { from: 998_900.0, to: 1_000_000.0 });
    }

    #[test]
    fn every_point_in_sight_is_painted_and_none_beside_it() {
        let x: Vec<f64> = (0..100).map(|place| f64::from(place) * 10_000.0).collect();
        let y: Vec<f64> = (0..100).map(|place| if place == 3 { f64::NAN } else { f64::from(place) }).collect();
        let marked: Vec<bool> = (0..100).map(|place| place == 50).collect();
        let pixels = paint(&painting(&x, &y, &marked, WHOLE));
        assert!(painted(&pixels, [1, 2, 3]) >= 98);
        assert!(painted(&pixels, [9, 8, 7]) > 0);
        // Only what is in sight: a window without the marked one.
        let pixels = paint(&painting(&x, &y, &marked, Window { from: 0.0, to: 400_000.0 }));
        assert_eq!(painted(&pixels, [9, 8, 7]), 0);
        // Nothing known is nothing painted.
        let pixels = paint(&painting(&x[3..4], &y[3..4], &marked[3..4], WHOLE));
        assert!(pixels.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn the_nearest_point_is_found_where_it_was_painted() {
        let (x, y) = ([100_000.0, 500_000.0, 900_000.0], [10.0, 50.0, 90.0]);
        let painting = painting(&x, &y, &[false; 3], WHOLE);
        assert_eq!(nearest(&painting, (150.0, 50.0), 8.0), Some(1));
        assert_eq!(nearest(&painting, (153.0, 47.0), 8.0), Some(1));
        assert_eq!(nearest(&painting, (200.0, 10.0), 8.0), None);
    }
}
