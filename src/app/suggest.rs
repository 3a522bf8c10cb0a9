//! Whom to show for a subject: the right office at the nearest level first.
//!
//! What means which department is data of `domain::text`; which posts there are, the directory's.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::BodyId;
use domain::office::{BookingMode, RoleKey, holder_at};
use domain::text::{folded_words, suggest};

use super::Desk;
use super::directory::{PostCard, card_of};
use crate::store::office::PostRow;
use crate::store::{StoreError, body, office};

/// Posts shown for one subject: a page on a phone, with the search below.
const SHOWN_MAX: usize = 4;

/// Who can help.
#[derive(Debug, Clone, Default)]
pub struct Suggested {
    /// The nearest first.
    pub posts: Vec<PostCard>,
    /// Would a district's name bring somebody nearer?
    pub wants_district: bool,
}

/// Who can help with this; nobody when the subject says nothing that we know.
///
/// # Errors
/// [`StoreError`] from the database.
pub async fn for_subject(desk: &Desk, subject: &str) -> Result<Suggested, StoreError> {
    let Some(found) = suggest(subject) else { return Ok(Suggested::default()) };
    let mut connection = desk.store.read().await?;
    let rows = office::posts(&mut connection).await?;
    let history = office::incumbencies(&mut connection).await?;
    let bodies = body::that_meet(&mut connection).await?;
    drop(connection);
    let codes: BTreeMap<BodyId, String> = bodies.into_iter().map(|body| (body.id, body.code)).collect();
    let now = desk.now();
    let mut rows: Vec<PostRow> = rows.into_iter().filter(|row| row.mode != BookingMode::Closed).collect();
    rows.retain(|row| holder_at(&history, &row.id, now).is_some());
    let said = folded_words(subject);
    let mut posts = Vec::new();
    for level in found.levels {
        let at_level: Vec<&PostRow> = rows.iter().filter(|row| row.role == *level).collect();
        let is_place = matches!(level, RoleKey::DistrictHead | RoleKey::DivisionHead);
        let kinds = if is_place { words_of_all(&at_level) } else { BTreeSet::new() };
        posts.extend(at_level.into_iter().filter(|row| {
            if is_place {
                place_words(row).difference(&kinds).any(|name| said.contains(name))
            } else {
                codes.get(&row.body).is_some_and(|code| code == found.department)
            }
        }));
    }
    let is_local = found.levels.contains(&RoleKey::DistrictHead);
    let wants_district = is_local && !posts.iter().any(|row| row.role == RoleKey::DistrictHead);
    let card =
        |row: &PostRow| card_of(row.clone(), holder_at(&history, &row.id, now).map(|held| held.charge));
    Ok(Suggested { posts: posts.into_iter().take(SHOWN_MAX).map(card).collect(), wants_district })
}

fn place_words(row: &PostRow) -> BTreeSet<String> {
    folded_words(&format!("{} {}", row.body_name.hi, row.body_name.en))
}

/// What the places of a level are called in general: words that most of them have, in whichever language.
fn words_of_all(rows: &[&PostRow]) -> BTreeSet<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for word in rows.iter().flat_map(|row| place_words(row)) {
        *counts.entry(word).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| 2 * count > rows.len()).map(|(word, _)| word).collect()
}
