//! The house rules: which layer may use which, who may touch the world, how long a file may be.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest file, in lines before its tests.
const LONGEST: usize = 450;
/// Most lines that half of the files may have.
const MEDIAN: usize = 140;
/// Layers, and what each may use beside itself.
const LAYERS: [(&str, &[&str]); 5] = [
    ("session", &[]),
    ("analysis", &["session"]),
    ("rubric", &["session", "analysis"]),
    ("report", &["session", "analysis", "rubric"]),
    ("adapters", &["session"]),
];

struct Source {
    path: PathBuf,
    /// Up to the tests.
    code: String,
    layer: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
                let relative = path.strip_prefix(&root).unwrap().to_path_buf();
                let layer =
                    relative.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
                found.push(Source { path: relative, code, layer });
            }
        }
    }
    assert!(found.len() > 40);
    found
}

#[test]
fn layers_use_only_what_lies_below_them() {
    for source in sources() {
        let Some((layer, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == source.layer) else {
            continue;
        };
        for line in source.code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for used in line.split("crate::").skip(1) {
                let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                // `use crate::{…}` would hide what it uses.
                assert!(
                    !name.is_empty(),
                    "{}: write one `use crate::layer` a line: {line}",
                    source.path.display()
                );
                let fine = name == *layer || allowed.contains(&name.as_str());
                assert!(fine, "{}: {layer} must not use {name}: {line}", source.path.display());
            }
        }
    }
}

#[test]
fn only_the_edge_touches_the_world() {
    const WORLD: [&str; 9] = [
        "std::fs",
        "std::env",
        "std::process",
        "std::net",
        "SystemTime",
        "Instant::now",
        "Utc::now",
        "println!",
        "print!(",
    ];
    for source in sources() {
        if ["main", "cmd", "adapters"].contains(&source.layer.as_str()) {
            continue;
        }
        for word in WORLD {
            assert!(!source.code.contains(word), "{} uses {word}", source.path.display());
        }
    }
}

#[test]
fn files_are_short_and_named_after_what_they_hold() {
    let mut lengths = Vec::new();
    for source in sources() {
        let lines = source.code.lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", source.path.display());
        lengths.push(lines);
        let stem = source.path.file_stem().unwrap().to_string_lossy().into_owned();
        for vague in ["utils", "util", "helpers", "helper", "manager", "common", "misc"] {
            assert_ne!(stem, vague, "{}", source.path.display());
        }
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= MEDIAN, "half of the files have more than {median} lines");
}

#[test]
fn nothing_printed_by_a_layer_below_the_commands() {
    for source in sources().iter().filter(|source| source.layer == "adapters") {
        for word in ["println!", "print!(", "eprint!(", "eprintln!(", "dbg!("] {
            assert!(!source.code.contains(word), "{} prints", source.path.display());
        }
    }
}
