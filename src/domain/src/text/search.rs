//! Search that forgives spelling: one key for a word in Devanagari and in the ways people write it in Latin letters.
//!
//! A key is for comparing only. It is never shown, never stored in place of the text, and never parsed back.
//!
//! Devanagari is first written out in Latin letters as it is spoken (the schwa falls silent at the end of a word and
//! between a syllable and the next), then both scripts go through the same folding: vowel length, doubled letters,
//! nasals, the three sibilants, v and w, z and j. What still differs is met by looser comparisons with a worse rank.

use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// Stands in a key between a folded word and its Latin letters as typed, which only slips are counted in.
const AS_TYPED: char = 'ʘ';

/// Words of a query that are looked at; the rest is ignored.
const QUERY_WORDS_MAX: usize = 8;
/// Letters of a word that are looked at when letters may be missing or swapped.
const SLIP_LETTERS_MAX: usize = 32;
/// Letters that a word of the directory must have for one slip to be forgiven; the query may have one less.
const SLIP_LETTERS_MIN: usize = 5;
/// Folded letters from which on two slips are forgiven, for one typed letter may change two folded ones.
const TWO_SLIPS_LETTERS_MIN: usize = 7;

/// The `ch` of च and छ in a key: a letter that no one types, so that folding a key again changes nothing.
const CH: char = 'ʧ';

/// Words that say nothing about which post is meant, folded.
const SILENT_WORDS: [&str; 9] = ["vibhag", "department", "dept", "of", "and", "the", "evan", "evam", "aur"];
/// Particles of a sentence, folded: silent in a query only, for a name may hold one («Co-operative»).
const PARTICLES: [&str; 6] = ["ka", "ke", "ki", "ko", "se", "miln"];

/// What people say → what the directory calls it, both as typed; folded before use.
/// They are the everyday names of what a department does, not of the department.
const EVERYDAY_WORDS: [(&str, &str); 40] = [
    ("dm", "district magistrate"),
    ("डीएम", "district magistrate"),
    ("collector", "district magistrate"),
    ("कलेक्टर", "district magistrate"),
    ("जिलाधिकारी", "district magistrate"),
    ("jila adhikari", "district magistrate"),
    ("cs", "chief secretary"),
    ("सीएस", "chief secretary"),
    ("dc", "development commissioner"),
    ("विकास आयुक्त", "development commissioner"),
    ("police", "home"),
    ("पुलिस", "home"),
    ("hospital", "health"),
    ("अस्पताल", "health"),
    ("हेल्थ", "health"),
    ("doctor", "health"),
    ("school", "education"),
    ("स्कूल", "education"),
    ("एजुकेशन", "education"),
    ("bijli", "energy"),
    ("बिजली", "energy"),
    ("electricity", "energy"),
    ("sadak", "road construction"),
    ("सड़क", "road construction"),
    ("road", "road construction"),
    ("ration", "food"),
    ("राशन", "food"),
    ("zameen", "land"),
    ("जमीन", "land"),
    ("dakhil kharij", "land"),
    ("bus", "transport"),
    ("बस", "transport"),
    ("kheti", "agriculture"),
    ("किसान", "agriculture"),
    ("naukri", "employment"),
    ("नौकरी", "employment"),
    ("forest", "forest"),
    ("jungle", "forest"),
    ("panchayat", "panchayati raj"),
    ("sharab", "prohibition"),
];

/// How well a candidate meets a query; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank(u32);

/// How two words meet, best first; the number is what it adds to the rank.
const SAME: u32 = 0;
const BEGINS: u32 = 100;
const SAME_BUT_SCHWA: u32 = 150;
const EVERYDAY: u32 = 200;
const BEGINS_BUT_SCHWA: u32 = 250;
const SAME_CONSONANTS: u32 = 400;
const ONE_SLIP: u32 = 500;
const TWO_SLIPS: u32 = 700;
const JOINED: u32 = 20;
const MISSING: u32 = 2_000;

