//! Bodies of the demo: the state, its departments, divisions and districts, from tables of public names.

use domain::office::BodyKind;
use domain::text::Bilingual;

use super::Draft;

/// Code, Hindi name, English name of every department.
const DEPARTMENTS: &str = include_str!("data/bihar_departments.tsv");
/// Division and district, each in Hindi and English.
const DISTRICTS: &str = include_str!("data/bihar_districts.tsv");

/// Month, day and name of the holidays that have a fixed date.
pub(super) const HOLIDAYS: &[(i8, i8, &str, &str)] = &[
    (1, 26, "गणतंत्र दिवस", "Republic Day"),
    (3, 22, "बिहार दिवस", "Bihar Day"),
    (4, 14, "अंबेडकर जयंती", "Ambedkar Jayanti"),
    (5, 1, "मजदूर दिवस", "Labour Day"),
    (8, 15, "स्वतंत्रता दिवस", "Independence Day"),
    (10, 2, "गांधी जयंती", "Gandhi Jayanti"),
    (12, 25, "क्रिसमस", "Christmas"),
];

/// A department of the table.
pub(super) struct Department {
    /// Lower-case code: `hlt`.
    pub code: String,
    /// Its name.
    pub name: Bilingual,
}

/// A district of the table with its division.
pub(super) struct District {
    /// Lower-case id part of the division: `tirhut`.
    pub division: String,
    /// The division's name, without its seat in brackets.
    pub division_name: Bilingual,
    /// Lower-case id part: `east-champaran`.
    pub id: String,
    /// Its name.
    pub name: Bilingual,
}

pub(super) fn departments() -> Vec<Department> {
    rows(DEPARTMENTS)
        .filter_map(|row| match row.as_slice() {
            [code, hi, en, ..] => {
                Some(Department { code: code.to_lowercase(), name: Bilingual::new(*hi, *en) })
            }
            _ => None,
        })
        .collect()
}

pub(super) fn districts() -> Vec<District> {
    rows(DISTRICTS)
        .filter_map(|row| match row.as_slice() {
            [division_hi, division_en, hi, en, ..] => {
                let short = division_hi.split('(').next().unwrap_or(division_hi).trim();
                Some(District {
                    division: slug(division_en),
                    division_name: Bilingual::new(short, *division_en),
                    id: slug(en),
                    name: Bilingual::new(*hi, *en),
                })
            }
            _ => None,
        })
        .collect()
}

/// Rows of a table, its heading left out.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).filter(|line| !line.trim().is_empty()).map(|line| line.split('\t').collect())
}

fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

pub(super) fn fill(draft: &mut Draft) {
    draft.body("state", None, BodyKind::State, Bilingual::new("राज्य सरकार", "State Government"));
    draft.body(
        "cm-office",
        Some("state"),
        BodyKind::Apex,
        Bilingual::new("मुख्यमंत्री सचिवालय", "Chief Minister's Office"),
    );
    draft.body(
        "cs-office",
        Some("state"),
        BodyKind::Apex,
        Bilingual::new("मुख्य सचिव कोषांग", "Chief Secretary's Office"),
    );
    draft.body(
        "dc-office",
        Some("state"),
        BodyKind::Apex,
        Bilingual::new("विकास आयुक्त कार्यालय", "Development Commissioner's Office"),
    );
    for department in departments() {
        draft.body(&format!("dep-{}", department.code), Some("state"), BodyKind::Department, department.name);
    }
    let mut last = String::new();
    for district in districts() {
        let division = format!("div-{}", district.division);
        if division != last {
            let name = Bilingual::new(
                format!("{} प्रमंडल", district.division_name.hi),
                format!("{} Division", district.division_name.en),
            );
            draft.body(&division, Some("state"), BodyKind::Division, name);
            last.clone_from(&division);
        }
        let name =
            Bilingual::new(format!("{} जिला", district.name.hi), format!("{} District", district.name.en));
        draft.body(&format!("dis-{}", district.id), Some(&division), BodyKind::District, name);
    }
}
