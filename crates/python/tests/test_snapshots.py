"""Snapshots, forks and pools."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import python_wasm as pw


def test_sandboxes_go_on_from_a_snapshot_and_see_nothing_of_each_other(sb: pw.Sandbox) -> None:
    sb.exec("import json\nx = [1]\nopen('/tmp/f', 'w').write('file')")
    snapshot = sb.snapshot()
    one, two = snapshot.spawn(), snapshot.spawn()
    one.exec("x.append(2); open('/tmp/f', 'w').write('changed')")
    assert (sb["x"], one["x"], two["x"]) == ([1], [1, 2], [1])
    assert two.files["/tmp"].read("f") == b"file"
    child = one.fork()
    assert child["x"] == [1, 2]
    sb.restore(child.snapshot())
    assert sb["x"] == [1, 2]
    for each in (one, two, child):
        each.close()


def test_a_snapshot_is_kept_in_a_file_and_as_bytes(sb: pw.Sandbox, tmp_path: Path) -> None:
    sb["x"] = {"a": (1, None)}
    snapshot = sb.snapshot()
    path = tmp_path / "s.snap"
    snapshot.save(path)
    assert path.read_bytes() == bytes(snapshot)
    for copy in (pw.Snapshot.load(str(path)), pw.Snapshot.from_bytes(bytes(snapshot)), snapshot.settled()):
        with copy.spawn() as other:
            assert other["x"] == {"a": (1, None)}
    for wrong in (b"", b"nonsense", bytes(snapshot)[:-1]):
        with pytest.raises(pw.SnapshotError):
            pw.Snapshot.from_bytes(wrong)
    with pytest.raises(TypeError):
        sb.restore(b"")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        pw.Snapshot()


def test_a_loaded_snapshot_runs_on_the_default_engine(sb: pw.Sandbox) -> None:
    source = "sum(range(100))"
    with sb.snapshot().spawn() as spawned, pw.Snapshot.from_bytes(bytes(sb.snapshot())).spawn() as loaded:
        # Each engine counts fuel in units of its own.
        assert spawned.exec(source).stats.fuel == loaded.exec(source).stats.fuel


def test_a_saved_sandbox_is_resumed_with_folders_tools_and_streams(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("of the host")
    mounts = {"/data": pw.ReadOnly(tmp_path)}
    path = tmp_path / "s.snap"
    answer = pw.tool(name="answer")(lambda: 42)
    with pw.Sandbox(mounts=mounts, tools=[answer]) as sb:
        sb.exec("from host import answer; x = 1")
        sb.snapshot().save(path)
    with pytest.raises(pw.SnapshotError, match="/data"):
        pw.Snapshot.load(path)
    lines: list[str] = []
    with pw.Sandbox.resume(path, mounts=mounts, tools=[answer], stdout=lines.append, timeout=0.5) as sb:
        sb.exec("print(x, answer(), open('/data/a').read())")
        assert lines == ["1 42 of the host"]
        with pytest.raises(pw.Timeout):
            sb.exec("while True: pass")


def test_a_pool_gives_a_fresh_sandbox_each_time(sb: pw.Sandbox) -> None:
    sb["n"] = 0
    with pw.Pool(sb.snapshot(), 2) as pool:
        seen: list[int] = []

        def work() -> None:
            for _ in range(5):
                with pool.checkout() as sandbox:
                    seen.append(sandbox.exec("n += 1; n").value)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [1] * 20
        with pool.checkout() as one, pool.checkout() as two:
            with pytest.raises(TimeoutError):
                pool.checkout(timeout=0.1)
            assert one["n"] == two["n"] == 0
    with pytest.raises(pw.SandboxError, match="closed"):
        pool.checkout()
    for wrong in (0, -1, True, "2"):
        with pytest.raises(ValueError):
            pw.Pool(sb.snapshot(), wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        pw.Pool(b"", 1)  # type: ignore[arg-type]


def test_runs_can_be_the_same_every_time() -> None:
    source = "import random, time\n(random.random(), time.time())"
    runs = []
    for _ in range(2):
        with pw.Sandbox(seed=7, clock=1_000_000.0) as sb:
            out = sb.exec(source)
            runs.append((out.value, out.stats.fuel))
    assert runs[0] == runs[1]
    assert int(runs[0][0][1]) == 1_000_000