/// Folds a text for search: words of folded letters with one space between them.
/// A candidate may hold several names. Folding a key again gives the same key.
#[must_use]
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for word in written_words(text) {
        let (folded, typed) = match word.split_once(AS_TYPED) {
            Some((_, typed)) => (settle(&spoken(typed)), typed),
            None => (settle(&spoken(&word)), word.as_str()),
        };
        if folded.is_empty() {
            continue;
        }
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(&folded);
        if typed != folded && typed.bytes().all(|b| b.is_ascii_lowercase()) {
            key.push(AS_TYPED);
            key.push_str(typed);
        }
    }
    key
}

/// The folded words of a key, without the letters as typed.
pub(super) fn words_of_key(key: &str) -> impl Iterator<Item = &str> {
    key.split(' ').filter_map(|word| word.split(AS_TYPED).next()).filter(|word| !word.is_empty())
}

/// A word of a key: what is compared, and the letters that were typed.
#[derive(Clone, Copy)]
struct Word<'a> {
    folded: &'a str,
    typed: &'a str,
}

impl<'a> Word<'a> {
    fn of(word: &'a str) -> Self {
        let (folded, typed) = word.split_once(AS_TYPED).unwrap_or((word, word));
        Self { folded, typed }
    }

    fn is_silent(self) -> bool {
        SILENT_WORDS.contains(&self.folded)
    }

    fn is_telling(self) -> bool {
        !self.is_silent() && !PARTICLES.contains(&self.folded)
    }
}

/// Whether a candidate meets a query, both folded by [`search_key`], and how well.
/// Each word of the query has to meet one; of three or more words one may miss.
#[must_use]
pub fn matches(query: &str, candidate: &str) -> Option<Rank> {
    let wanted = telling_words(query);
    let mut words: Vec<Word<'_>> = candidate.split(' ').map(Word::of).collect();
    // A name of silent words alone is met by them; beside a word that tells something they are passed over.
    if words.iter().any(|word| word.is_telling()) {
        words.retain(|word| !word.is_silent());
    }
    if wanted.is_empty() {
        return None;
    }
    let mut best = all_words(&wanted, &words);
    if best.is_none_or(|cost| cost > EVERYDAY) {
        let everyday = everyday_cost(&wanted, &words);
        let joined = if wanted.len() > 1 { joined_cost(&wanted, &words) } else { None };
        best = [best, everyday, joined].into_iter().flatten().min();
    }
    let surplus = u32::try_from(words.len()).unwrap_or(u32::MAX).min(50);
    best.map(|cost| Rank(cost + surplus))
}

/// The words of a query that say something; all of them when none does.
fn telling_words(query: &str) -> Vec<Word<'_>> {
    let mut all: Vec<Word<'_>> = query.split(' ').filter(|word| !word.is_empty()).map(Word::of).collect();
    if all.iter().any(|word| word.is_telling()) {
        all.retain(|word| word.is_telling());
    }
    all.truncate(QUERY_WORDS_MAX);
    all
}

/// The cost of all words together.
fn all_words(wanted: &[Word<'_>], words: &[Word<'_>]) -> Option<u32> {
    let may_miss = usize::from(wanted.len() >= 3);
    let mut missed = 0;
    let mut total = 0;
    for word in wanted {
        total += word_cost(*word, words).unwrap_or_else(|| {
            missed += 1;
            MISSING
        });
    }
    (missed <= may_miss).then_some(total)
}

/// The cost of the query written as one word.
fn joined_cost(wanted: &[Word<'_>], words: &[Word<'_>]) -> Option<u32> {
    let together: String = wanted.iter().map(|word| word.folded).collect();
    word_cost(Word::of(&settle(&together)), words).map(|cost| cost + JOINED)
}

