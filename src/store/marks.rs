//! Marks: what committed acts have touched, so that what is kept in memory knows when it is out of date.
//!
//! A mark only ever rises. Whoever keeps a copy reads the mark before it reads the rows, and trusts the copy while the
//! mark is the same. Another node's acts leave no mark here; a copy's age is bounded for that.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::id::{PersonId, PostId};

/// Marks are shared by a few diaries each: one too many is read again now and then, none is missed.
const STRIPES: usize = 4_096;

/// The marks of one store.
#[derive(Debug)]
pub struct Marks {
    diaries: Box<[AtomicU64]>,
    supply: AtomicU64,
    is_alone: AtomicBool,
}

impl Default for Marks {
    fn default() -> Self {
        let diaries = (0..STRIPES).map(|_| AtomicU64::new(0)).collect();
        Self { diaries, supply: AtomicU64::new(0), is_alone: AtomicBool::new(false) }
    }
}

impl Marks {
    /// The mark of what offices offer at all: posts, hours, holders, holidays, absences.
    #[must_use]
    pub fn supply(&self) -> u64 {
        self.supply.load(Ordering::SeqCst)
    }

    /// Does nobody else write to this database, as far as is known here?
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.is_alone.load(Ordering::SeqCst)
    }

    /// Says that nobody else writes to this database.
    pub fn nobody_else_is_there(&self) {
        self.is_alone.store(true, Ordering::SeqCst);
    }

    /// Says that somebody else may write to this database: every copy is out of date.
    pub fn others_may_be_there(&self) {
        if self.is_alone.swap(false, Ordering::SeqCst) {
            self.supply.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The mark of what is taken in these diaries.
    #[must_use]
    pub fn diary(&self, watched: &Watched) -> u64 {
        // Each only rises, so their sum is the same only while all of them are.
        watched.0.iter().map(|stripe| self.diaries[*stripe].load(Ordering::SeqCst)).sum()
    }
}

/// Diaries whose marks are read together.
#[derive(Debug)]
pub struct Watched(Box<[usize]>);

impl Watched {
    /// The diary of a post and the other posts of these people, who hold it in turn.
    pub fn new<'a>(post: &PostId, persons: impl Iterator<Item = &'a PersonId>) -> Self {
        let stripes: BTreeSet<usize> = persons.map(stripe_of).chain([stripe_of(post)]).collect();
        Self(stripes.into_iter().collect())
    }
}

fn stripe_of(whose: &impl Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    whose.hash(&mut hasher);
    (hasher.finish() % STRIPES as u64) as usize
}

/// What one act has touched; the marks rise when it is dropped, after the commit.
#[derive(Debug)]
pub(super) struct Touched {
    marks: Arc<Marks>,
    diaries: Vec<usize>,
    is_supply: bool,
}

impl Touched {
    pub(super) const fn nothing(marks: Arc<Marks>) -> Self {
        Self { marks, diaries: Vec::new(), is_supply: false }
    }

    pub(super) fn diary(&mut self, post: &PostId, person: Option<&PersonId>) {
        for stripe in [Some(stripe_of(post)), person.map(stripe_of)].into_iter().flatten() {
            if !self.diaries.contains(&stripe) {
                self.diaries.push(stripe);
            }
        }
    }

    pub(super) const fn supply(&mut self) {
        self.is_supply = true;
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        for stripe in &self.diaries {
            self.marks.diaries[*stripe].fetch_add(1, Ordering::SeqCst);
        }
        if self.is_supply {
            self.marks.supply.fetch_add(1, Ordering::SeqCst);
        }
    }
}
