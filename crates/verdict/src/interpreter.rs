//! What an interpreter, or the loader of programs, is told to run: from the program's path and its arguments. The kernel
//! runs the interpreter; what counts is the file that it reads, the text that it is given, or what comes in at its standard
//! input. What an interpreter includes later (modules, `source`, `require`) is not seen in its arguments.

/// What comes after the interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads<'a> {
    /// This file, as the caller named it: relative to its working directory where it does not begin with `/`.
    Script(&'a str),
    /// The loader was called by its own name with a program to load.
    Program(&'a str),
    /// The text of an argument: `sh -c …`, `perl -e …`.
    Inline(&'a str),
    /// A module or class that the interpreter finds itself: `python -m`, `java -cp`.
    Module(&'a str),
    /// Standard input: a person, a pipe or a file.
    Stdin,
}

/// How the arguments of a family of interpreters are read.
struct Grammar {
    /// Options whose value is code, as single letters and as words.
    inline: (&'static str, &'static [&'static str]),
    /// Whose value names a module.
    module: (&'static str, &'static [&'static str]),
    /// Whose value is the file that is run.
    file: (&'static str, &'static [&'static str]),
    /// Whose value is something else and stands as an argument of its own.
    value: (&'static str, &'static [&'static str]),
    /// After these letters the rest of the argument is their value.
    sticky: &'static str,
    /// Options after which no operand is code.
    stdin: (&'static str, &'static [&'static str]),
    /// Without a file it reads standard input.
    reads_stdin: bool,
}

const SHELL: Grammar = Grammar {
    inline: ("c", &[]),
    module: ("", &[]),
    file: ("", &[]),
    value: ("oO", &["--rcfile", "--init-file"]),
    sticky: "",
    stdin: ("s", &[]),
    reads_stdin: true,
};
const PYTHON: Grammar = Grammar {
    inline: ("c", &[]),
    module: ("m", &[]),
    file: ("", &[]),
    value: ("WX", &["--check-hash-based-pycs"]),
    sticky: "cmWX",
    stdin: ("", &[]),
    reads_stdin: true,
};
const PERL: Grammar = Grammar {
    inline: ("eE", &[]),
    module: ("", &[]),
    file: ("", &[]),
    value: ("I", &[]),
    sticky: "IMmiFVCdDx0",
    stdin: ("", &[]),
    reads_stdin: true,
};
const RUBY: Grammar = Grammar {
    inline: ("e", &[]),
    module: ("", &[]),
    file: ("", &[]),
    value: ("IrCE", &["--encoding", "--external-encoding", "--internal-encoding"]),
    sticky: "IrCEiFKTWx0",
    stdin: ("", &[]),
    reads_stdin: true,
};
const PHP: Grammar = Grammar {
    inline: ("rBRE", &["--run", "--process-begin", "--process-code", "--process-end"]),
    module: ("", &[]),
    file: ("fF", &["--file", "--process-file"]),
    value: ("cdgtSz", &["--php-ini", "--define", "--docroot", "--server", "--zend-extension"]),
    sticky: "cdgtSz",
    stdin: ("", &[]),
    reads_stdin: true,
};
const NODE: Grammar = Grammar {
    inline: ("ep", &["--eval", "--print"]),
    module: ("", &[]),
    file: ("", &[]),
    value: ("rC", &["--require", "--import", "--loader", "--conditions", "--env-file"]),
    sticky: "",
    stdin: ("", &[]),
    reads_stdin: true,
};
const LUA: Grammar = Grammar {
    inline: ("e", &[]),
    module: ("", &[]),
    file: ("", &[]),
    value: ("l", &[]),
    sticky: "el",
    stdin: ("", &[]),
    reads_stdin: true,
};
const TCL: Grammar = Grammar {
    inline: ("", &[]),
    module: ("", &[]),
    file: ("", &[]),
    value: ("", &["-encoding"]),
    sticky: "",
    stdin: ("", &[]),
    reads_stdin: true,
};
const JAVA: Grammar = Grammar {
    inline: ("", &[]),
    module: ("m", &["--module"]),
    file: ("", &["-jar"]),
    value: ("p", &["-cp", "-classpath", "--class-path", "--module-path", "--add-modules", "--source"]),
    sticky: "XD",
    stdin: ("", &[]),
    reads_stdin: false,
};
/// Its program is no code that can do more than the shell that called it, unless it comes from a file.
const AWK: Grammar = Grammar {
    inline: ("e", &["--source"]),
    module: ("", &[]),
    file: ("f", &["--file"]),
    value: ("Fv", &["--field-separator", "--assign"]),
    sticky: "Fv",
    stdin: ("", &[]),
    reads_stdin: false,
};
const LOADER: Grammar = Grammar {
    inline: ("", &[]),
    module: ("", &[]),
    file: ("", &[]),
    value: ("", &["--library-path", "--inhibit-rpath", "--preload", "--audit", "--argv0", "--glibc-hwcaps-mask"]),
    sticky: "",
    stdin: ("", &["--list", "--verify", "--help", "--version", "--list-tunables", "--list-diagnostics"]),
    reads_stdin: false,
};

const SHELLS: [&str; 9] = ["sh", "bash", "rbash", "dash", "ash", "zsh", "ksh", "mksh", "fish"];

/// None where the program is no interpreter, or is one and runs nothing but itself. `executable` is the path of the file
/// that runs, `arguments` those after the program's own name (`argv[1..]`), `name` is `argv[0]`.
pub fn reads<'a>(executable: &str, name: &str, arguments: &[&'a str]) -> Option<Reads<'a>> {
    let base = base_of(executable);
    if base == "busybox" || base == "toybox" {
        return applet(name, arguments);
    }
    let grammar = grammar_of(base)?;
    read(grammar, arguments)
}

/// Whether the program runs code that it reads.
pub fn is_interpreter(executable: &str) -> bool {
    let base = base_of(executable);
    base == "busybox" || base == "toybox" || grammar_of(base).is_some()
}

/// `busybox sh x`, or a link named `sh`.
fn applet<'a>(name: &str, arguments: &[&'a str]) -> Option<Reads<'a>> {
    let called = base_of(name);
    if called != "busybox" && called != "toybox" {
        return read(grammar_of(called)?, arguments);
    }
    let (first, rest) = arguments.split_first()?;
    read(grammar_of(first)?, rest)
}

fn base_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim_start_matches('-')
}

fn grammar_of(base: &str) -> Option<&'static Grammar> {
    if is_loader(base) {
        return Some(&LOADER);
    }
    // Versions and the like may follow the name: python3.11, ruby3.1, php8.2, perl5.36-x86_64-linux-gnu.
    let bare = base.split(|c: char| c.is_ascii_digit()).next().unwrap_or(base).trim_end_matches(['.', '-']);
    Some(match bare {
        shell if SHELLS.contains(&shell) => &SHELL,
        "python" | "pypy" => &PYTHON,
        "perl" => &PERL,
        "ruby" => &RUBY,
        "php" | "php-cgi" => &PHP,
        "node" | "nodejs" => &NODE,
        "lua" | "luajit" | "texlua" => &LUA,
        "tclsh" | "wish" | "expect" => &TCL,
        "java" => &JAVA,
        "awk" | "gawk" | "mawk" | "nawk" => &AWK,
        _ => return None,
    })
}

/// By its ending: what an interpreter opens under such a name it is about to run.
pub fn is_script_name(path: &str) -> bool {
    const ENDINGS: [&str; 22] = [
        "sh", "bash", "zsh", "ksh", "py", "pyc", "pyw", "pl", "pm", "php", "phar", "rb", "js", "mjs", "cjs", "lua",
        "tcl", "jar", "class", "awk", "fish", "pyz",
    ];
    base_of(path).rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// The dynamic loader, by the path of its file.
pub fn is_loader(path: &str) -> bool {
    let base = base_of(path);
    let named = ["ld-linux", "ld-musl-", "ld64.so", "ld.so"].iter().any(|start| base.starts_with(start));
    named && base.contains(".so")
}

fn read<'a>(grammar: &'static Grammar, arguments: &[&'a str]) -> Option<Reads<'a>> {
    let operand = |text| operand(grammar, text);
    let mut words = arguments.iter().copied();
    // `-c` of a shell takes the first operand, after any further options.
    let mut code_is_next = false;
    while let Some(word) = words.next() {
        if word == "--" {
            let next = words.next();
            return if code_is_next { next.map(Reads::Inline) } else { next.and_then(operand).or(stdin(grammar)) };
        }
        if word == "-" && !code_is_next {
            return Some(Reads::Stdin);
        }
        let options = word.strip_prefix('-').or_else(|| is_plus(grammar, word).then(|| &word[1..]));
        let Some(options) = options.filter(|options| !options.is_empty()) else {
            return if code_is_next { Some(Reads::Inline(word)) } else { operand(word) };
        };
        let (long, attached) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => (name, Some(value)),
            _ => (word, None),
        };
        let mut value = || attached.or_else(|| words.next());
        if grammar.inline.1.contains(&long) {
            return value().map(Reads::Inline);
        } else if grammar.module.1.contains(&long) {
            return value().map(Reads::Module);
        } else if grammar.file.1.contains(&long) {
            return value().map(Reads::Script);
        } else if grammar.stdin.1.contains(&long) {
            return None;
        } else if grammar.value.1.contains(&long) {
            value();
        } else if !word.starts_with("--") {
            match cluster(grammar, options) {
                Cluster::Flags => {}
                Cluster::Code if std::ptr::eq(grammar, &SHELL) => code_is_next = true,
                Cluster::Code => return words.next().map(Reads::Inline),
                Cluster::CodeHere => return Some(Reads::Inline(word)),
                Cluster::Module("") => return words.next().map(Reads::Module),
                Cluster::Module(_) => return Some(Reads::Module(word)),
                Cluster::File("") => return words.next().map(Reads::Script),
                Cluster::File(rest) => return Some(Reads::Script(rest)),
                Cluster::Value => drop(words.next()),
                Cluster::Stdin => return Some(Reads::Stdin),
            }
        }
    }
    if code_is_next { None } else { stdin(grammar) }
}

fn operand<'a>(grammar: &'static Grammar, text: &'a str) -> Option<Reads<'a>> {
    if std::ptr::eq(grammar, &LOADER) {
        return Some(Reads::Program(text));
    }
    if std::ptr::eq(grammar, &JAVA) && !text.contains('.') && !text.contains('/') {
        return Some(Reads::Module(text));
    }
    if std::ptr::eq(grammar, &AWK) {
        return None;
    }
    Some(Reads::Script(text))
}

fn stdin<'a>(grammar: &Grammar) -> Option<Reads<'a>> {
    grammar.reads_stdin.then_some(Reads::Stdin)
}

/// `+x` turns off an option of a shell.
fn is_plus(grammar: &'static Grammar, word: &str) -> bool {
    std::ptr::eq(grammar, &SHELL) && word.len() > 1 && word.starts_with('+')
}

enum Cluster<'o> {
    Flags,
    Code,
    CodeHere,
    Module(&'o str),
    File(&'o str),
    Value,
    Stdin,
}

/// Letters behind one dash, until one that takes the rest or the next argument.
fn cluster<'o>(grammar: &'static Grammar, options: &'o str) -> Cluster<'o> {
    for (at, letter) in options.char_indices() {
        let rest = &options[at + letter.len_utf8()..];
        let sticks = grammar.sticky.contains(letter) && !rest.is_empty();
        if grammar.inline.0.contains(letter) {
            let here = sticks || (!rest.is_empty() && !std::ptr::eq(grammar, &SHELL));
            return if here { Cluster::CodeHere } else { Cluster::Code };
        }
        if grammar.module.0.contains(letter) {
            return Cluster::Module(rest);
        }
        if grammar.file.0.contains(letter) {
            return Cluster::File(rest);
        }
        if grammar.stdin.0.contains(letter) {
            return Cluster::Stdin;
        }
        if sticks {
            return Cluster::Flags;
        }
        if grammar.value.0.contains(letter) {
            return Cluster::Value;
        }
        if grammar.sticky.contains(letter) {
            return Cluster::Flags;
        }
    }
    Cluster::Flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_interpreter_is_told_to_run() {
        let check = |line: &str, expected: Option<Reads<'static>>| {
            let mut words = line.split(' ');
            let executable = words.next().unwrap();
            let arguments: Vec<&str> = words.collect();
            assert_eq!(reads(executable, executable, &arguments), expected, "{line}");
        };
        use Reads::*;
        check("/usr/bin/dash /tmp/x.sh now", Some(Script("/tmp/x.sh")));
        check("/bin/bash -x -e run", Some(Script("run")));
        check("/bin/bash +x -o pipefail run", Some(Script("run")));
        check("/bin/bash --rcfile a run", Some(Script("run")));
        check("/bin/bash -c id", Some(Inline("id")));
        check("/bin/bash -ec id", Some(Inline("id")));
        check("/bin/sh -c -e id", Some(Inline("id")));
        check("/bin/bash -- -odd", Some(Script("-odd")));
        check("/bin/bash", Some(Stdin));
        check("/bin/bash -s a b", Some(Stdin));
        check("/bin/bash -l", Some(Stdin));
        check("/usr/bin/python3.11 -u -W ignore tool.py", Some(Script("tool.py")));
        check("/usr/bin/python3.11 -c 1", Some(Inline("1")));
        check("/usr/bin/python3 -m http.server", Some(Module("http.server")));
        check("/usr/bin/python3 -", Some(Stdin));
        check("/usr/bin/perl -w -I lib a.pl", Some(Script("a.pl")));
        check("/usr/bin/perl5.36-x86_64-linux-gnu -Ilib -lne 1", Some(Inline("1")));
        check("/usr/bin/perl -i.bak -pe 1 file", Some(Inline("1")));
        check("/usr/bin/perl -MSocket -e 1", Some(Inline("1")));
        check("/usr/bin/php8.2 -d a=1 -f x.php", Some(Script("x.php")));
        check("/usr/bin/php8.2 -r 1", Some(Inline("1")));
        check("/usr/bin/node --require a b.js", Some(Script("b.js")));
        check("/usr/bin/node --eval=1", Some(Inline("1")));
        check("/usr/bin/ruby3.1 -rjson x.rb", Some(Script("x.rb")));
        check("/usr/bin/lua5.4 -l a x.lua", Some(Script("x.lua")));
        check("/usr/bin/java -Xmx1g -jar a.jar b", Some(Script("a.jar")));
        check("/usr/bin/java -cp a.jar Main", Some(Module("Main")));
        check("/usr/bin/java", None);
        check("/usr/bin/mawk -f x.awk", Some(Script("x.awk")));
        check("/usr/bin/gawk {print}", None);
        check("/bin/busybox sh x.sh", Some(Script("x.sh")));
        check("/bin/busybox ls x.sh", None);
        check("/lib64/ld-linux-x86-64.so.2 --library-path a /tmp/x", Some(Program("/tmp/x")));
        check("/lib64/ld-linux-x86-64.so.2 --list /tmp/x", None);
        check("/usr/bin/cat /tmp/x.sh", None);
        assert_eq!(reads("/bin/busybox", "sh", &["x.sh"]), Some(Script("x.sh")));
        assert_eq!(reads("/bin/bash", "-bash", &[]), Some(Stdin));
        assert!(is_interpreter("/usr/bin/python3.11") && !is_interpreter("/usr/bin/pythonist"));
    }

    proptest::proptest! {
        #[test]
        fn no_arguments_are_too_odd(name in "(sh|python3|perl|php|node|java|awk|ld.so|busybox|lua)", words in proptest::collection::vec("[-+=a-zA-Z/é ]{0,6}", 0..8)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let path = format!("/usr/bin/{name}");
            if let Some(Reads::Script(text) | Reads::Inline(text) | Reads::Program(text)) = reads(&path, &path, &words) {
                proptest::prop_assert!(words.iter().any(|word| word.contains(text)));
            }
        }
    }
}