/// The everyday words and what stands for them, folded once.
static EVERYDAY_KEYS: LazyLock<Vec<(Vec<String>, Vec<String>)>> = LazyLock::new(|| {
    let words = |text: &str| search_key(text).split(' ').map(str::to_owned).collect();
    EVERYDAY_WORDS.iter().map(|(said, called)| (words(said), words(called))).collect()
});

/// The cost of the query in the directory's own words, if people have everyday words for it.
fn everyday_cost(wanted: &[Word<'_>], words: &[Word<'_>]) -> Option<u32> {
    let is_said = |window: &[Word<'_>], said: &[String]| {
        window.iter().zip(said).all(|(word, said)| word.folded == Word::of(said).folded)
    };
    let costs = EVERYDAY_KEYS.iter().filter_map(|(said, called)| {
        let at = wanted.windows(said.len()).position(|window| is_said(window, said))?;
        let mut instead: Vec<Word<'_>> = wanted[..at].to_vec();
        instead.extend(called.iter().map(|word| Word::of(word)));
        instead.extend(&wanted[at + said.len()..]);
        all_words(&instead, words).map(|cost| cost + EVERYDAY)
    });
    costs.min()
}

/// The least cost of one wanted word against the words of a candidate and against neighbours written together.
fn word_cost(wanted: Word<'_>, words: &[Word<'_>]) -> Option<u32> {
    let single = words.iter().filter_map(|word| pair_cost(wanted, *word)).min();
    if single.is_some_and(|cost| cost <= BEGINS) {
        return single;
    }
    let joined = words.windows(2).filter(|pair| joins_to(pair, wanted)).filter_map(|pair| {
        let folded = settle(&[pair[0].folded, pair[1].folded].concat());
        let typed = [pair[0].typed, pair[1].typed].concat();
        pair_cost(wanted, Word { folded: &folded, typed: &typed }).map(|cost| cost + JOINED)
    });
    single.into_iter().chain(joined).min()
}

/// Whether two neighbours written together could be the wanted word: spares the comparing.
fn joins_to(pair: &[Word<'_>], wanted: Word<'_>) -> bool {
    let len: usize = pair.iter().map(|word| word.folded.len()).sum();
    len.abs_diff(wanted.folded.len()) <= 3 && pair[0].folded.chars().next() == wanted.folded.chars().next()
}

/// The cost of one word against one word.
fn pair_cost(wanted: Word<'_>, word: Word<'_>) -> Option<u32> {
    let (a, b) = (wanted.folded, word.folded);
    if a == b {
        return Some(SAME);
    }
    if is_long(a, 2) && b.starts_with(a) {
        return Some(BEGINS);
    }
    if without_schwa(a).nth(1).is_some() && without_schwa(a).eq(without_schwa(b)) {
        return Some(SAME_BUT_SCHWA);
    }
    if without_schwa(a).nth(2).is_some() && begins(without_schwa(b), without_schwa(a)) {
        return Some(BEGINS_BUT_SCHWA);
    }
    if consonants(a).nth(2).is_some() && consonants(a).eq(consonants(b)) {
        return Some(SAME_CONSONANTS);
    }
    slip_cost(wanted, word)
}

/// The cost of a word with slips of typing in it: counted in the typed letters and in the folded ones.
fn slip_cost(wanted: Word<'_>, word: Word<'_>) -> Option<u32> {
    let may_slip = |a: &str, b: &str| {
        is_long(a, SLIP_LETTERS_MIN - 1) && is_long(b, SLIP_LETTERS_MIN) && a.len().abs_diff(b.len()) <= 2
    };
    let (a, b) = (wanted.folded, word.folded);
    let is_typed_so = may_slip(wanted.typed, word.typed) && is_one_slip(wanted.typed, word.typed);
    if is_typed_so || (may_slip(a, b) && is_one_slip(a, b)) {
        return Some(ONE_SLIP);
    }
    if !may_slip(a, b) || !is_long(a, TWO_SLIPS_LETTERS_MIN) {
        return None;
    }
    (slips(a, b) <= 2).then_some(TWO_SLIPS)
}

/// Whether one letter was left out, added, mistaken, or swapped with the next.
fn is_one_slip(a: &str, b: &str) -> bool {
    let head = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum::<usize>();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a
        .chars()
        .rev()
        .zip(b.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum::<usize>();
    let a: Vec<char> = a[..a.len() - tail].chars().take(3).collect();
    let b: Vec<char> = b[..b.len() - tail].chars().take(3).collect();
    match (a.as_slice(), b.as_slice()) {
        ([], [_]) | ([_], []) | ([_], [_]) | ([], []) => true,
        ([a, b], [c, d]) => a == d && b == c,
        _ => false,
    }
}

fn is_long(word: &str, letters_min: usize) -> bool {
    word.chars().nth(letters_min - 1).is_some()
}

/// A word without its `a`s, which are written or left out at will, and without a last `y` after a consonant
/// (स्वास्थ्य is often written स्वास्थ). The first letter stays.
fn without_schwa(word: &str) -> impl Iterator<Item = char> + '_ {
    let body = match word.strip_suffix('y') {
        Some(rest)
            if rest.chars().next_back().is_some_and(|c| !is_vowel(c)) && rest.chars().nth(1).is_some() =>
        {
            rest
        }
        _ => word,
    };
    body.chars().enumerate().filter(|(at, c)| *at == 0 || *c != 'a').map(|(_, c)| c)
}

/// The consonants of a word without aspiration; a first vowel counts as one sound.
fn consonants(word: &str) -> impl Iterator<Item = char> + '_ {
    let mut before = ' ';
    word.chars().filter_map(move |c| {
        let last = std::mem::replace(&mut before, c);
        match c {
            _ if is_vowel(c) => (last == ' ').then_some('a'),
            'h' | 'y' if last != ' ' && !is_vowel(last) => None,
            _ => Some(c),
        }
    })
}

