/*!
The configuration file: a JSON object whose keys are option names.

```text
{"threshold": 0.6, "no-segment": true, "text-field": ["body", "text"]}
```

Its values become arguments that stand before those of the command line, where the last value of an option
counts: so the command line wins and both are checked by the same rules. One file may serve every command: an
option of another command is left aside, a name that no command has is an error.
*/

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use clap::error::ErrorKind;
use clap::{ArgAction, Command};
use serde_json::Value;

/// Options that make no sense in a file that they name, or that would act before it is read.
const NOT_HERE: [&str; 3] = ["config", "help", "version"];

/// `argv` with the options of the file at `path` put right after the command's name.
pub fn merge(program: &Command, path: &Path, argv: Vec<OsString>) -> Result<Vec<OsString>> {
    let text =
        fs::read(path).with_context(|| format!("{}: reading the configuration", path.display()))?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let Some(name) = argv.get(1).and_then(|a| a.to_str()) else {
        return Ok(argv);
    };
    let added = options(program, name, text).with_context(|| path.display().to_string())?;
    check(program, name, &added).with_context(|| path.display().to_string())?;
    let mut merged = argv;
    merged.splice(2..2, added);
    Ok(merged)
}

/// The options for the command `name` that the JSON object in `text` asks for.
fn options(program: &Command, name: &str, text: &[u8]) -> Result<Vec<OsString>> {
    let object: serde_json::Map<String, Value> =
        serde_json::from_slice(text).context("not a JSON object with option names as keys")?;
    let mut options = Vec::new();
    for (key, value) in &object {
        let known = |c: &Command| c.get_arguments().any(|a| a.get_long() == Some(key));
        if NOT_HERE.contains(&key.as_str()) || !program.get_subcommands().any(known) {
            bail!("unknown option \"{key}\"; `samewire {name} --help` lists the options");
        }
        let Some(option) = program
            .find_subcommand(name)
            .and_then(|c| c.get_arguments().find(|a| a.get_long() == Some(key)))
        else {
            continue;
        };
        let flag = matches!(option.get_action(), ArgAction::SetTrue);
        match (flag, value) {
            (true, Value::Bool(true)) => options.push(format!("--{key}").into()),
            (true, Value::Bool(false)) => {}
            (true, _) => bail!("\"{key}\" is true or false"),
            (false, value) => options.push(format!("--{key}={}", plain(key, value)?).into()),
        }
    }
    Ok(options)
}

/// A value as it would be typed.
fn plain(key: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Ok(items.join(","))
        }
        _ => bail!("\"{key}\" takes a string, a number or a list of strings"),
    }
}

/// Whether the options hold on their own, so that a mistake in the file is reported as one of the file.
fn check(program: &Command, name: &str, options: &[OsString]) -> Result<()> {
    let line = ["samewire", name].map(OsString::from).into_iter();
    match program
        .clone()
        .try_get_matches_from(line.chain(options.iter().cloned()))
    {
        Err(error) if error.kind() != ErrorKind::MissingRequiredArgument => {
            let message = error.to_string();
            let first = message.lines().next().unwrap_or_default();
            bail!("{}", first.trim_start_matches("error: "));
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args;

    fn of(text: &str) -> Result<Vec<String>> {
        let program = args::command();
        let options = options(&program, "group", text.as_bytes())?;
        check(&program, "group", &options)?;
        Ok(options
            .into_iter()
            .map(|o| o.into_string().unwrap())
            .collect())
    }

    #[test]
    fn values_become_arguments() {
        let options = of(
            r#"{"threshold":0.6,"no-segment":true,"all":false,"text-field":["body","text"],"window":"3d"}"#,
        );
        assert_eq!(
            options.unwrap(),
            [
                "--no-segment",
                "--text-field=body,text",
                "--threshold=0.6",
                "--window=3d"
            ]
        );
    }

    #[test]
    fn an_option_of_another_command_is_left_aside_and_an_unknown_one_is_not() {
        assert!(of(r#"{"force":true}"#).unwrap().is_empty());
        assert!(
            of(r#"{"treshold":0.6}"#)
                .unwrap_err()
                .to_string()
                .contains("treshold")
        );
        assert!(of(r#"{"config":"other.json"}"#).is_err());
    }

    #[test]
    fn bad_values_are_named() {
        assert!(
            of(r#"{"threshold":7}"#)
                .unwrap_err()
                .to_string()
                .contains("--threshold")
        );
        assert!(of(r#"{"all":"yes"}"#).is_err());
        assert!(of(r#"{"window":{"days":3}}"#).is_err());
        assert!(of("[]").is_err());
    }
}
