//! What people read, word for word, in both languages.

pub(crate) mod sample;

use domain::diary::{AppointmentState, DeclineReason};
use domain::notice::Language;
use domain::text::Bilingual;
use insta::assert_snapshot;

use super::*;
use sample::{each_kind, mail_of, sms_of, visit};

const BOTH: [Language; 2] = [Language::Hindi, Language::English];

/// Subject and text of the mail for one kind of notice.
fn told(kind: &str, language: Language) -> String {
    let what = each_kind().into_iter().find(|what| what.kind() == kind).expect("a kind of notice");
    let letter = letter(&mail_of(what, language));
    format!("{}\n\n{}", letter.subject, letter.text())
}

#[test]
fn a_confirmation_reads_so_in_hindi() {
    assert_snapshot!(told("confirmed", Language::Hindi), @r"
    मुलाकात तय: सचिव, स्वास्थ्य विभाग, मंगलवार, 24 नवंबर, 11:15 बजे

    रमेश कुमार जी, नमस्ते।

    आपकी मुलाकात तय हो गई है।

    किनसे: सचिव, स्वास्थ्य विभाग
    कब: मंगलवार, 24 नवंबर, 11:15 बजे (15 मिनट)
    कैसे: वीडियो से
    विषय: अस्पताल में दवा
    संख्या: ES26-004217

    वीडियो से जुड़ें: https://es.example.in/j/B9TAK7QM2XWP4HRD
    समय बदलें या रद्द करें: https://es.example.in/s/K7QM2XWP4HRD9TAB

    कैलेंडर में रखने के लिए साथ का निमंत्रण खोलें।
    यह सेवा मुफ़्त है। किसी को पैसे न दें।
    यह संदेश अपने आप भेजा गया है।
    ");
}

#[test]
fn a_confirmation_reads_so_in_english() {
    assert_snapshot!(told("confirmed", Language::English), @r"
    Meeting confirmed: Secretary, Health Department, Tuesday 24 November, 11:15

    Dear रमेश कुमार,

    Your meeting is confirmed.

    With: Secretary, Health Department
    When: Tuesday 24 November, 11:15 (15 minutes)
    How: By video
    Subject: अस्पताल में दवा
    Number: ES26-004217

    Join by video: https://es.example.in/j/B9TAK7QM2XWP4HRD
    Change the time or cancel: https://es.example.in/s/K7QM2XWP4HRD9TAB

    Open the attached invitation to put it into your calendar.
    This service is free. Pay nobody.
    This message was sent automatically.
    ");
}

#[test]
fn a_move_says_when_it_was() {
    assert_snapshot!(told("moved", Language::Hindi), @r"
    समय बदला: सचिव, स्वास्थ्य विभाग, अब बुधवार, 25 नवंबर, 10:30 बजे

    रमेश कुमार जी, नमस्ते।

    आपकी मुलाकात का समय बदल गया है। पहले यह मंगलवार, 24 नवंबर, 11:15 बजे थी।

    किनसे: सचिव, स्वास्थ्य विभाग
    कब: बुधवार, 25 नवंबर, 10:30 बजे (15 मिनट)
    कैसे: वीडियो से
    विषय: अस्पताल में दवा
    संख्या: ES26-004217

    वीडियो से जुड़ें: https://es.example.in/j/B9TAK7QM2XWP4HRD
    समय बदलें या रद्द करें: https://es.example.in/s/K7QM2XWP4HRD9TAB

    कैलेंडर में रखने के लिए साथ का निमंत्रण खोलें।
    यह सेवा मुफ़्त है। किसी को पैसे न दें।
    यह संदेश अपने आप भेजा गया है।
    ");
}

#[test]
fn a_refusal_gives_its_reason_and_another_door() {
    assert_snapshot!(told("declined", Language::English), @r"
    This time was not possible: Secretary, Health Department

    Dear रमेश कुमार,

    This meeting is not possible at present. Reason: the subject belongs to another office.

    With: Secretary, Health Department
    When: Tuesday 24 November, 11:15 (15 minutes)
    How: By video
    Subject: अस्पताल में दवा
    Number: ES26-004217
    You can meet instead: Director, Panchayati Raj

    Take another time: https://es.example.in/s/K7QM2XWP4HRD9TAB

    This service is free. Pay nobody.
    This message was sent automatically.
    ");
}

#[test]
fn an_outcome_says_what_was_decided_who_acts_and_by_when() {
    assert_snapshot!(told("outcome", Language::Hindi), @r"
    आपकी बात का सार: निदेशक, पंचायती राज को निदेश, मंगलवार, 1 दिसंबर तक

    रमेश कुमार जी, नमस्ते।

    आपकी बात सुनी गई और निदेश दिया गया है। नियत तिथि के बाद हम आपसे पूछेंगे कि काम हुआ या नहीं।

    किनसे: सचिव, स्वास्थ्य विभाग
    कब: मंगलवार, 24 नवंबर, 11:15 बजे (15 मिनट)
    कैसे: वीडियो से
    विषय: अस्पताल में दवा
    संख्या: ES26-004217
    निदेश: दवा की खरीद एक सप्ताह में कराएँ
    कार्रवाई करेंगे: निदेशक, पंचायती राज
    नियत तिथि: मंगलवार, 1 दिसंबर

    पर्ची देखें: https://es.example.in/s/K7QM2XWP4HRD9TAB

    यह सेवा मुफ़्त है। किसी को पैसे न दें।
    यह संदेश अपने आप भेजा गया है।
    ");
    assert_snapshot!(told("outcome_ask", Language::English), @r"
    Was it done? Secretary, Health Department

    Dear रमेश कुमार,

    The due date was Tuesday 1 December. Has it been done? Yes or not yet: tell us with one button.

    With: Secretary, Health Department
    When: Tuesday 24 November, 11:15 (15 minutes)
    How: By video
    Subject: अस्पताल में दवा
    Number: ES26-004217
    Direction: दवा की खरीद एक सप्ताह में कराएँ
    Due date: Tuesday 1 December

    Say yes or no: https://es.example.in/s/K7QM2XWP4HRD9TAB

    This service is free. Pay nobody.
    This message was sent automatically.
    ");
}

#[test]
fn every_reason_why_something_is_not_possible_has_words() {
    for reason in Impossible::ALL {
        for language in BOTH {
            let words = Words::of(language);
            assert_ne!(impossible(words, reason.code()), words.t("notice-impossible-unknown"));
        }
    }
}

#[test]
fn text_messages_read_so_in_hindi() {
    let texts: Vec<String> =
        each_kind().into_iter().map(|what| sms(&sms_of(what, Language::Hindi))).collect();
    assert_snapshot!(texts.join("\n"), @r"
    482913 ई-सचिवालय कोड है, 10 मिनट मान्य। किसी को न बताएँ।
    अनुरोध ES26-004217 मिला। उत्तर इसी नंबर पर आएगा। स्थिति: es.example.in/s/K7QM2XWP4HRD9TAB
    मुलाकात तय: सचिव, स्वास्थ्य विभाग, 24 नवं. 11:15। जुड़ें: es.example.in/j/B9TAK7QM2XWP4HRD ई-सचिवालय
    मुलाकात अब 25 नवं. 10:30 को: सचिव, स्वास्थ्य विभाग। बदलें: es.example.in/s/K7QM2XWP4HRD9TAB ई-सचिवालय
    मुलाकात रद्द: सचिव, स्वास्थ्य विभाग, 24 नवं. 11:15। दूसरा समय लें: es.example.in/s/K7QM2XWP4HRD9TAB ई-सचिवालय
    यह समय नहीं मिल सका: विषय दूसरे कार्यालय का है। विकल्प: निदेशक, पंचायती राज। देखें: es.example.in/s/K7QM2XWP4HRD9TAB
    सचिव, स्वास्थ्य विभाग: 25 नवं. 10:30 का समय मिल सकता है। हाँ या नहीं बताएँ: es.example.in/s/K7QM2XWP4HRD9TAB ई-सचिवालय
    नया अनुरोध ES26-004217: 24 नवं. 11:15। कार्यसूची: es.example.in/desk
    मुलाकात अब 25 नवं. 10:30 को: सचिव, स्वास्थ्य विभाग। कारण: विधान सभा का सत्र। बदलें: es.example.in/s/K7QM2XWP4HRD9TAB
    24 नवं. 11:15 की मुलाकात नहीं होगी: आपदा या विधि-व्यवस्था। नए समय में आप सबसे आगे हैं। es.example.in/s/K7QM2XWP4HRD9TAB
    24 नवं. 11:15 की मुलाकात अब वीडियो से होगी। दफ़्तर न आएँ। जुड़ें: es.example.in/j/B9TAK7QM2XWP4HRD ई-सचिवालय
    24 नवं. 11:15 की मुलाकात अब फ़ोन पर होगी। कार्यालय आपको फ़ोन करेगा। पर्ची: es.example.in/s/K7QM2XWP4HRD9TAB ई-सचिवालय
    आपसे अब सचिव, स्वास्थ्य विभाग मिलेंगे: 25 नवं. 10:30। देखें: es.example.in/s/K7QM2XWP4HRD9TAB ई-सचिवालय
    अनुरोध ES26-004217: कार्यालय ने कुछ पूछा है। उत्तर दें: es.example.in/s/K7QM2XWP4HRD9TAB ई-सचिवालय
    अनुरोध ES26-004217 का उत्तर आया: 24 नवं. 11:15। कार्यसूची: es.example.in/desk
    अनुरोध ES26-004217 को 24 घंटे में उत्तर नहीं मिला। कार्यसूची: es.example.in/desk
    पहले का समय 24 नवं. 11:15 आपके लिए 24 नवं. 11:15 तक रखा है। हाँ या नहीं: es.example.in/s/K7QM2XWP4HRD9TAB
    अधिकारी अभी बैठक में हैं। नया समय लगभग 11:40। आपकी बारी सुरक्षित है।
    ES26-004217: निदेशक, पंचायती राज को निदेश दिया गया। नियत तिथि 1 दिसं.। देखें: es.example.in/s/K7QM2XWP4HRD9TAB
    ES26-004217: आपकी बात निदेशक, पंचायती राज को भेजी गई। देखें: es.example.in/s/K7QM2XWP4HRD9TAB
    ES26-004217: यह काम संभव नहीं। कारण: मामला न्यायालय में है। देखें: es.example.in/s/K7QM2XWP4HRD9TAB
    क्या काम हुआ? ES26-004217: हाँ या अभी नहीं बताएँ: es.example.in/s/K7QM2XWP4HRD9TAB ई-सचिवालय
    नया निदेश, ES26-004217: 1 दिसं. तक। कार्यसूची: es.example.in/desk
    काम अभी बाकी, ES26-004217: 1 दिसं. तक। कार्यसूची: es.example.in/desk
    सुनवाई ES26-004217: 24 नवं. 11:15, उपस्थित हों: es.example.in/hearing/01kb3x9v8r4t6y2w5z7q0n1m2p/notice
    सुनवाई ES26-004217 अब 24 नवं. 11:15 को नहीं होगी। देखें: es.example.in/desk
    ES26-004217: सुनवाई हुई। अंतरिम आदेश। पर्ची: es.example.in/s/K7QM2XWP4HRD9TAB
    ES26-004217: अंतरिम आदेश। पर्ची: es.example.in/hearing/01kb3x9v8r4t6y2w5z7q0n1m2p/notice
    ");
}

#[test]
fn every_notice_has_words_in_both_languages() {
    for language in BOTH {
        for what in each_kind() {
            let letter = letter(&mail_of(what.clone(), language));
            let text = letter.text();
            assert!(!letter.subject.is_empty() && !letter.lead.is_empty());
            assert!(!text.contains('{') && !text.contains("notice-"), "{text}");
            assert!(!sms(&sms_of(what, language)).contains('{'));
        }
    }
}

#[test]
fn every_reason_of_the_desk_has_words() {
    for reason in DeclineReason::ALL {
        for language in BOTH {
            let words = Words::of(language);
            assert_ne!(
                super::reason(words, reason.code()),
                words.t("notice-reason-unknown"),
                "{}",
                reason.code()
            );
        }
    }
}

#[test]
fn a_text_message_takes_two_parts_and_three_for_the_longest_name() {
    let parts = |text: &str| match text.encode_utf16().count() {
        0..=70 => 1,
        units => units.div_ceil(67),
    };
    for what in each_kind() {
        let text = sms(&sms_of(what, Language::Hindi));
        assert!(parts(&text) <= 2, "{}: {text}", text.encode_utf16().count());
    }
    let mut long = visit();
    long.body = Bilingual::new("अनुसूचित जाति एवं अनुसूचित जनजाति कल्याण विभाग", "SC and ST Welfare");
    for what in [What::Confirmed { visit: long.clone() }, What::Moved { was: long.start, visit: long }] {
        let text = sms(&sms_of(what, Language::Hindi));
        assert!(parts(&text) <= 3, "{}: {text}", text.encode_utf16().count());
    }
}

#[test]
fn a_text_message_names_no_citizen() {
    for what in each_kind() {
        let text = sms(&sms_of(what, Language::Hindi));
        assert!(!text.contains(&visit().citizen_name) && !text.contains(&visit().subject), "{text}");
    }
}

#[test]
fn a_desk_never_gets_the_citizens_link() {
    let to_desk = each_kind().into_iter().filter(What::is_to_desk);
    for (what, language) in to_desk.flat_map(|what| BOTH.map(|language| (what.clone(), language))) {
        let text = letter(&mail_of(what.clone(), language)).text();
        assert!(
            text.contains("https://es.example.in/desk") && !text.contains("/s/") && !text.contains("/j/"),
            "{text}"
        );
        assert!(!sms(&sms_of(what, language)).contains("/s/"));
    }
}

#[test]
fn a_calendar_goes_only_with_what_changes_a_fixed_visit() {
    let stamp = visit().start;
    let methods: Vec<(&str, Option<&str>)> = each_kind()
        .into_iter()
        .map(|what| {
            let kind = what.kind();
            (kind, calendar(&mail_of(what, Language::Hindi), stamp).map(|text| text.method()))
        })
        .collect();
    assert_eq!(
        methods,
        [
            ("code", None),
            ("requested", None),
            ("confirmed", Some("REQUEST")),
            ("moved", Some("REQUEST")),
            ("cancelled", Some("CANCEL")),
            ("declined", None),
            ("proposed", None),
            ("desk_request", None),
            ("displaced", Some("REQUEST")),
            ("waiting", Some("CANCEL")),
            ("switched", Some("REQUEST")),
            ("switched", Some("REQUEST")),
            ("redirected", Some("REQUEST")),
            ("question", None),
            ("desk_answer", None),
            ("desk_late", None),
            ("offered", None),
            ("delayed", None),
            ("outcome", None),
            ("outcome", None),
            ("outcome", None),
            ("outcome_ask", None),
            ("desk_direction", None),
            ("desk_direction", None),
            ("desk_hearing", None),
            ("desk_hearing_off", None),
            ("heard", None),
            ("desk_heard", None),
        ]
    );
    assert!(calendar(&sms_of(What::Confirmed { visit: visit() }, Language::Hindi), stamp).is_none());
}

#[test]
fn the_slips_calendar_file_follows_the_state() {
    let at = (Language::Hindi, visit().start);
    let fixed = published(&visit(), AppointmentState::Confirmed, at);
    let off = published(&visit(), AppointmentState::Cancelled, at);
    assert!(fixed.as_str().contains("STATUS:CONFIRMED") && off.as_str().contains("STATUS:CANCELLED"));
    assert_eq!((fixed.method(), off.method()), ("PUBLISH", "PUBLISH"));
}

#[test]
fn a_title_that_names_its_body_does_not_name_it_twice() {
    let mut visit = visit();
    visit.post_title.hi = "सचिव, स्वास्थ्य विभाग".into();
    assert_eq!(post(Words::of(Language::Hindi), &visit), "सचिव, स्वास्थ्य विभाग");
}
