//! Staff at the door: password and code, one-time links, and rights that end with the charge.

use domain::id::PersonId;
use domain::office::{Charge, Incumbency};
use sachivalaya::app::sign_in::{SignInError, Typed, by_link, by_password, print_link, sign_out};
use sachivalaya::app::{enrol, session};
use sachivalaya::auth::{Actor, password};
use sachivalaya::store::{office, staff};

use crate::house::{House, post_id};

#[tokio::test]
async fn a_login_needs_password_and_code_and_a_code_works_once() {
    for house in House::everywhere().await {
        let secrets = enrol::set_secrets(&house.desk, "sec-hlt", "नदी किनारे 42").await.unwrap();
        let code = password::totp_code(&secrets.totp_secret, house.desk.now()).unwrap();
        let typed =
            Typed { login: "SEC-HLT ".into(), password: "नदी किनारे 42".into(), code };
        let begun = by_password(&house.desk, typed.clone()).await.unwrap();
        let actor = session::actor(&house.desk, Some(&begun.cookie)).await.unwrap();
        assert_eq!(actor.staff().unwrap().post, post_id("sec-hlt"));
        assert!(
            matches!(by_password(&house.desk, typed).await, Err(SignInError::Wrong)),
            "the code was used"
        );
        sign_out(&house.desk, &actor).await.unwrap();
        let gone = session::actor(&house.desk, Some(&begun.cookie)).await.unwrap();
        assert_eq!(gone, Actor::Anyone, "a revoked session is nobody");
    }
}

#[tokio::test]
async fn guessing_is_stopped_even_for_logins_that_do_not_exist() {
    let house = House::open().await;
    for login in ["sec-hlt", "nobody"] {
        let typed = Typed { login: login.into(), password: "guess".into(), code: "000000".into() };
        for _ in 0..5 {
            assert!(matches!(by_password(&house.desk, typed.clone()).await, Err(SignInError::Wrong)));
        }
        assert!(matches!(by_password(&house.desk, typed.clone()).await, Err(SignInError::TooManyTries)));
        house.minutes_later(16);
        assert!(
            matches!(by_password(&house.desk, typed).await, Err(SignInError::Wrong)),
            "the window has ended"
        );
    }
}

#[tokio::test]
async fn a_sign_in_link_opens_once() {
    let house = House::open().await;
    let mut connection = house.desk.store.read().await.unwrap();
    let user = staff::by_login(&mut connection, "cs").await.unwrap().unwrap().id;
    drop(connection);
    let shown = print_link(&house.desk, &user, &post_id("cs")).await.unwrap();
    by_link(&house.desk, &shown).await.unwrap();
    assert!(matches!(by_link(&house.desk, &shown).await, Err(SignInError::LinkUsed)));
    assert!(matches!(by_link(&house.desk, "../../etc").await, Err(SignInError::LinkUsed)));
}

#[tokio::test]
async fn a_transfer_at_midnight_takes_the_rights_away_by_itself() {
    for house in House::everywhere().await {
        let officer = house.staff("sec-hlt").await;
        assert!(officer.staff().unwrap().is_holder);
        let midnight = "2026-11-25T00:00:00+05:30".parse().unwrap();
        let mut tx = house.desk.store.write().await.unwrap();
        let row = Incumbency {
            post: post_id("sec-hlt"),
            person: Some(PersonId::parse("person-001").unwrap()),
            charge: Charge::Regular,
            starts_at: midnight,
        };
        assert!(office::insert_incumbency(&mut tx, &row).await.unwrap());
        let vacancy = Incumbency { person: None, ..row.clone() };
        assert!(!office::insert_incumbency(&mut tx, &vacancy).await.unwrap(), "one start, one row");
        tx.commit().await.unwrap();
        let shown = house.staff("cs").await;
        assert!(shown.staff().unwrap().is_holder);
        house.desk.clock.set(midnight);
        let session_id = officer.staff().unwrap().session.clone();
        let mut connection = house.desk.store.read().await.unwrap();
        let history = office::history(&mut connection, &post_id("sec-hlt")).await.unwrap();
        let holder = domain::office::holder_at(&history, &post_id("sec-hlt"), house.desk.now()).unwrap();
        assert_eq!(holder.person.as_str(), "person-001");
        assert_ne!(
            officer.staff().unwrap().person,
            holder.person,
            "{session_id} no longer answers for the post"
        );
    }
}
