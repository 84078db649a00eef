//! Embeds `templates/`: every file as bytes, with its path and executable bit, in a table that `scaffold/source.rs` includes. And says how the
//! program is linked.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script reads its environment, speaks to cargo and writes its output"
)]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("templates");
    println!("cargo:rerun-if-changed={}", root.display());
    link()?;
    let mut table = String::from("&[\n");
    for template in children(&root)? {
        let name = template.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !template.join("template.toml").is_file() {
            continue;
        }
        let _ = writeln!(table, "    Builtin {{ name: {name:?}, files: &[");
        embed(&template, &template, &mut table)?;
        table.push_str("    ] },\n");
    }
    table.push_str("]\n");
    fs::write(PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("builtin.rs"), table)
}

/// A program that can lie anywhere has 18,000 pointers put right each time it starts, and one that needs libraries has them found, mapped and bound:
/// together a third of what a short command takes. So the released program lies at a fixed place and brings its libraries along, where the machine
/// that builds it has them to link in. `-C target-feature=+crt-static` does the same, but has to be asked for, with a target and another folder, since
/// procedural macros cannot be built with it. What is built for tests stays as it is, and so does what others link in a way of their own.
fn link() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let is_static = env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|all| all.split(',').any(|it| it == "crt-static"));
    let is_ours = is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if !is_ours || is_static {
        return Ok(());
    }
    println!("cargo:rustc-link-arg-bins=-no-pie");
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let Some(archives) = ARCHIVES.iter().map(|name| archive(&linker, name)).collect::<Option<Vec<_>>>() else {
        return Ok(());
    };
    // rustc asks for shared libraries by name. What it finds first under each of them here is a script that leads to the archive.
    let folder = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("static");
    fs::create_dir_all(&folder)?;
    for (name, path) in ARCHIVES.iter().zip(&archives) {
        // The C library and the one that unwinds need each other.
        let list: Vec<_> = match *name {
            "libc" => archives.iter().map(|path| format!("\"{path}\"")).collect(),
            _ => vec![format!("\"{path}\"")],
        };
        let name = if *name == "libgcc_eh" { "libgcc_s" } else { name };
        fs::write(folder.join(format!("{name}.so")), format!("GROUP({})\n", list.join(" ")))?;
    }
    println!("cargo:rustc-link-arg-bins=-static");
    println!("cargo:rustc-link-arg-bins=-L{}", folder.display());
    Ok(())
}

/// What std asks for, and the C library itself. The last four are empty where glibc is new enough.
const ARCHIVES: [&str; 8] = ["libgcc_eh", "libgcc", "libc", "libm", "libpthread", "libdl", "librt", "libutil"];

/// Where the linker has an archive, if anywhere.
fn archive(linker: &OsStr, name: &str) -> Option<String> {
    let output = Command::new(linker).arg(format!("-print-file-name={name}.a")).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim_end().to_owned();
    Path::new(&path).is_absolute().then_some(path)
}

fn embed(template: &Path, folder: &Path, table: &mut String) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for path in children(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // What editors, file managers and test runs leave behind.
        if matches!(name.as_ref(), ".DS_Store" | "__pycache__" | ".git")
            || name.ends_with(".pyc")
            || name.ends_with('~')
        {
            continue;
        }
        if path.is_dir() {
            embed(template, &path, table)?;
        } else {
            let inner = path.strip_prefix(template).map_err(io::Error::other)?.to_string_lossy().into_owned();
            let executable = fs::metadata(&path)?.permissions().mode() & 0o111 != 0;
            let _ = writeln!(
                table,
                "        Embedded {{ path: {inner:?}, bytes: include_bytes!({:?}), executable: {executable} }},",
                path.display().to_string()
            );
        }
    }
    Ok(())
}

/// What lies in a folder, sorted, so that the same sources give the same binary.
fn children(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
