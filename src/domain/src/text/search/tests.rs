//! The rules of search, against every department and district of the demo directory in both scripts.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")] // a test that cannot build its input has failed

use super::*;
use proptest::prelude::*;

const DEPARTMENTS: &str = include_str!("../../../../demo/data/bihar_departments.tsv");
const BIHAR: &str = include_str!("../../../../demo/data/bihar_districts.tsv");
const HARYANA: &str = include_str!("../../../../demo/data/haryana_districts.tsv");

/// What people type in Latin letters for the Hindi name of a department, by its code.
const ROMANISED_DEPARTMENTS: [(&str, &str); 62] = [
    ("CAB", "mantrimandal sachivalay"),
    ("CAB", "mantri mandal sachivalaya vibhag"),
    ("GAD", "samanya prashasan"),
    ("HOM", "grih"),
    ("HOM", "grih vibhag"),
    ("HOM", "gruh"),
    ("VIG", "nigrani"),
    ("VIG", "nigaraani"),
    ("ELC", "nirvachan"),
    ("FIN", "vitt"),
    ("FIN", "vitta vibhag"),
    ("CTD", "vanijya kar"),
    ("CTD", "wanijya-kar"),
    ("PLD", "yojana evam vikas"),
    ("PLD", "yojna"),
    ("LAW", "vidhi"),
    ("PAR", "sansadiya karya"),
    ("PAR", "samsadiy kary"),
    ("RLR", "rajasva evam bhumi sudhar"),
    ("RLR", "rajaswa bhoomi sudhaar"),
    ("PER", "madya nishedh"),
    ("PER", "utpad nibandhan"),
    ("AGR", "krishi"),
    ("AGR", "krushi"),
    ("DFA", "dairy matsya pashu sansadhan"),
    ("DFA", "pashu"),
    ("SUG", "ganna udyog"),
    ("COP", "sahkarita"),
    ("COP", "sahakarita"),
    ("FCP", "khadya upbhokta sanrakshan"),
    ("FCP", "khadya evam upabhokta"),
    ("WRD", "jal sansadhan"),
    ("MWR", "laghu jal sansadhan"),
    ("PHE", "lok swasthya abhiyantran"),
    ("RCD", "path nirman"),
    ("RWD", "gramin karya"),
    ("BCD", "bhavan nirman"),
    ("BCD", "bhawan nirmaan"),
    ("ENR", "urja"),
    ("ENR", "oorja"),
    ("TRN", "parivahan"),
    ("IND", "udyog"),
    ("DIT", "suchna pravaidhiki"),
    ("MIN", "khan bhutatva"),
    ("TOU", "paryatan"),
    ("EFC", "paryavaran van jalvayu"),
    ("EDU", "shiksha"),
    ("EDU", "siksha"),
    ("HED", "uchch shiksha"),
    ("STE", "vigyan takniki shiksha"),
    ("HLT", "swasthya"),
    ("HLT", "svasthya"),
    ("HLT", "swasthy"),
    ("SWD", "samaj kalyan"),
    ("SCS", "anusuchit jati janjati"),
    ("BCE", "pichhda varg"),
    ("MWD", "alpsankhyak kalyan"),
    ("LRD", "shram sansadhan"),
    ("YES", "yuva rojgar kaushal"),
    ("UDH", "nagar vikas aavas"),
    ("DMD", "aapda prabandhan"),
    ("ACD", "kala sanskriti"),
];

/// What people type for the Hindi names of districts, beside the official English spelling.
const ROMANISED_DISTRICTS: [(&str, &str); 30] = [
    ("Patna", "patana"),
    ("Nalanda", "naalandaa"),
    ("Buxar", "baksar"),
    ("Kaimur", "kemur bhabhua"),
    ("Muzaffarpur", "mujaffarpur"),
    ("Muzaffarpur", "muzafarpur"),
    ("Sitamarhi", "sitamadhi"),
    ("Sheohar", "shivhar"),
    ("Vaishali", "vaisali"),
    ("East Champaran", "purvi champaran"),
    ("West Champaran", "paschim champaran"),
    ("Saran", "saaran"),
    ("Siwan", "sivan"),
    ("Darbhanga", "darbanga"),
    ("Supaul", "supol"),
    ("Purnia", "purniya"),
    ("Purnia", "purnea"),
    ("Araria", "arariya"),
    ("Khagaria", "khagadiya"),
    ("Lakhisarai", "lakhisaray"),
    ("Begusarai", "begu sarai"),
    ("Sheikhpura", "shekhpura"),
    ("Gaya", "gayaa"),
    ("Nawada", "navada"),
    ("Jehanabad", "jahanabad"),
    ("Gurugram", "guru gram"),
    ("Nuh", "nooh"),
    ("Jind", "jeend"),
    ("Charkhi Dadri", "charkhi daadri"),
    ("Hisar", "hissar"),
];

