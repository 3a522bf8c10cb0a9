//! Holidays by order: declared over bookings they propose a displacement, are inherited down the tree, and can be taken back.

use axum::http::StatusCode;
use domain::office::ist;

use crate::browser::Browser;
use crate::house::House;

/// A declaration as the form sends it.
fn wish(day: &str) -> [(&str, &str); 5] {
    [("do", "declare"), ("day", day), ("name_hi", "विशेष पर्व"), ("name_en", "A feast"), ("order", "आदेश 41")]
}

#[tokio::test]
async fn a_declared_day_gives_no_times_keeps_what_is_booked_and_proposes_to_resettle_it() {
    for house in House::everywhere().await {
        let slots = house.free("sec-hlt").await;
        let far = *slots.last().unwrap();
        let day = far.start().to_zoned(ist()).date();
        let slip = house.books("sec-hlt", far).await;
        let mut cs = Browser::with_session(&house, &house.cookie("cs").await);
        cs.get("/desk/holidays/cs").await.says("क्रिसमस");
        let at = day.to_string();
        let short = cs.post("/desk/holidays/cs", &[("do", "declare"), ("day", &at)]).await;
        assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
        short.says("आदेश संख्या लिखें");
        cs.post("/desk/holidays/cs", &wish("2026-11-23")).await.says("तारीख़ आज या आगे की हो");
        let good = wish(&at);
        let done = cs.post("/desk/holidays/cs", &good).await;
        cs.get(done.location()).await.says("1 मुलाकात है");
        cs.post("/desk/holidays/cs", &good).await.says("पहले से छुट्टी है");

        let left = house.free("sec-hlt").await;
        assert!(
            left.iter().all(|slot| slot.start().to_zoned(ist()).date() != day),
            "no new time on that day"
        );
        let mut phone = Browser::new(&house);
        phone.get(&format!("/s/{slip}")).await.says("मुलाकात तय है");
        let mut desk = Browser::with_session(&house, &house.cookie("sec-hlt").await);
        let list = desk.get("/desk?post=sec-hlt").await;
        list.says("विशेष पर्व");
        let href = list
            .find(r#"href="(/desk/away/sec-hlt\?from=[^"]+)""#)
            .replace("&#38;", "&")
            .replace("&amp;", "&");
        let preview = desk.get(&href).await;
        preview.says("1 मुलाकात इस बीच है");
        let value = |name: &str| preview.find(&format!(r#"name="{name}" value="([^"]*)""#));
        let fields = ["from", "to", "reason", "authority", "mark"].map(|name| (name, value(name)));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let acted = desk.post("/desk/away/sec-hlt", &fields).await;
        assert!(acted.status.is_redirection(), "{acted:?}");
        phone.get(&format!("/s/{slip}")).await.says("उस दिन छुट्टी है");
        desk.get("/desk?post=sec-hlt").await.never_says("देखें कि किसका समय बदलेगा");

        let back = [("do", "withdraw"), ("day", at.as_str()), ("order", "आदेश 42")];
        let taken = cs.post("/desk/holidays/cs", &back).await;
        cs.get(taken.location()).await.says("छुट्टी वापस ली गई");
        assert_eq!(cs.post("/desk/holidays/cs", &back).await.status, StatusCode::NOT_FOUND);
        let education = house.free("sec-edu").await;
        assert!(
            education.iter().any(|slot| slot.start().to_zoned(ist()).date() == day),
            "it gives times again"
        );
        let again = cs.post("/desk/holidays/cs", &good).await;
        assert!(again.status.is_redirection(), "declared, taken back and declared again: {again:?}");
        let mut other = Browser::with_session(&house, &house.cookie("sec-edu").await);
        let denied = other.post("/desk/holidays/cs", &back).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN);
    }
}
