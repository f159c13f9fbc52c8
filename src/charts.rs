//! Charts: scales, stacks, marks, and what makes them readable without eyes or mouse. They know numbers and
//! names, not organizations.
//!
//! The maths is in [`scale`], [`marks`] and [`forecast`], plain functions that are tested natively; [`chart`] draws.
//! Marks of a series are one path, whatever their number: a year of days in 26 series is 26 elements. The
//! picture is stretched by the browser when the page is resized; words stand beside it as HTML. What is more than a few
//! thousand marks, like single calls, is a [`cloud`]: pixels on a canvas, counted in [`window`].

pub mod chart;
pub mod cloud;
#[expect(clippy::disallowed_methods, reason = "touches nothing but the clipboard and what it was given")]
mod copies;
pub mod forecast;
pub mod marks;
mod numbers;
mod picture;
pub mod scale;
mod sound;
pub mod sparkline;
pub mod window;
