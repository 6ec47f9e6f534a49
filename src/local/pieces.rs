//! A growing array that never moves what it holds, once that is much. Knows no entry.
//!
//! An array in one piece doubles: of ten million elements, the one that comes next waits until all
//! were copied. Here elements lie in pieces of one size, and only the first piece ever moves.

use std::ops::{Index, IndexMut};

/// A piece is large enough for huge pages (see `platform::memory`), and no larger.
const PIECE_BYTES: usize = 4 * 1024 * 1024;

/// Elements by their numbers, from 0.
#[derive(Debug)]
pub struct Pieces<T> {
    /// Each full but the last.
    pieces: Vec<Vec<T>>,
    length: usize,
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self { pieces: Vec::new(), length: 0 }
    }
}

impl<T> Pieces<T> {
    /// How many bits of a number say where in its piece an element is.
    const SHIFT: u32 = (PIECE_BYTES / size_of::<T>()).next_power_of_two().trailing_zeros();
    /// Elements in a piece.
    const LENGTH: usize = 1 << Self::SHIFT;

    /// One element.
    pub fn of(first: T) -> Self {
        Self { pieces: vec![vec![first]], length: 1 }
    }

    /// How many elements there are.
    pub fn count(&self) -> usize {
        self.length
    }

    /// Makes room for one more; `None`, and nothing happened, when there is no memory.
    #[inline]
    pub fn reserve_one(&mut self) -> Option<()> {
        match self.pieces.last_mut() {
            Some(last) if last.len() < last.capacity().min(Self::LENGTH) => Some(()),
            _ => self.grow(),
        }
    }

    /// Puts one more at the end, for which there is room.
    ///
    /// # Panics
    ///
    /// If there is none: a defect of the caller.
    #[inline]
    pub fn push(&mut self, element: T) {
        let last = self.pieces.last_mut().expect("room was made");
        assert!(last.len() < last.capacity(), "room was made");
        last.push(element);
        self.length += 1;
    }

    /// The element of this number, if there is one.
    #[inline]
    pub fn get(&self, number: usize) -> Option<&T> {
        self.pieces.get(number >> Self::SHIFT)?.get(number & (Self::LENGTH - 1))
    }

    /// Puts more of these at the end until there is one of this number; `None` when there is no
    /// memory for all.
    #[inline]
    pub fn reach(&mut self, number: usize, element: T) -> Option<()>
    where
        T: Copy,
    {
        if number < self.length { Some(()) } else { self.fill(number, element) }
    }

    /// Bytes that are allocated.
    pub fn bytes(&self) -> usize {
        self.pieces.iter().map(|piece| piece.capacity() * size_of::<T>()).sum()
    }

    #[inline(never)]
    fn fill(&mut self, number: usize, element: T) -> Option<()>
    where
        T: Copy,
    {
        while self.length <= number {
            self.reserve_one()?;
            self.push(element);
        }
        Some(())
    }

    #[cold]
    fn grow(&mut self) -> Option<()> {
        if self.pieces.is_empty() {
            self.pieces.try_reserve(1).ok()?;
            self.pieces.push(Vec::new());
        }
        if let [first] = &mut self.pieces[..]
            && first.len() < Self::LENGTH
        {
            // By doubling, like any small array: a piece is a power of two, and so its end is met.
            return first.try_reserve_exact(first.len().max(1)).ok();
        }
        let mut piece = Vec::new();
        piece.try_reserve_exact(Self::LENGTH).ok()?;
        self.pieces.try_reserve(1).ok()?;
        self.pieces.push(piece);
        Some(())
    }
}

impl<T> Index<usize> for Pieces<T> {
    type Output = T;

    #[inline]
    fn index(&self, number: usize) -> &T {
        &self.pieces[number >> Self::SHIFT][number & (Self::LENGTH - 1)]
    }
}

impl<T> IndexMut<usize> for Pieces<T> {
    #[inline]
    fn index_mut(&mut self, number: usize) -> &mut T {
        &mut self.pieces[number >> Self::SHIFT][number & (Self::LENGTH - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_found_across_pieces() {
        let mut pieces = Pieces::of(0);
        let count = Pieces::<u64>::LENGTH * 2 + 3;
        for number in 1..count {
            pieces.reserve_one().expect("memory");
            pieces.push(number as u64 * 3);
        }
        assert_eq!(pieces.count(), count);
        assert!((0..count).all(|number| pieces[number] == number as u64 * 3));
        pieces[Pieces::<u64>::LENGTH] = 1;
        assert_eq!(pieces[Pieces::<u64>::LENGTH], 1);
    }

    #[test]
    fn only_the_first_piece_moves() {
        let mut pieces = Pieces::of(7);
        let length = Pieces::<u64>::LENGTH;
        let fill = |pieces: &mut Pieces<u64>, to: usize| {
            while pieces.count() < to {
                pieces.reserve_one().expect("memory");
                pieces.push(7);
            }
        };
        fill(&mut pieces, length + 1);
        let places = [&raw const pieces[0], &raw const pieces[length]];
        fill(&mut pieces, length * 3);
        assert_eq!(places, [&raw const pieces[0], &raw const pieces[length]]);
    }

    #[test]
    fn a_small_array_takes_little() {
        let mut pieces = Pieces::of(0_u64);
        for _ in 1..100 {
            pieces.reserve_one().expect("memory");
            pieces.push(0_u64);
        }
        assert_eq!(pieces.bytes(), 128 * 8);
    }
}
