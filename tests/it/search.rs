//! Finding the right door in the demo directory, as people type.

use sachivalaya::app::directory;

use crate::house::House;

/// The ids of the first three posts.
async fn first_three(house: &House, typed: &str) -> Vec<String> {
    let cards = directory::search(&house.desk, typed).await.unwrap();
    cards.into_iter().take(3).map(|card| card.id.to_string()).collect()
}

#[tokio::test]
async fn the_first_answer_is_the_right_door() {
    let house = House::open().await;
    for (typed, post) in [
        ("mukhya sachiv", "cs"),
        ("मुख्य सचिव", "cs"),
        ("chief secretary", "cs"),
        ("vikas ayukt", "dc"),
        ("grih", "sec-hom"),
        ("गृह", "sec-hom"),
        ("home secretary", "sec-hom"),
        ("स्वास्थ्य सचिव", "sec-hlt"),
        ("swasthya sachiv", "sec-hlt"),
        ("health secretary", "sec-hlt"),
        ("swasthya mantri", "min-hlt"),
        ("health minister", "min-hlt"),
        ("dm patna", "dm-patna"),
        ("DM Gaya", "dm-gaya"),
        ("पटना डीएम", "dm-patna"),
        ("gaya", "dm-gaya"),
        ("गया", "dm-gaya"),
        ("muzafarpur", "dm-muzaffarpur"),
        ("पूर्वी चम्पारण", "dm-east-champaran"),
        ("bijli", "sec-enr"),
        ("panchayat", "sec-prd"),
    ] {
        let found = first_three(&house, typed).await;
        assert_eq!(found.first().map(String::as_str), Some(post), "{typed}: {found:?}");
    }
}

#[tokio::test]
async fn the_right_door_is_among_the_first_three_answers() {
    let house = House::open().await;
    for (typed, post) in [
        ("swasthya", "sec-hlt"),
        ("svasthya", "sec-hlt"),
        ("swasthy", "sec-hlt"),
        ("स्वास्थ्य", "sec-hlt"),
        ("shiksha", "sec-edu"),
        ("siksha", "sec-edu"),
        ("helth", "sec-hlt"),
        ("shcool", "sec-edu"),
        ("patna", "dm-patna"),
        ("patana", "dm-patna"),
        ("commissioner magadh", "com-magadh"),
        ("tirhut", "com-tirhut"),
    ] {
        let found = first_three(&house, typed).await;
        assert!(found.iter().any(|id| id == post), "{typed}: {found:?}");
    }
}

#[tokio::test]
async fn nonsense_finds_nothing_and_breaks_nothing() {
    let house = House::open().await;
    let long = "क".repeat(10_000);
    for typed in ["", "  ", "🙂", "'; drop table post; --", "%_%", "\0\u{202E}", long.as_str()] {
        assert!(first_three(&house, typed).await.is_empty(), "{typed:?}");
    }
}
