//! The audit chain: every act leaves a line, and a changed line is found.

use sachivalaya::audit;

use crate::house::House;

#[tokio::test]
async fn every_act_stands_in_one_unbroken_chain() {
    for house in House::everywhere().await {
        let slot = house.free("sec-hlt").await[0];
        house.books("sec-hlt", slot).await;
        audit::seal(&house.desk.store).await.unwrap();
        let mut connection = house.desk.store.read().await.unwrap();
        let lines = audit::verify(&mut connection).await.unwrap().expect("the chain holds");
        assert!(lines >= 4, "directory, hold, details, booking: {lines}");
        let rows = sachivalaya::store::audit::after(&mut connection, 0, 100).await.unwrap();
        let text = format!("{rows:?}");
        assert!(!text.contains("सुनीता") && !text.contains("01234"), "no personal data stands in the chain");
    }
}
