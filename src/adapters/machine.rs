//! What the machine has: room on the disk, limits of the system.

use std::io;
use std::path::Path;

/// Free bytes for this user on the disk of `path`, which exists.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: a statvfs of zeros is valid; the call reads the name and writes the struct, both our own.
    let mut found: libc::statvfs = unsafe { std::mem::zeroed() };
    if unsafe { libc::statvfs(name.as_ptr(), &mut found) } != 0 {
        return Err(io::Error::last_os_error());
    }
    #[allow(clippy::unnecessary_cast)] // The fields differ in width between systems.
    Ok(found.f_bavail as u64 * found.f_frsize as u64)
}

/// How many folders this user may watch; `None` where there is no such limit.
pub fn watch_limit() -> Option<u64> {
    std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok()?.trim().parse().ok()
}

/// Lets every large buffer that is freed go back to the system at once: glibc keeps more and more of them for itself as they
/// come and go. 15 MB for two decoders.
pub fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: two numbers are set; a refusal changes nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 128 * 1024);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 128 * 1024);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_is_some_room_here() {
        assert!(super::free_bytes(std::path::Path::new(".")).unwrap() > 0);
        assert!(super::free_bytes(std::path::Path::new("/no/such/folder")).is_err());
    }
}
