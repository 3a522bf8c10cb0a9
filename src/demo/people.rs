//! Posts of the demo and who holds them.

use domain::diary::week::Preset;
use domain::office::{BodyKind, BookingMode, Charge, Rank, RoleKey};
use domain::text::Bilingual;

use super::places::{departments, districts};
use super::{Draft, NewPost};

/// Departments whose head is held by the person of General Administration as well.
const SHARED_WITH_GAD: &[&str] = &["vig", "par"];
/// Departments whose head is vacant.
const VACANT: &[&str] = &["cav", "spt"];
/// Ministers: the part of the id, and the department that names them.
const MINISTERS: &[(&str, &str)] =
    &[("1", "hlt"), ("2", "edu"), ("3", "rlr"), ("4", "rcd"), ("5", "agr"), ("6", "enr")];

pub(super) fn fill(draft: &mut Draft) {
    apex(draft);
    department_heads(draft);
    ministers(draft);
    field(draft);
    doors(draft);
    grievances(draft);
    chief_minister(draft);
}

/// The gate of the secretariat, a service centre, and who looks after the machines.
fn doors(draft: &mut Draft) {
    let posts = [
        ("gate-1", RoleKey::Gate, "मुख्य द्वार, सचिवालय", "Main gate, Secretariat"),
        ("counter-1", RoleKey::ServiceCentre, "जन सेवा केंद्र 1", "Service centre 1"),
        ("it-1", RoleKey::ItManager, "सूचना प्रौद्योगिकी प्रबंधक, सचिवालय", "IT manager, Secretariat"),
    ];
    for (id, role, hi, en) in posts {
        draft.post(NewPost {
            id,
            body: "state",
            role,
            rank: Rank::Staff,
            title: Bilingual::new(hi, en),
            mode: BookingMode::Closed,
            hours: Vec::new(),
        });
        draft.holder(id);
    }
}

/// The officer who hears grievances in the first district.
fn grievances(draft: &mut Draft) {
    let (id, body) = (super::cases::HEARS, "dis-patna");
    draft.post(NewPost {
        id,
        body,
        role: RoleKey::GrievanceOfficer,
        rank: Rank::Staff,
        title: Bilingual::new(
            "जिला लोक शिकायत निवारण पदाधिकारी, पटना",
            "District Public Grievance Redressal Officer, Patna",
        ),
        mode: BookingMode::Confirm,
        hours: Preset::FieldOffice.week(),
    });
    draft.holder(id);
    desk(draft, id, body, ("लोक शिकायत, पटना", "Public grievances, Patna"));
}

/// Above all in the mesh, and nobody whom a citizen books: his meetings are drawn. His tile is number 0, before all others.
fn chief_minister(draft: &mut Draft) {
    let (id, body) = ("cm", "cm-office");
    draft.post(NewPost {
        id,
        body,
        role: RoleKey::ChiefMinister,
        rank: Rank::Minister,
        title: Bilingual::new("माननीय मुख्यमंत्री", "Chief Minister"),
        mode: BookingMode::Closed,
        hours: Vec::new(),
    });
    if let Some((row, _)) = draft.directory.posts.last_mut() {
        row.seat_number = Some(0);
    }
    draft.holder(id);
    desk(draft, id, body, ("मुख्यमंत्री", "Chief Minister"));
}

fn apex(draft: &mut Draft) {
    let posts = [
        ("cs", "cs-office", RoleKey::ChiefSecretary, Rank::ChiefSecretary, "मुख्य सचिव", "Chief Secretary"),
        (
            "dc",
            "dc-office",
            RoleKey::DevelopmentCommissioner,
            Rank::AdditionalChiefSecretary,
            "विकास आयुक्त",
            "Development Commissioner",
        ),
    ];
    for (id, body, role, rank, hi, en) in posts {
        let (title, mode) = (Bilingual::new(hi, en), BookingMode::Request);
        draft.post(NewPost { id, body, role, rank, title, mode, hours: Preset::MeetingDays.week() });
        draft.holder(id);
        desk(draft, id, body, (hi, en));
    }
}

/// The rank of the n-th department's head: a mix of about 12, 14 and 22.
const fn rank_of(n: usize) -> (Rank, &'static str, &'static str) {
    match n % 4 {
        0 => (Rank::AdditionalChiefSecretary, "अपर मुख्य सचिव", "Additional Chief Secretary"),
        1 => (Rank::PrincipalSecretary, "प्रधान सचिव", "Principal Secretary"),
        _ => (Rank::Secretary, "सचिव", "Secretary"),
    }
}