struct Candidate {
    id: String,
    hi: String,
    en: String,
    key: String,
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split('\t').collect())
}

/// The posts of a state: a secretary for each department, a magistrate for each district, and the two at the top.
fn directory() -> Vec<Candidate> {
    let candidate = |id: &str, hi: &str, en: &str, post: (&str, &str)| Candidate {
        id: id.into(),
        hi: hi.into(),
        en: en.into(),
        key: search_key(&format!("{} {hi} {} {en}", post.0, post.1)),
    };
    let mut all = vec![
        candidate(
            "CS",
            "मुख्य सचिव का कार्यालय",
            "Office of the Chief Secretary",
            ("मुख्य सचिव", "Chief Secretary"),
        ),
        candidate(
            "DC",
            "विकास आयुक्त का कार्यालय",
            "Office of the Development Commissioner",
            ("विकास आयुक्त", "Development Commissioner"),
        ),
    ];
    for row in rows(DEPARTMENTS) {
        all.push(candidate(row[0], row[1], row[2], ("सचिव", "Secretary")));
        if row[0] == "HLT" {
            all.push(candidate("MIN-HLT", row[1], row[2], ("मंत्री", "Minister")));
        }
    }
    for row in rows(BIHAR).chain(rows(HARYANA)) {
        all.push(candidate(row[3], row[2], row[3], ("जिला पदाधिकारी", "District Magistrate")));
    }
    all
}

/// The ids of the first three hits.
fn first_three<'a>(all: &'a [Candidate], typed: &str) -> Vec<&'a str> {
    let query = search_key(typed);
    let mut hits: Vec<(Rank, &str)> =
        all.iter().filter_map(|c| matches(&query, &c.key).map(|rank| (rank, c.id.as_str()))).collect();
    hits.sort();
    hits.into_iter().take(3).map(|(_, id)| id).collect()
}

#[test]
fn every_body_is_found_by_its_name_in_both_scripts() {
    let all = directory();
    for c in all.iter().filter(|c| c.id != "MIN-HLT") {
        for name in [&c.hi, &c.en] {
            assert!(
                first_three(&all, name).contains(&c.id.as_str()),
                "{name}: {:?}",
                first_three(&all, name)
            );
        }
    }
}

