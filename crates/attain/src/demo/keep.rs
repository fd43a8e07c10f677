//! Keeping the files where a reader wants them, without harm to what is there already.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Copies everything in a folder to another, which is created where it is missing.
///
/// # Errors
/// If a file of the same name is there and holds something else: then nothing is written. Or if
/// one cannot be written.
pub(crate) fn keep(from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut files = Vec::new();
    collect(from, &mut files)?;
    let mut contents = Vec::new();
    for file in files {
        let content = std::fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
        let kept = to.join(file.strip_prefix(from)?);
        if std::fs::read(&kept).is_ok_and(|found| found != content) {
            bail!("{} is there already and holds something else; choose another folder", kept.display());
        }
        contents.push((kept, content));
    }
    for (kept, content) in contents {
        let written = kept.parent().map_or(Ok(()), std::fs::create_dir_all);
        written
            .and_then(|()| std::fs::write(&kept, content))
            .with_context(|| format!("could not write {}", kept.display()))?;
    }
    Ok(())
}

/// All files of a folder and of those in it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
