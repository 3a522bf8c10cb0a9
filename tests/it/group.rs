//! Acts that share a commit: each stands or falls by itself, and none is told that it stands before it does.

use sachivalaya::store::{Store, attempt};

use crate::house::House;

const ACTS: i64 = 200;

/// Counts one try of a subject, and says how the act ended.
async fn counts(store: &Store, subject: &str, end: End) -> bool {
    let now = "2026-11-24T10:50:00+05:30".parse().unwrap();
    let later = "2026-11-25T10:50:00+05:30".parse().unwrap();
    let mut tx = store.write().await.unwrap();
    attempt::count(&mut tx, subject, later, now).await.unwrap();
    match end {
        End::Commit => tx.commit().await.is_ok(),
        End::Fault => {
            let broken = sqlx::query("insert into attempt (subject) values ('half')").execute(&mut *tx).await;
            assert!(broken.is_err());
            false
        }
        End::Drop => false,
    }
}

#[derive(Clone, Copy)]
enum End {
    Commit,
    Fault,
    Drop,
}

async fn counted(store: &Store, subject: &str) -> i64 {
    let mut connection = store.read().await.unwrap();
    let row: Option<(i64,)> = sqlx::query_as("select count from attempt where subject = $1")
        .bind(subject)
        .fetch_optional(&mut *connection)
        .await
        .unwrap();
    row.map_or(0, |(count,)| count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_act_that_fails_or_is_dropped_takes_no_other_with_it() {
    for house in House::everywhere().await {
        let acts = (0..ACTS).map(|n| {
            let store = house.desk.store.clone();
            let end = [End::Commit, End::Fault, End::Drop][usize::try_from(n % 3).unwrap()];
            tokio::spawn(async move { i64::from(counts(&store, "shared", end).await) })
        });
        let mut told = 0;
        for act in acts.collect::<Vec<_>>() {
            told += act.await.unwrap();
        }
        assert_eq!(told, (ACTS + 2) / 3);
        assert_eq!(counted(&house.desk.store, "shared").await, told, "{:?}", house.desk.store.dialect());
        assert_eq!(counted(&house.desk.store, "half").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_stops_waiting_neither_undoes_nor_holds_up_what_others_do() {
    for house in House::everywhere().await {
        let acts: Vec<_> = (0..ACTS)
            .map(|n| {
                let store = house.desk.store.clone();
                tokio::spawn(async move { counts(&store, &format!("act {}", n % 2), End::Commit).await })
            })
            .collect();
        let mut told = 0;
        for (n, act) in acts.into_iter().enumerate() {
            if n % 2 == 0 {
                act.abort();
                let _ = act.await;
            } else {
                told += i64::from(act.await.unwrap());
            }
        }
        assert_eq!(told, ACTS / 2, "all who waited were answered");
        assert_eq!(counted(&house.desk.store, "act 1").await, told);
        assert!(counted(&house.desk.store, "act 0").await <= ACTS / 2);
        assert!(counts(&house.desk.store, "after", End::Commit).await, "the writer is free again");
    }
}

#[tokio::test]
async fn what_has_been_answered_is_there_for_whoever_opens_the_database_anew() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("es.sqlite").display());
    let store = Store::open(&address).await.unwrap();
    assert!(counts(&store, "kept", End::Commit).await);
    let other = Store::open(&address).await.unwrap();
    assert_eq!(counted(&other, "kept").await, 1);
    other.close().await;
    store.close().await;
}