fn begins(mut whole: impl Iterator<Item = char>, part: impl Iterator<Item = char>) -> bool {
    part.into_iter().all(|c| whole.next() == Some(c))
}

/// How many letters were mistaken, left out, doubled or swapped with their neighbour (restricted Damerau–Levenshtein).
fn slips(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(SLIP_LETTERS_MAX).collect();
    let b: Vec<char> = b.chars().take(SLIP_LETTERS_MAX).collect();
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let mistaken = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = mistaken.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

/// The words of a text: compatibility forms and accents taken apart, lower case, joiners dropped.
fn written_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.nfkd().flat_map(char::to_lowercase).nfkd() {
        match c {
            '\u{200C}' | '\u{200D}' | '\'' | '\u{2019}' | '\u{02BC}' => {}
            '\u{0300}'..='\u{036F}' => {}
            _ if c.is_alphanumeric() || is_devanagari_sign(c) => word.push(c),
            _ if word.is_empty() => {}
            _ => words.push(std::mem::take(&mut word)),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn is_devanagari_sign(c: char) -> bool {
    matches!(c, '\u{0900}'..='\u{0903}' | '\u{093A}'..='\u{094F}' | '\u{0951}'..='\u{0957}' | '\u{0962}' | '\u{0963}')
}

/// One spoken sound of a Devanagari word.
enum Sound {
    Consonant(&'static str),
    Vowel(&'static str),
    /// The vowel that every consonant carries unless something says otherwise.
    Schwa,
    /// Latin letters, digits and other scripts, as they are.
    Other(char),
}

/// A word in Latin letters as it is spoken.
fn spoken(word: &str) -> String {
    // ज्ञ is spoken gy wherever it stands; the letters alone would give jn.
    let mut sounds = sounds(&word.replace("ज्ञ", "ग्य"));
    drop_silent_schwas(&mut sounds);
    let mut out = String::with_capacity(word.len());
    for sound in &sounds {
        match sound {
            Sound::Consonant(text) | Sound::Vowel(text) => out.push_str(text),
            Sound::Schwa => out.push('a'),
            Sound::Other(c) => out.push(*c),
        }
    }
    out
}

fn sounds(word: &str) -> Vec<Sound> {
    let mut sounds: Vec<Sound> = Vec::with_capacity(word.len());
    for c in word.chars() {
        if let Some(text) = consonant(c) {
            sounds.push(Sound::Consonant(text));
            sounds.push(Sound::Schwa);
        } else if let Some(text) = vowel_sign(c) {
            if matches!(sounds.last(), Some(Sound::Schwa)) {
                sounds.pop();
            }
            sounds.push(Sound::Vowel(text));
        } else {
            match c {
                '\u{094D}' => {
                    if matches!(sounds.last(), Some(Sound::Schwa)) {
                        sounds.pop();
                    }
                }
                '\u{0900}'..='\u{0902}' => sounds.push(Sound::Consonant("n")),
                '०'..='९' => sounds.push(Sound::Other(digit(c))),
                _ if is_devanagari_sign(c) => {}
                _ => sounds.push(Sound::Other(c)),
            }
        }
    }
    sounds
}

fn digit(c: char) -> char {
    char::from_digit(u32::from(c) - u32::from('०'), 10).expect("the caller gives a Devanagari digit")
}

/// The schwa is silent at the end of a word and, from the end backwards, between vowel-consonant and consonant-vowel.
fn drop_silent_schwas(sounds: &mut Vec<Sound>) {
    let is_vowel = |sound: Option<&Sound>| matches!(sound, Some(Sound::Vowel(_) | Sound::Schwa));
    let is_consonant = |sound: Option<&Sound>| matches!(sound, Some(Sound::Consonant(_)));
    if sounds.len() > 2 && matches!(sounds.last(), Some(Sound::Schwa)) {
        sounds.pop();
    }
    let mut at = sounds.len();
    while at > 3 {
        at -= 1;
        if matches!(sounds[at], Sound::Schwa)
            && is_consonant(sounds.get(at - 1))
            && is_vowel(sounds.get(at - 2))
            && is_consonant(sounds.get(at + 1))
            && is_vowel(sounds.get(at + 2))
        {
            sounds.remove(at);
        }
    }
}

/// Consonants as they are written in Latin letters; nukta is dropped before, so क and क़ are one.
fn consonant(c: char) -> Option<&'static str> {
    Some(match c {
        'क' => "k",
        'ख' => "kh",
        'ग' => "g",
        'घ' => "gh",
        'ङ' | 'ञ' | 'ण' | 'न' | 'ऩ' => "n",
        'च' | 'छ' => "ch",
        'ज' => "j",
        'झ' => "jh",
        'ट' | 'त' => "t",
        'ठ' | 'थ' => "th",
        'ड' | 'द' => "d",
        'ढ' | 'ध' => "dh",
        'प' => "p",
        'फ' => "f",
        'ब' => "b",
        'भ' => "bh",
        'म' => "m",
        'य' => "y",
        'र' | 'ऱ' => "r",
        'ल' | 'ळ' | 'ऴ' => "l",
        'व' => "v",
        'श' | 'ष' | 'स' => "s",
        'ह' => "h",
        _ => return None,
    })
}

/// Vowels, alone or as signs.
fn vowel_sign(c: char) -> Option<&'static str> {
    Some(match c {
        'अ' | 'आ' | '\u{093E}' => "a",
        'इ' | 'ई' | '\u{093F}' | '\u{0940}' => "i",
        'उ' | 'ऊ' | '\u{0941}' | '\u{0942}' => "u",
        'ऋ' | 'ॠ' | '\u{0943}' | '\u{0944}' => "ri",
        'ऍ' | 'ऎ' | 'ए' | '\u{0945}' | '\u{0946}' | '\u{0947}' => "e",
        'ऐ' | '\u{0948}' => "ai",
        'ऑ' | 'ऒ' | 'ओ' | '\u{0949}' | '\u{094A}' | '\u{094B}' => "o",
        'औ' | '\u{094C}' => "au",
        _ => return None,
    })
}

/// Folds until nothing changes, so that a key is its own key.
fn settle(word: &str) -> String {
    let mut word = word.to_owned();
    loop {
        let next = fold_ends(&fold_letters(&word));
        if next == word {
            return word;
        }
        word = next;
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// One pass over the letters. Each rule shortens the word or moves a letter towards its group's first, so passes end.
fn fold_letters(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut out = String::with_capacity(word.len());
    let mut at = 0;
    while at < letters.len() {
        let (text, taken) = fold_at(&letters[at..], out.chars().next_back());
        for c in text.chars() {
            let doubles = c.is_alphabetic() && out.ends_with(c);
            if !doubles {
                out.push(c);
            }
        }
        at += taken;
    }
    out
}

/// What stands for the letters at the head of `rest`, and how many of them it takes.
fn fold_at(rest: &[char], before: Option<char>) -> (String, usize) {
    let second = rest.get(1).copied().unwrap_or(' ');
    let third = rest.get(2).copied().unwrap_or(' ');
    let pair: Option<(&str, usize)> = match (rest[0], second, third) {
        ('c', 'h', 'h') => Some(("ʧ", 3)),
        ('c', 'h', _) => Some(("ʧ", 2)),
        (CH, 'h', _) => Some(("ʧ", 2)),
        ('c', 'k', _) => Some(("k", 2)),
        ('c', 'e' | 'i' | 'y', _) => Some(("s", 1)),
        ('s', 'h', _) => Some(("s", 2)),
        ('p', 'h', _) | ('f', 'h', _) => Some(("f", 2)),
        ('g', 'n', 'y') | ('j', 'n', 'y') => Some(("gy", 3)),
        ('j', 'n', _) if before.is_none() => Some(("gy", 2)),
        ('e', 'e', _) | ('i', 'e', _) => Some(("i", 2)),
        ('o', 'o', _) => Some(("u", 2)),
        ('e', 'a', _) | ('e', 'i', _) | ('a', 'e', _) => Some(("e", 2)),
        ('a', 'u', _) | ('o', 'u', _) | ('o', 'a', _) => Some(("o", 2)),
        ('a', 'w', next) if !is_vowel(next) && next != 'h' => Some(("o", 2)),
        ('a', 'i', next) if next != ' ' => Some(("e", 2)),
        ('a', 'i', _) => Some(("ay", 2)),
        ('m', next, _) if next.is_alphabetic() && !is_vowel(next) && next != 'm' => Some(("n", 1)),
        ('y', next, _) if before == Some('i') && is_vowel(next) => Some(("", 1)),
        _ => None,
    };
    match pair {
        Some((text, taken)) => (text.to_owned(), taken),
        None => (single(rest[0]), 1),
    }
}

fn single(c: char) -> String {
    match c {
        'c' | 'q' => "k".to_owned(),
        'w' => "v".to_owned(),
        'z' => "j".to_owned(),
        'x' => "ks".to_owned(),
        _ => c.to_string(),
    }
}

/// A last `a` is as silent as a schwa, and so is the `e` of an English word; short words keep theirs.
fn fold_ends(word: &str) -> String {
    let Some(rest) = word.strip_suffix(['a', 'e']) else {
        return word.to_owned();
    };
    let is_e = word.ends_with('e');
    let last_is_consonant = rest.chars().next_back().is_some_and(|c| !is_vowel(c));
    let has_vowel = rest.chars().any(is_vowel);
    let long_enough = if is_e { last_is_consonant && is_long(rest, 3) } else { is_long(rest, 3) };
    if is_ascii_or_ch(rest) && has_vowel && long_enough { rest.to_owned() } else { word.to_owned() }
}

fn is_ascii_or_ch(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii() || c == CH)
}

#[cfg(test)]
mod tests;
