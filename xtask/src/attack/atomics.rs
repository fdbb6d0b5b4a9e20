//! Atomic Red Team's tests as it publishes them: one YAML file a technique → [`Atomic`]s with their arguments filled in.
//! Nothing is judged here but whether a test is one for a Linux shell.

use anyhow::{Context, Result, bail};
use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Where the tests' own files stand in the throw-away root. The data holds none of them.
pub const SOURCES: &str = "/opt/atomics";

/// What we wrote in the place of those that a test only needs to have something: it builds, sends or runs it.
pub const STAND_INS: &[(&str, &str)] = &[
    ("T1027.004/src/T1027-004-test.c", include_str!("standins/hello.c")),
    ("T1027.004/src/T1027-004-test.cc", include_str!("standins/hello.cc")),
    ("T1036.004/src/prctl_rename.c", include_str!("standins/prctl_rename.c")),
    ("T1048.002/src/artifact", "a stand-in\n"),
    ("T1110.004/src/credstuffuserpass.txt", "nobody1:stand-in\nnobody2:stand-in\n"),
    ("T1548.001/src/cap.c", include_str!("standins/cap.c")),
    ("T1548.001/src/hello.c", include_str!("standins/hello.c")),
    ("T1556.003/src/pam_evil.c", include_str!("standins/pam.c")),
    ("T1568.002/src/T1568.002.py", include_str!("standins/names.py")),
    ("T1574.006/src/Linux/T1574.006.c", include_str!("standins/library.c")),
    ("image.jpg", "a stand-in for a picture\n"),
    ("script.sh", "echo stand-in\n"),
];

#[derive(Debug)]
pub struct Atomic {
    pub technique: String,
    /// As counted in the technique's file, from 1.
    pub number: usize,
    pub name: String,
    /// `sh` or `bash`.
    pub shell: String,
    pub command: String,
    pub cleanup: String,
    pub needs: Vec<Need>,
    /// Why it is none for a Linux shell, or needs what nobody may do here.
    pub unfit: Option<String>,
}

#[derive(Debug)]
pub struct Need {
    pub what: String,
    pub check: String,
    pub get: String,
}

/// All tests of the packed data, ordered by technique and number.
pub fn read(archive: &Path, folder: &Path) -> Result<Vec<Atomic>> {
    fs::create_dir_all(folder)?;
    let status = Command::new("tar").arg("-xJf").arg(archive).arg("-C").arg(folder).status()?;
    if !status.success() {
        bail!("cannot unpack {}: {status}", archive.display());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().is_dir()) {
        files.extend(fs::read_dir(entry.path())?.flatten().map(|file| file.path()));
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut atomics = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let document = yaml(&text).with_context(|| format!("cannot read {}", file.display()))?;
        atomics.extend(of_technique(&document));
    }
    Ok(atomics)
}

fn of_technique(document: &Value) -> Vec<Atomic> {
    let technique = text(document, "attack_technique");
    let tests = document["atomic_tests"].as_array().cloned().unwrap_or_default();
    tests.iter().enumerate().map(|(at, test)| atomic(&technique, at + 1, test)).collect()
}

fn atomic(technique: &str, number: usize, test: &Value) -> Atomic {
    let fill = |template: &str| fill(template, &test["input_arguments"]);
    let executor = &test["executor"];
    let needs = test["dependencies"].as_array().into_iter().flatten().map(|need| Need {
        what: text(need, "description").trim().to_owned(),
        check: fill(&text(need, "prereq_command")),
        get: fill(&text(need, "get_prereq_command")),
    });
    let mut atomic = Atomic {
        technique: technique.to_owned(),
        number,
        name: text(test, "name"),
        shell: text(executor, "name"),
        command: fill(&text(executor, "command")),
        cleanup: fill(&text(executor, "cleanup_command")),
        needs: needs.collect(),
        unfit: None,
    };
    atomic.unfit = unfit(&atomic);
    atomic
}

