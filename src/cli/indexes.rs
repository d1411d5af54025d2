//! Indexes as the commands open them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use samewire::Settings;
use samewire::index::store::{Index, Place};
use samewire::pipeline::stream::Loaded;

use super::plan::Voice;
use super::say;

/// Opens an index to write, or makes one where there is room for it. A seed that was not typed is that of the index.
pub fn open_or_create(
    path: &Path,
    settings: &mut Settings,
    seed_is_free: bool,
    voice: Voice,
) -> Result<Index> {
    if Index::place(path)? == Place::Free {
        let index = create(path, settings, seed_is_free)?;
        if voice > Voice::Quiet {
            say(&format!("samewire: made a new index in {}", path.display()));
        }
        return Ok(index);
    }
    let index = Index::open_to_write(path)?;
    if seed_is_free {
        settings.seed = index.settings().seed;
    }
    index.expect(settings)?;
    Ok(index)
}

/// Opens an index to read, for a run with these settings. A seed that was not typed is that of the index.
pub fn open_to_read(path: &Path, settings: &mut Settings, seed_is_free: bool) -> Result<Index> {
    let index = Index::open_to_read(path)?;
    if seed_is_free {
        settings.seed = index.settings().seed;
    }
    index.expect(settings)?;
    Ok(index)
}

/// Makes an index. A seed that was not typed is drawn, so that nobody can foresee its keys.
pub fn create(path: &Path, settings: &mut Settings, seed_is_free: bool) -> Result<Index> {
    if seed_is_free {
        settings.seed = samewire::index::store::random();
    }
    Ok(Index::create(path, settings)?)
}

/// Refuses output that speaks of the stories of an index, where their texts are needed.
pub fn refuse_index(output: &Path, files: &[PathBuf], command: &str) -> Result<()> {
    let is_index = |file: &&PathBuf| Index::place(file).is_ok_and(|p| p == Place::Index);
    let Some(index) = files.iter().find(is_index) else {
        return Ok(());
    };
    let (output, index) = (output.display(), index.display());
    bail!(
        "{output}: is about the stories of the index {index}, where {command} cannot read them; write them to a file first \
         (samewire index export {index} --stories -o stories.jsonl), group that (samewire group stories.jsonl --links links.jsonl \
         -o groups.jsonl), and give what comes of it"
    )
}

/// Says what became of the look-up file, for those who asked and where it was damaged.
pub fn tell_loaded(loaded: &Loaded, voice: Voice) {
    if let Some(why) = &loaded.unusable
        && voice > Voice::Quiet
    {
        say(&format!(
            "samewire: the look-up file of the index could not be used ({why}) and is made anew from the database"
        ));
    }
    if voice == Voice::Verbose && loaded.made_anew > 0 {
        say(&format!(
            "samewire: stories that the look-up file lacked: {}",
            loaded.made_anew
        ));
    }
}
