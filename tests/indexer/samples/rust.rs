// Copyright 2026 The Orchard authors.
//! Reads and writes tables.

#![warn(missing_docs)]

use std::collections::HashMap;
use std::fmt::{self, Display};

mod codec;

const LIMIT: usize = 64;

/// One row of a table.
///
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Row<T> {
    /// What it holds.
    cells: Vec<T>,
}

pub struct Width(u16);

struct Unit;

/// How cells are aligned.
#[non_exhaustive]
pub enum Align {
    Left,
    Fill { with: char },
}

pub trait Render: Display {
    type Output;

    /// Writes itself.
    fn render(&self, width: Width) -> Self::Output;

    fn plain(&self) -> String {
        self.to_string()
    }
}

impl<T: Clone> Row<T> {
    pub const EMPTY: usize = 0;

    /// Makes a row.
    #[must_use]
    pub fn new(cells: Vec<T>) -> Self {
        Self { cells }
    }

    /* Keeps what the
     * test says. */
    #[inline]
    pub(crate) async fn keep<F>(&mut self, test: F) -> Option<&T>
    where
        F: Fn(&T) -> bool, // for each cell
    {
        let wanted = |cell: &&T| test(cell);
        self.cells.iter().find(wanted)
    }
}

impl<'a, T> fmt::Display for Row<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// Builds a row.
#[macro_export]
macro_rules! row {
    ($($cell:expr),*) => { Row::new(vec![$($cell),*]) };
}

pub type Table = HashMap<String, Row<String>>;

pub union Bits {
    whole: u32,
}

extern "C" {
    fn strlen(text: *const u8) -> usize;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_rows() {
        fn one() -> u8 { 1 }
        assert_eq!(one(), 1);
    }
}
