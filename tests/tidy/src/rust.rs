//! Rust files as the rules see them: parsed with `syn`, so that a comment or a string never counts as code.
//!
//! Never resolves names the way the compiler does: a path is what is written, with `crate`, `super` and `use` trees spelt out.

use std::sync::OnceLock;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::tree::{self, File};

/// Something written at a line of a file.
pub struct At<T> {
    pub line: usize,
    pub what: T,
}

/// What the rules ask about one Rust file.
pub struct Source {
    pub file: &'static File,
    /// Every path that the code names, as its segments; `use a::{b, c}` gives two.
    pub paths: Vec<At<Vec<String>>>,
    /// Every string literal of the code; attributes and docs are left out.
    pub texts: Vec<At<String>>,
    pub functions: Vec<At<Function>>,
    /// Attributes that silence a lint, as written.
    pub silenced: Vec<At<String>>,
    /// Lines of `#[cfg(test)]` items and `#[test]` functions, first and last.
    tests: Vec<(usize, usize)>,
}

pub struct Function {
    pub name: String,
    pub lines: usize,
    /// Parameters besides `self`; none in the implementation of a trait, which dictates them where it is declared.
    pub parameters: usize,
    pub has_bool: bool,
}

impl Source {
    /// Whether a line belongs to tests: a test file, a `#[cfg(test)]` item or a `#[test]` function.
    pub fn is_test(&self, line: usize) -> bool {
        self.file.is_under(&["tests/", "benches/"])
            || self.file.path.contains("/tests/")
            || self.file.path.ends_with("/tests.rs")
            || self.tests.iter().any(|(first, last)| (*first..=*last).contains(&line))
    }

    pub fn place(&self, line: usize) -> String {
        format!("{}:{line}", self.file.path)
    }
}

/// Every Rust file of the repository, parsed once.
pub fn sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(|| tree::with_extension(&["rs"]).map(parse).collect())
}

fn parse(file: &'static File) -> Source {
    let syntax = syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
    let mut reader = Reader {
        is_dictated: false,
        home: home(&file.path),
        source: Source {
            file,
            paths: vec![],
            texts: vec![],
            functions: vec![],
            silenced: vec![],
            tests: vec![],
        },
    };
    reader.visit_file(&syntax);
    reader.source
}

/// The module that a file is: `src/http/pages/desk.rs` is `http::pages::desk`.
fn home(path: &str) -> Vec<String> {
    let path = path.split_once("src/").map_or(path, |(_, inside)| inside);
    let mut parts: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        parts.pop();
    }
    parts
}

/// Names joined by `::` while they are read off the tokens of a macro call.
#[derive(Default)]
struct Chain {
    segments: Vec<String>,
    line: usize,
    colons: usize,
}

impl Chain {
    fn add(&mut self, name: String, line: usize) {
        if self.segments.is_empty() {
            self.line = line;
        }
        self.segments.push(name);
        self.colons = 0;
    }
}

struct Reader {
    home: Vec<String>,
    source: Source,
    /// Whether what is read stands in the implementation of a trait.
    is_dictated: bool,
}

impl Reader {
    fn path(&mut self, segments: Vec<String>, span: Span) {
        let line = span.start().line;
        self.source.paths.push(At { line, what: self.spelt_out(segments) });
    }

    /// Spells out `self::` and `super::` from the file's own module.
    fn spelt_out(&self, segments: Vec<String>) -> Vec<String> {
        let ups = segments.iter().take_while(|segment| *segment == "super").count();
        let is_relative = ups > 0 || segments.first().is_some_and(|first| first == "self");
        if !is_relative || segments.len() == 1 {
            return segments;
        }
        let kept = self.home.len().saturating_sub(ups);
        let rest = segments.into_iter().skip_while(|segment| segment == "super" || segment == "self");
        std::iter::once("crate".to_owned()).chain(self.home[..kept].iter().cloned()).chain(rest).collect()
    }

    fn use_tree(&mut self, tree: &syn::UseTree, mut before: Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.use_tree(&path.tree, before);
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.use_tree(item, before.clone()))
            }
            syn::UseTree::Name(name) => {
                before.push(name.ident.to_string());
                self.path(before, name.span());
            }
            syn::UseTree::Rename(name) => {
                before.push(name.ident.to_string());
                self.path(before, name.span());
            }
            syn::UseTree::Glob(glob) => {
                before.push("*".to_owned());
                self.path(before, glob.span());
            }
        }
    }

    /// The inside of a macro call is not parsed: its literals and `a::b` chains are read off the tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut chain = Chain::default();
        let mut follows_hash = false;
        for token in tokens {
            let is_attribute = std::mem::replace(
                &mut follows_hash,
                matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '#'),
            );
            match token {
                TokenTree::Group(_) if is_attribute => {}
                TokenTree::Ident(ident) => {
                    if chain.colons != 2 {
                        self.end(&mut chain);
                    }
                    chain.add(ident.to_string(), ident.span().start().line);
                    continue;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => {
                    chain.colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => self.literal(&literal.to_string(), literal.span()),
                TokenTree::Punct(_) => {}
            }
            self.end(&mut chain);
        }
        self.end(&mut chain);
    }

    fn end(&mut self, chain: &mut Chain) {
        let Chain { segments, line, .. } = std::mem::take(chain);
        if !segments.is_empty() {
            let what = self.spelt_out(segments);
            self.source.paths.push(At { line, what });
        }
    }

    fn literal(&mut self, written: &str, span: Span) {
        if let Ok(text) = syn::parse_str::<syn::LitStr>(written) {
            self.source.texts.push(At { line: span.start().line, what: text.value() });
        }
    }

    fn function(&mut self, signature: &syn::Signature, whole: Span) {
        let typed: Vec<_> = signature
            .inputs
            .iter()
            .filter_map(|input| match input {
                syn::FnArg::Typed(typed) => Some(typed.ty.to_token_stream().to_string()),
                syn::FnArg::Receiver(_) => None,
            })
            .collect();
        let what = Function {
            name: signature.ident.to_string(),
            lines: whole.end().line - signature.span().start().line + 1,
            parameters: if self.is_dictated { 0 } else { typed.len() },
            has_bool: typed.iter().any(|kind| kind == "bool"),
        };
        self.source.functions.push(At { line: signature.span().start().line, what });
    }

    fn mark_tests(&mut self, attributes: &[syn::Attribute], whole: Span) {
        let is_test = attributes.iter().any(|attribute| {
            let written = attribute.meta.to_token_stream().to_string().replace(' ', "");
            written == "cfg(test)" || written == "test" || written.starts_with("tokio::test")
        });
        if is_test {
            self.source.tests.push((whole.start().line, whole.end().line));
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => &Vec::new(),
        };
        self.mark_tests(attributes, item.span());
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&item.tree, Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.path(segments, path.span());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.source.texts.push(At { line: text.span().start().line, what: text.value() });
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, item.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.is_dictated = item.trait_.is_some();
        visit::visit_item_impl(self, item);
        self.is_dictated = false;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, item.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.sig, item.span());
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let written = attribute.to_token_stream().to_string().replace(' ', "");
        if attribute.path().is_ident("allow") || attribute.path().is_ident("expect") {
            self.source.silenced.push(At { line: attribute.span().start().line, what: written });
        }
    }
}
