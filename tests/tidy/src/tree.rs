//! The files of this repository as the rules see them: read once, in a stable order, build products left out.
//!
//! Never writes anything, and never looks outside the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// One text file of the repository.
pub struct File {
    /// Path from the repository's root, with `/` on every system.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn has_extension(&self, wanted: &[&str]) -> bool {
        wanted.iter().any(|end| self.path.ends_with(&format!(".{end}")))
    }

    pub fn is_under(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    /// The file's name without folders and ending.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.split('.').next().unwrap_or_default()
    }
}

/// Folders that hold nothing written by hand.
const LEFT_OUT: [&str; 8] =
    [".git", "target", "node_modules", "out", "__pycache__", ".venv", "snapshots", "data"];

const TEXT: [&str; 17] = [
    "rs", "js", "mjs", "ts", "html", "css", "ftl", "md", "toml", "sql", "sh", "py", "c", "json", "svg",
    "txt", "yml",
];

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All text files, ascending by path.
pub fn files() -> &'static [File] {
    static FILES: OnceLock<Vec<File>> = OnceLock::new();
    FILES.get_or_init(|| {
        let mut found = Vec::new();
        walk(&root(), &mut found);
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    })
}

/// The text files with one of these endings.
pub fn with_extension(wanted: &'static [&'static str]) -> impl Iterator<Item = &'static File> {
    files().iter().filter(move |file| file.has_extension(wanted))
}

fn walk(folder: &Path, found: &mut Vec<File>) {
    let entries = fs::read_dir(folder).expect("a folder of the repository can be listed");
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !LEFT_OUT.contains(&name.as_str()) {
                walk(&path, found);
            }
            continue;
        }
        let is_text = TEXT.iter().any(|end| name.ends_with(&format!(".{end}"))) || !name.contains('.');
        if let (true, Ok(text)) = (is_text, fs::read_to_string(&path)) {
            let path = path.strip_prefix(root()).expect("a file lies below the root");
            found.push(File { path: path.to_string_lossy().replace('\\', "/"), text });
        }
    }
}

/// Fails with every breach on a line of its own, after the rule and what to do.
pub fn assert_none(breaches: &[String], rule: &str) {
    assert!(breaches.is_empty(), "\n{rule}\n{} breach(es):\n  {}\n", breaches.len(), breaches.join("\n  "));
}
