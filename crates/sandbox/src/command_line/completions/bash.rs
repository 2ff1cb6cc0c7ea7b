//! The script for bash. It needs neither the package bash-completion nor a bash later than macOS's 3.2.

use std::fmt::Write as _;

use super::super::Description;
use super::super::entry::{Entry, Offer};

/// What does not depend on the options. bash takes a word apart at `=` and `:`; the line says what it was.
const FRAME: &str = r#"
    local line=${COMP_LINE:0:COMP_POINT} at=1 last word option= prefix=
    local -a words
    read -ra words <<<"$line"
    case $line in *[[:space:]]) words+=("") ;; esac
    last=$((${#words[@]} - 1))
    word=${words[last]}
    COMPREPLY=()
    while ((at < last)); do
        case ${words[at]} in
            @VALUED@) at=$((at + 2)) ;;
            @VALUED_INLINE@|@FLAGS@) at=$((at + 1)) ;;
            *) break ;;
        esac
    done
    if ((at > last)); then
        option=${words[last - 1]}
    elif ((at == last)); then
        case $word in
            @VALUED_INLINE@)
                option=${word%%=*}
                word=${word#*=}
                case $COMP_WORDBREAKS in *=*) ;; *) prefix=$option= ;; esac
                ;;
            -*)
                COMPREPLY=($(compgen -W "@ALL@" -- "$word"))
                return
                ;;
        esac
    fi
    local IFS=$'\n'
    case $option in
@OFFERS@        "")
            compopt -o filenames 2>/dev/null
            COMPREPLY=($(compgen -d -- "$word") $(compgen -f -X '!*@RUNS@' -- "$word"))
            ((at < last)) && COMPREPLY=($(compgen -f -- "$word"))
            ;;
    esac
    [ -z "$prefix" ] || COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
"#;

/// Returns the script.
pub(super) fn script(program: &Description) -> String {
    let with_value = |wanted| program.all().filter(move |option: &&Entry| option.takes_value() == wanted);
    let joined = |names: Vec<String>, between: &str| names.join(between);
    let valued: Vec<String> = with_value(true).map(|option| option.name.to_owned()).collect();
    let inline: Vec<String> = valued.iter().map(|name| format!("{name}=*")).collect();
    let flags: Vec<String> = with_value(false).map(|option| option.name.to_owned()).collect();
    let all: Vec<String> = program.all().map(|option| option.name.to_owned()).collect();
    let (name, function) = (program.name, program.function());
    let body = FRAME
        .replace("@VALUED_INLINE@", &joined(inline, "|"))
        .replace("@VALUED@", &joined(valued, "|"))
        .replace("@FLAGS@", &joined(flags, "|"))
        .replace("@ALL@", &joined(all, " "))
        .replace("@OFFERS@", &offers(program))
        .replace("@RUNS@", program.runs);
    format!(
        "# Completion of {name} for bash: source <({name} --completions bash)\n{function}() {{{body}}}\n\
         complete -F {function} {name}\n"
    )
}

/// The cases for the values of options: those that are offered the same stand together.
fn offers(program: &Description) -> String {
    let mut cases: Vec<(Vec<&str>, String)> = Vec::new();
    for option in program.all() {
        let reply = match option.offer() {
            Offer::NoValue => continue,
            Offer::Folders => files("-d"),
            Offer::Files => files("-f"),
            Offer::Variables => reply("-v"),
            Offer::Words(words) => reply(&format!("-W $'{}'", words.replace(' ', "\\n"))),
            Offer::Nothing => ":".to_owned(),
        };
        match cases.iter_mut().find(|(_, known)| *known == reply) {
            Some((names, _)) => names.push(option.name),
            None => cases.push((vec![option.name], reply)),
        }
    }
    cases.iter().fold(String::new(), |mut text, (names, reply)| {
        let _ = writeln!(text, "        {}) {reply} ;;", names.join("|"));
        text
    })
}

fn files(kind: &str) -> String {
    format!("compopt -o filenames 2>/dev/null; {}", reply(kind))
}

fn reply(kind: &str) -> String {
    format!("COMPREPLY=($(compgen {kind} -- \"$word\"))")
}