#[test]
fn every_body_is_found_by_the_ways_its_hindi_name_is_typed_in_latin_letters() {
    let all = directory();
    let mut missed = Vec::new();
    for (id, typed) in ROMANISED_DEPARTMENTS.iter().chain(&ROMANISED_DISTRICTS) {
        let found = first_three(&all, typed);
        if !found.contains(id) {
            missed.push(format!("{typed} ({id}): {found:?}, key {}", search_key(typed)));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_word_of_five_letters_or_more_is_found_with_one_slip() {
    let all = directory();
    let names = all
        .iter()
        .filter(|c| !c.en.contains(' ') && c.en.len() >= 5)
        .map(|c| (c.id.as_str(), c.en.to_lowercase()));
    let mut missed = Vec::new();
    let mut tried = 0;
    for (id, name) in names {
        for typed in with_one_slip(&name).into_iter().filter(|typed| typed.len() >= 5).step_by(5) {
            tried += 1;
            if !first_three(&all, &typed).contains(&id) {
                missed.push(typed);
            }
        }
    }
    assert!(missed.is_empty(), "{} of {tried}: {}", missed.len(), missed.join(" "));
}

/// Each letter left out, doubled, swapped with the next, or mistaken for a neighbour on the keyboard.
fn with_one_slip(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().filter(char::is_ascii_alphabetic).collect();
    let mut all = Vec::new();
    for at in 0..letters.len() {
        let mut left_out = letters.clone();
        left_out.remove(at);
        all.push(left_out);
        let mut doubled = letters.clone();
        doubled.insert(at, letters[at]);
        all.push(doubled);
        if at + 1 < letters.len() {
            let mut swapped = letters.clone();
            swapped.swap(at, at + 1);
            all.push(swapped);
        }
        for near in beside(letters[at]).chars() {
            let mut mistaken = letters.clone();
            mistaken[at] = near;
            all.push(mistaken);
        }
    }
    all.into_iter().map(|letters| letters.into_iter().collect()).collect()
}

fn beside(letter: char) -> &'static str {
    match letter {
        'a' => "s",
        'b' => "vn",
        'd' => "sf",
        'e' => "wr",
        'g' => "fh",
        'h' => "gj",
        'i' => "uo",
        'k' => "jl",
        'l' => "k",
        'm' => "n",
        'n' => "bm",
        'o' => "ip",
        'p' => "o",
        'r' => "et",
        's' => "ad",
        't' => "ry",
        'u' => "yi",
        _ => "",
    }
}

#[test]
fn titles_and_everyday_words_lead_to_the_post() {
    let all = directory();
    for (typed, id) in [
        ("mukhya sachiv", "CS"),
        ("mukhyasachiv", "CS"),
        ("मुख्य सचिव", "CS"),
        ("cs", "CS"),
        ("vikas ayukt", "DC"),
        ("dm patna", "Patna"),
        ("DM Gaya", "Gaya"),
        ("patna dm", "Patna"),
        ("डीएम गया", "Gaya"),
        ("collector nalanda", "Nalanda"),
        ("jila padadhikari sivan", "Siwan"),
        ("jiladhikari patna", "Patna"),
        ("gaya", "Gaya"),
        ("गया", "Gaya"),
        ("home", "HOM"),
        ("होम", "HOM"),
        ("पुलिस", "HOM"),
        ("bijli", "ENR"),
        ("swasthya mantri", "MIN-HLT"),
        ("health minister", "MIN-HLT"),
        ("health department", "HLT"),
        ("department of education", "EDU"),
        ("cooperative", "COP"),
        ("स्वास्थ", "HLT"),
        ("सीतामढी", "Sitamarhi"),
        ("चम्पारण", "East Champaran"),
        ("मुज़फ़्फ़रपुर", "Muzaffarpur"),
        ("सिविल", "CAV"),
    ] {
        let found = first_three(&all, typed);
        assert_eq!(found.first(), Some(&id), "{typed}: {found:?}");
    }
}

#[test]
fn a_beginning_is_enough_while_typing() {
    let all = directory();
    for (typed, id) in [
        ("swas", "HLT"),
        ("shik", "EDU"),
        ("muza", "Muzaffarpur"),
        ("स्वा", "HLT"),
        ("dar", "Darbhanga"),
        ("paryat", "TOU"),
    ] {
        let found = first_three(&all, typed);
        assert!(found.contains(&id), "{typed}: {found:?}");
    }
}

#[test]
fn the_scripts_meet_in_one_key() {
    for (devanagari, latin) in [
        ("स्वास्थ्य", "swasthya"),
        ("शिक्षा", "shiksha"),
        ("गृह", "grih"),
        ("गया", "gaya"),
        ("पटना", "patna"),
        ("मुज़फ़्फ़रपुर", "muzaffarpur"),
        ("विज्ञान", "vigyan"),
        ("किशनगंज", "kishanganj"),
        ("चंपारण", "champaran"),
        ("पूर्णिया", "purnia"),
        ("ऊर्जा", "urja"),
        ("औरंगाबाद", "aurangabad"),
        ("मुख्य", "mukhya"),
        ("बक्सर", "baksar"),
        ("सम्पर्क", "sampark"),
    ] {
        let latin_key = search_key(latin);
        assert_eq!(search_key(devanagari), Word::of(&latin_key).folded, "{devanagari} {latin}");
    }
    assert_eq!(search_key("कक्ष १२"), "kaks 12");
}

#[test]
fn nonsense_finds_nothing() {
    let all = directory();
    for typed in ["", " ", "…", "qqqqqqqq", "xyzzy plugh", "🙂🙂", "\0\u{202E}", "zzzzz zzzzz zzzzz"] {
        assert!(first_three(&all, typed).is_empty(), "{typed:?}: {:?}", first_three(&all, typed));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn folding_a_key_again_changes_nothing(text in any::<String>()) {
        let key = search_key(&text);
        prop_assert_eq!(search_key(&key), key);
    }

    #[test]
    fn folding_words_of_both_scripts_again_changes_nothing(text in "[a-z\u{900}-\u{97F}'’ \u{200C}\u{200D}ʧāīūśṣñ-]{0,24}") {
        let key = search_key(&text);
        prop_assert_eq!(search_key(&key), key);
    }

    #[test]
    fn comparing_never_panics(query in any::<String>(), candidate in "[a-z\u{900}-\u{97F} ]{0,40}") {
        let _ = matches(&query, &candidate);
        let _ = matches(&search_key(&query), &search_key(&candidate));
    }

    #[test]
    fn a_text_meets_itself(text in "[a-z\u{905}-\u{939} ]{1,24}") {
        let key = search_key(&text);
        prop_assume!(!key.is_empty());
        prop_assert!(matches(&key, &key).is_some());
    }
}