fn department_heads(draft: &mut Draft) {
    let mut shared = None;
    for (n, department) in departments().into_iter().enumerate() {
        let (id, body) = (format!("sec-{}", department.code), format!("dep-{}", department.code));
        // The department that the demo's links show is headed by a secretary.
        let (rank, hi, en) = if department.code == "hlt" { rank_of(2) } else { rank_of(n) };
        draft.post(NewPost {
            id: &id,
            body: &body,
            role: RoleKey::DepartmentHead,
            rank,
            title: Bilingual::new(
                format!("{hi}, {}", department.name.hi),
                format!("{en}, {}", department.name.en),
            ),
            mode: BookingMode::Confirm,
            hours: Preset::Secretariat.week(),
        });
        if SHARED_WITH_GAD.contains(&department.code.as_str()) {
            draft.charge(&id, shared.as_ref(), Charge::Additional);
        } else if VACANT.contains(&department.code.as_str()) {
            draft.charge(&id, None, Charge::Regular);
        } else {
            let person = draft.holder(&id);
            if department.code == "gad" {
                shared = Some(person);
            }
        }
        desk(draft, &id, &body, (&department.name.hi, &department.name.en));
    }
}

fn ministers(draft: &mut Draft) {
    let names: Vec<_> = departments().into_iter().map(|d| (d.code, d.name)).collect();
    for (n, code) in MINISTERS {
        let name = names.iter().find(|(c, _)| c == code).map(|(_, name)| name.clone()).unwrap_or_default();
        let (id, body, secretary) = (format!("min-{code}"), format!("mo-{n}"), format!("ps-{code}"));
        let title = Bilingual::new(format!("माननीय मंत्री, {}", name.hi), format!("Minister, {}", name.en));
        draft.body(
            &body,
            Some("state"),
            BodyKind::Minister,
            Bilingual::new(
                format!("{} के मंत्री का कार्यालय", name.hi),
                format!("Office of the Minister, {}", name.en),
            ),
        );
        draft.post(NewPost {
            id: &id,
            body: &body,
            role: RoleKey::Minister,
            rank: Rank::Minister,
            title: title.clone(),
            mode: BookingMode::Request,
            hours: Preset::MeetingDays.week(),
        });
        draft.holder(&id);
        draft.post(NewPost {
            id: &secretary,
            body: &body,
            role: RoleKey::PrivateSecretary,
            rank: Rank::Staff,
            title: Bilingual::new(
                format!("आप्त सचिव, {}", title.hi),
                format!("Private Secretary to the {}", title.en),
            ),
            mode: BookingMode::Closed,
            hours: Vec::new(),
        });
        draft.holder(&secretary);
        draft.delegate(&id, &secretary);
    }
}

fn field(draft: &mut Draft) {
    let mut last = String::new();
    for district in districts() {
        let division = format!("div-{}", district.division);
        if division != last {
            let (hi, en) = (&district.division_name.hi, &district.division_name.en);
            let id = format!("com-{}", district.division);
            draft.post(NewPost {
                id: &id,
                body: &division,
                role: RoleKey::DivisionHead,
                rank: Rank::Commissioner,
                title: Bilingual::new(
                    format!("प्रमंडलीय आयुक्त, {hi}"),
                    format!("Divisional Commissioner, {en}"),
                ),
                mode: BookingMode::Confirm,
                hours: Preset::FieldOffice.week(),
            });
            draft.holder(&id);
            desk(draft, &id, &division, (hi, en));
            last.clone_from(&division);
        }
        let (id, body) = (format!("dm-{}", district.id), format!("dis-{}", district.id));
        draft.post(NewPost {
            id: &id,
            body: &body,
            role: RoleKey::DistrictHead,
            rank: Rank::DistrictMagistrate,
            title: Bilingual::new(
                format!("जिला पदाधिकारी, {}", district.name.hi),
                format!("District Magistrate, {}", district.name.en),
            ),
            mode: BookingMode::Confirm,
            hours: Preset::FieldOffice.week(),
        });
        draft.holder(&id);
        desk(draft, &id, &body, (&district.name.hi, &district.name.en));
    }
}

/// The assistant who runs the diary of `principal`.
fn desk(draft: &mut Draft, principal: &str, body: &str, (hi, en): (&str, &str)) {
    let id = format!("desk-{principal}");
    draft.post(NewPost {
        id: &id,
        body,
        role: RoleKey::Desk,
        rank: Rank::Staff,
        title: Bilingual::new(format!("आप्त सचिव का कक्ष, {hi}"), format!("Desk, {en}")),
        mode: BookingMode::Closed,
        hours: Vec::new(),
    });
    draft.holder(&id);
    draft.delegate(principal, &id);
}
