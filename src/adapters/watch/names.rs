//! Names that tell what a file or folder is. All are compared in small letters.

/// Folders that tools fill.
const GENERATED_FOLDERS: &str = "\
    __pycache__ __pypackages__ _build bower_components build coverage deriveddata dist dist-newstyle elm-stuff \
    htmlcov node_modules obj out pods site-packages target venv .venv .cache .dart_tool .eggs .gradle .history \
    .hypothesis .idea .ipynb_checkpoints .mypy_cache .next .nox .nuxt .nyc_output .parcel-cache .pytest_cache \
    .ruff_cache .stack-work .svelte-kit .terraform .tox .turbo .vs";

const VERSION_CONTROL: &str = ".git .hg .jj .svn cvs";

/// What editors and tools leave behind while they work.
const PASSING_ENDINGS: &str = "\
    ~ .bak .class .crdownload .kate-swp .lock .log .o .orig .part .pid .pyc .pyo .rej .swo .swp .swpx .swx .temp .tmp \
    ___jb_old___ ___jb_tmp___";
const PASSING_STARTS: &str = ".# ~$ .~lock. .goutputstream- .fuse_hidden .nfs0";

/// These say what was resolved: kept, unlike locks that are held for a moment.
const PACKAGE_LOCKS: &str = "\
    cargo.lock composer.lock gemfile.lock go.sum package-lock.json pdm.lock pnpm-lock.yaml poetry.lock uv.lock \
    yarn.lock";
const GENERATED_ENDINGS: &str = ".min.js .min.css .map _pb2.py _pb2_grpc.py .pb.go .g.dart";

/// Where keys and passwords are kept.
const SECRETS: &str = ".envrc .git-credentials .htpasswd .netrc .npmrc .pgpass .pypirc _netrc";
const SECRET_STARTS: &str =
    ".env. credentials id_dsa id_ecdsa id_ed25519 id_rsa secrets. service-account service_account";
const SECRET_ENDINGS: &str = ".env .jks .kdbx .key .keystore .p12 .p8 .pem .pfx .pkcs12 .ppk";

pub fn is_generated_folder(name: &str) -> bool {
    is(name, GENERATED_FOLDERS) || name.ends_with(".egg-info")
}

pub fn is_version_control(name: &str) -> bool {
    is(name, VERSION_CONTROL)
}

/// Whether it is there only while somebody works on another file.
pub fn is_passing(name: &str) -> bool {
    // Vim tries whether it may write into a folder by a file 4913, or a higher number when that is taken.
    let is_number = name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_digit());
    let is_autosave = name.starts_with('#') && name.ends_with('#');
    let ends = ends(name, PASSING_ENDINGS) && !is(name, PACKAGE_LOCKS);
    is_number || is_autosave || ends || starts(name, PASSING_STARTS) || name == ".ds_store"
}

pub fn is_generated_file(name: &str) -> bool {
    is(name, PACKAGE_LOCKS) || ends(name, GENERATED_ENDINGS)
}

pub fn is_secret(name: &str) -> bool {
    is(name, SECRETS) || starts(name, SECRET_STARTS) || ends(name, SECRET_ENDINGS)
}

fn is(name: &str, list: &str) -> bool {
    list.split(' ').any(|one| name == one)
}

fn starts(name: &str, list: &str) -> bool {
    list.split(' ').any(|start| name.starts_with(start))
}

fn ends(name: &str, list: &str) -> bool {
    list.split(' ').any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_name_or_list_entry_is_nothing() {
        for list in [GENERATED_FOLDERS, VERSION_CONTROL, PASSING_ENDINGS, PASSING_STARTS, PACKAGE_LOCKS] {
            assert!(list.split(' ').all(|one| !one.is_empty() && one == one.to_lowercase()), "{list}");
        }
        for list in [GENERATED_ENDINGS, SECRETS, SECRET_STARTS, SECRET_ENDINGS] {
            assert!(list.split(' ').all(|one| !one.is_empty() && one == one.to_lowercase()), "{list}");
        }
        assert!(!is_passing("") && !is_secret("") && !is_generated_folder("") && !is_generated_file(""));
    }

    #[test]
    fn names_are_taken_whole() {
        assert!(
            is_passing("#s.py#") && !is_passing("#notes.md") && !is_passing("491") && !is_passing("4913.py")
        );
        assert!(is_passing("index.lock") && !is_passing("cargo.lock"));
        assert!(is_generated_file("app.min.js") && !is_generated_file("min.js"));
        assert!(is_secret("prod.env") && !is_secret("environment.py"));
    }
}