fn unfit(atomic: &Atomic) -> Option<String> {
    let words = |list: &[&str]| list.iter().any(|word| atomic.command.split_whitespace().any(|part| part == *word));
    if atomic.name.contains("FreeBSD") && !atomic.name.contains("Linux") || atomic.name.contains("(freebsd)") {
        return Some("it is a test for FreeBSD".into());
    }
    if !matches!(atomic.shell.as_str(), "sh" | "bash") {
        return Some(format!("its executor is {}, no Linux shell", atomic.shell));
    }
    if words(&["insmod", "modprobe"]) {
        return Some("it loads a kernel module, which would be the host's kernel".into());
    }
    if atomic.command.contains("/dev/sd") || atomic.command.contains("/dev/dm-") {
        return Some("it reaches for a raw device".into());
    }
    let missing = atomic.command.split(SOURCES).skip(1).any(|rest| {
        let known = |name: &str| rest.strip_prefix('/').is_some_and(|rest| rest.starts_with(name));
        !STAND_INS.iter().any(|(name, _)| known(name)) && !MADE.iter().any(|name| known(name))
    });
    missing.then(|| "its source files are not in the data".into())
}

/// What tests make among their own files.
const MADE: &[&str] = &["evil_image.jpg", "T1574.006/src/Linux/T1574.006.so", "T1574.006/T1574.006.so"];

/// `#{name}` → the argument's default, as often as an argument stands in another's.
fn fill(template: &str, arguments: &Value) -> String {
    let mut filled = template.to_owned();
    for _ in 0..3 {
        for (name, argument) in arguments.as_object().into_iter().flatten() {
            let default = match &argument["default"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            filled = filled.replace(&format!("#{{{name}}}"), &default);
        }
    }
    ["$PathToAtomicsFolder", "$PathtoAtomicsFolder", "PathToAtomicsFolder"]
        .iter()
        .fold(filled, |text, name| text.replace(name, SOURCES))
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// The first document as JSON; every scalar stays text.
fn yaml(text: &str) -> Result<Value> {
    let mut open: Vec<Open> = vec![Open { list: true, ..Open::default() }];
    for item in Parser::new_from_str(text) {
        match item?.0 {
            Event::Scalar(text, ..) => put(&mut open, Value::String(text.into_owned()))?,
            Event::SequenceStart(..) => open.push(Open { list: true, ..Open::default() }),
            Event::MappingStart(..) => open.push(Open::default()),
            Event::SequenceEnd | Event::MappingEnd => {
                let done = open.pop().context("an end without a beginning")?;
                let value = if done.list { Value::Array(done.items) } else { Value::Object(done.entries) };
                put(&mut open, value)?;
            }
            Event::Alias(_) => bail!("aliases are not looked for in these files"),
            _ => {}
        }
    }
    open.pop().and_then(|top| top.items.into_iter().next()).context("an empty file")
}

#[derive(Default)]
struct Open {
    list: bool,
    items: Vec<Value>,
    entries: Map<String, Value>,
    key: Option<String>,
}

fn put(open: &mut [Open], value: Value) -> Result<()> {
    let into = open.last_mut().context("a value outside of everything")?;
    if into.list {
        into.items.push(value);
    } else if let Some(key) = into.key.take() {
        into.entries.insert(key, value);
    } else {
        into.key = Some(value.as_str().context("a key that is no text")?.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_read_with_its_arguments_filled_in() {
        let document = yaml(
            "attack_technique: T1000\natomic_tests:\n- name: one\n  input_arguments:\n    file:\n      default: /tmp/#{end}\n    end:\n      default: x\n  executor:\n    name: sh\n    command: |\n      cat #{file}\n- name: two\n  executor: {name: bash, command: cat PathToAtomicsFolder/a}\n",
        )
        .unwrap();
        let mut atomics = of_technique(&document);
        assert_eq!((atomics[0].command.as_str(), atomics[0].unfit.as_deref()), ("cat /tmp/x\n", None));
        assert_eq!(atomics[1].unfit.as_deref(), Some("its source files are not in the data"));
        assert_eq!((atomics[1].number, atomics[1].shell.as_str()), (2, "bash"));
        let with = Atomic { command: format!("cat {SOURCES}/script.sh"), ..atomics.swap_remove(0) };
        assert_eq!(unfit(&with), None);
    }
}
