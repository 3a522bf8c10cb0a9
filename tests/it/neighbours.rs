//! Servers of one database: who is alone keeps what he has read, who is not looks again.

use std::time::Duration;

use domain::id::PostId;
use sachivalaya::app::neighbours::Watch;

use crate::house::House;

/// Looks at a diary, and again after two seconds; whether it had to be read anew then.
async fn reads_anew(house: &House) -> bool {
    let post = PostId::parse("sec-hlt").unwrap();
    // What was kept before is older than what anybody keeps among others.
    house.desk.clock.advance(Duration::from_secs(2));
    house.desk.diaries.of(&house.desk, &post).await.unwrap();
    let before = house.desk.diaries.readings();
    house.desk.clock.advance(Duration::from_secs(2));
    house.desk.diaries.of(&house.desk, &post).await.unwrap();
    house.desk.diaries.readings() > before
}

#[tokio::test]
async fn a_server_keeps_diaries_while_it_is_alone_and_no_longer() {
    for house in House::everywhere().await {
        let mut own = Watch::enter(house.desk.clone()).await.unwrap();
        assert!(reads_anew(&house).await, "it has just come and knows nobody yet");
        own.beat().await.unwrap();
        assert!(!reads_anew(&house).await, "nobody else is there");
        let before = house.desk.diaries.readings();
        let mut other = Watch::enter(house.desk.clone()).await.unwrap();
        own.beat().await.unwrap();
        house.desk.diaries.of(&house.desk, &PostId::parse("sec-hlt").unwrap()).await.unwrap();
        assert!(house.desk.diaries.readings() > before, "what it kept may be another's by now");
        assert!(reads_anew(&house).await, "another server is there");
        house.minutes_later(1);
        own.beat().await.unwrap();
        own.beat().await.unwrap();
        assert!(!reads_anew(&house).await, "the other has gone");
        other.beat().await.unwrap();
        own.beat().await.unwrap();
        assert!(reads_anew(&house).await, "the other is back");
        other.place().leave().await.unwrap();
        own.beat().await.unwrap();
        own.beat().await.unwrap();
        assert!(!reads_anew(&house).await, "the other has said that it goes");
    }
}
