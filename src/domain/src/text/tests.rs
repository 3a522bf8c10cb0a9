//! The rules of names, numbers, addresses and subjects. Never the rules of search, which stand in `search.rs`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")] // a test that cannot build its input has failed

use super::*;
use proptest::prelude::*;

#[test]
fn a_name_keeps_its_joiners_and_loses_only_the_space_around_it() {
    assert_eq!(PersonName::parse("  रमेश कुमार ").unwrap().as_str(), "रमेश कुमार");
    assert_eq!(PersonName::parse("क्\u{200D}ष").unwrap().as_str(), "क्\u{200D}ष");
    assert_eq!(PersonName::parse("O'Brien-D'Souza, Jr.").unwrap().as_str(), "O'Brien-D'Souza, Jr.");
}

#[test]
fn a_name_that_could_forge_a_line_or_turn_the_writing_is_refused() {
    for bad in ["a\r\nBcc: x", "a\u{0}b", "a\u{85}b", "a\u{202E}b", "a\u{2066}b", "a\u{2028}b", "a\u{FEFF}b"]
    {
        assert!(matches!(PersonName::parse(bad), Err(TextError::Forbidden { .. })), "{bad:?}");
    }
}

#[test]
fn a_name_is_bounded_in_characters_not_octets() {
    assert!(PersonName::parse(&"क".repeat(80)).is_ok());
    assert_eq!(PersonName::parse(&"क".repeat(81)), Err(TextError::TooLong { chars_max: 80 }));
    assert_eq!(PersonName::parse(" \t "), Err(TextError::Empty));
    assert_eq!(PersonName::parse("12 34"), Err(TextError::NoLetter));
}

#[test]
fn a_subject_is_one_line() {
    assert_eq!(Subject::parse("भूमि\r\nविवाद\tखाता 12").unwrap().as_str(), "भूमि विवाद खाता 12");
    assert_eq!(Subject::parse("…"), Err(TextError::NoLetter));
    assert!(Subject::parse(&"x".repeat(201)).is_err());
}

#[test]
fn a_mobile_is_read_as_people_write_it() {
    for typed in
        ["9876543210", "+91 98765 43210", "09876543210", "919876543210", "९८७६५ ४३२१०", "(98765) 43210"]
    {
        assert_eq!(Mobile::parse(typed).unwrap().as_str(), "+919876543210", "{typed}");
    }
    assert_eq!(Mobile::parse("00919876543210").unwrap().as_str(), "+919876543210");
    assert_eq!(Mobile::parse("+91 00000 00017").unwrap().as_str(), "+910000000017");
    assert_eq!(Mobile::parse("0000000017").unwrap().grouped(), "00000 00017");
}

#[test]
fn each_fault_of_a_mobile_has_its_own_error() {
    assert_eq!(Mobile::parse(""), Err(MobileError::Empty));
    assert_eq!(Mobile::parse("98765x3210"), Err(MobileError::NotDigits));
    assert_eq!(Mobile::parse("98765432"), Err(MobileError::WrongLength));
    assert_eq!(Mobile::parse("+44 7700 900123"), Err(MobileError::NotIndianMobile));
    assert_eq!(Mobile::parse("1234567890"), Err(MobileError::NotIndianMobile));
    assert_eq!(Mobile::parse(&"9".repeat(100_000)), Err(MobileError::WrongLength));
}

#[test]
fn an_address_is_what_every_server_takes() {
    assert_eq!(MailAddress::parse(" ram.kumar+es@Example.IN ").unwrap().as_str(), "ram.kumar+es@example.in");
    for bad in [
        "ram",
        "ram@gmail",
        "@example.in",
        "ram@",
        "ram@@example.in",
        ".ram@example.in",
        "ra..m@example.in",
        "ram@exa mple.in",
        "ram@example.in\r\nBcc: x@example.in",
        "ram@example.in\0",
        "<ram@example.in>",
        "\"ram\"@example.in",
        "ram@-example.in",
        "ram@example..in",
        "ram@[127.0.0.1]",
        "ram,sita@example.in",
        "ram@example.in;METHOD=CANCEL",
    ] {
        assert_eq!(MailAddress::parse(bad), Err(MailError::Malformed), "{bad:?}");
    }
    assert_eq!(MailAddress::parse(&format!("a@{}.in", "b.".repeat(130))), Err(MailError::TooLong));
}

#[test]
fn a_missing_translation_falls_back_to_the_other_language() {
    assert_eq!(Bilingual::new("गृह", "Home").in_language(Language::English), "Home");
    assert_eq!(Bilingual::new("गृह", "").in_language(Language::English), "गृह");
}

proptest! {
    #[test]
    fn parsing_never_panics_and_what_it_gives_parses_to_itself(text in any::<String>()) {
        if let Ok(name) = PersonName::parse(&text) {
            prop_assert_eq!(PersonName::parse(name.as_str()).unwrap(), name);
        }
        if let Ok(subject) = Subject::parse(&text) {
            prop_assert_eq!(Subject::parse(subject.as_str()).unwrap(), subject);
        }
        if let Ok(mail) = MailAddress::parse(&text) {
            prop_assert_eq!(MailAddress::parse(mail.as_str()).unwrap(), mail);
        }
        if let Ok(mobile) = Mobile::parse(&text) {
            prop_assert_eq!(Mobile::parse(mobile.as_str()).unwrap(), mobile);
        }
    }
}
