"""Files in the folders of a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

import python_wasm as pw


def test_files_go_in_and_out(tmp_path: Path) -> None:
    (tmp_path / "host").write_text("of the host")
    mounts: dict[str, pw.Mount] = {
        "/memory": pw.Memory(), "/overlay": pw.Overlay(tmp_path), "/host": pw.ReadWrite(tmp_path),
    }  # fmt: skip
    with pw.Sandbox(mounts=mounts) as sb:
        for name in mounts:
            files = sb.files[name]
            files.write("in", b"\0\xff")
            sb.exec(f"open('{name}/out', 'wb').write(open('{name}/in', 'rb').read() * 2)")
            assert files.read("out") == b"\0\xff\0\xff"
            files.write("text", "é")
            assert files.read_text("text") == "é"
            files.mkdir("folder")
            files.write("folder/deep", bytearray(b"x"))
            assert pw.Entry("folder", "folder", files.entry("folder").size) in files.list()
            assert files.list("folder") == [pw.Entry("deep", "file", 1)]
            with pytest.raises(OSError):
                files.remove("folder")
            files.remove("folder/deep")
            files.remove("folder")
        assert (tmp_path / "out").read_bytes() == b"\0\xff\0\xff"


def test_an_overlay_is_reviewed_and_committed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")
    with pw.Sandbox(mounts={"/data": pw.Overlay(tmp_path)}) as sb:
        files = sb.files["/data"]
        sb.exec("open('/data/a', 'w').write('after'); open('/data/b', 'w').write('new')")
        assert files.diff() == [pw.Change("a", "changed"), pw.Change("b", "added")]
        assert (tmp_path / "a").read_text() == "before"
        assert files.commit() == [pw.Change("a", "changed"), pw.Change("b", "added")]
        assert (tmp_path / "a").read_text() == "after"
        files.remove("b")
        assert files.diff() == [pw.Change("b", "removed")]
        files.discard()
        assert files.diff() == []
        assert (tmp_path / "b").exists()


def test_what_is_not_allowed_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(secret)
    with pw.Sandbox(mounts={"/data": pw.ReadOnly(folder), "/rw": pw.ReadWrite(folder)}, disk=1000) as sb:
        for name in ("/data", "/rw"):
            for path in ("link", "../secret", str(secret)):
                with pytest.raises(OSError):
                    sb.files[name].read(path)
                with pytest.raises(OSError):
                    sb.files[name].write(path, b"x")
        with pytest.raises(OSError):
            sb.files["/data"].write("new", b"x")
        with pytest.raises(pw.DiskLimit):
            sb.files["/rw"].write("new", bytes(2000))
        with pytest.raises(ValueError, match="no folder is mounted"):
            sb.files["/nowhere"].read("a")
        with pytest.raises(ValueError, match="no overlay is mounted"):
            sb.files["/rw"].diff()
        with pytest.raises(TypeError):
            sb.files["/rw"].write("a", 3)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            sb.files["/rw"].read(3)  # type: ignore[arg-type]
    assert secret.read_text() == "secret"


def test_a_granted_package_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "package.py").write_text("answer = 42")
    with pw.Sandbox(mounts={"/site": pw.ReadOnly(str(tmp_path))}, env={"PYTHONPATH": "/site"}) as sb:
        assert sb.exec("import package; package.answer").value == 42


def test_files_and_modules_are_run(tmp_path: Path) -> None:
    with pw.Sandbox(mounts={"/work": pw.Memory()}) as sb:
        sb.files["/work"].write("main.py", "import sys\nx = 5\nprint(sys.argv)")
        assert sb.run_file("/work/main.py").stdout == "['/work/main.py']\n"
        assert sb["x"] == 5
        assert "January 2024" in sb.run_module("calendar", "2024", "1").stdout
