"""Files in and out, pictures, and folders of the host."""

from __future__ import annotations

import base64
from pathlib import Path

import anyio
import pytest
from conftest import Client, details_of, images_of, links_of, server, text_of, with_server
from mcp import MCPError
from mcp.types import BlobResourceContents, EmbeddedResource, TextResourceContents

DRAW = """
import struct, zlib

def png(path, width, height, colour):
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    rows = b''.join(b'\\0' + bytes(colour) * width for _ in range(height))
    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    with open(path, 'wb') as file:
        file.write(b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', header) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
"""


@with_server()
async def test_files_go_in_and_out(client: Client) -> None:
    data = bytes(range(256)) * 100
    assert not (await client.write_file(path="in.csv", text="apple,1.5\npear,0.5\n")).is_error
    assert not (await client.write_file(path="/work/a/b/data.bin", base64=base64.b64encode(data).decode())).is_error
    code = "import csv\nrows = list(csv.reader(open('in.csv')))\nraw = open('a/b/data.bin', 'rb').read()\n"
    assert await client.run(code + "rows[0], len(raw), raw[255]") == "(['apple', '1.5'], 25600, 255)"
    await client.run("open('out.txt', 'w').write('caf\\u00e9')\nopen('a/out.bin', 'wb').write(raw[::-1])")
    assert text_of(await client.read_file(path="out.txt")) == "caf\u00e9"
    embedded = (await client.read_file(path="/work/a/out.bin")).content[0]
    assert isinstance(embedded, EmbeddedResource) and isinstance(embedded.resource, BlobResourceContents)
    assert base64.b64decode(embedded.resource.blob) == data[::-1]
    listed = (await client.list_files()).structured_content
    assert listed == {
        "files": [
            {"path": "a/b/data.bin", "size": 25600},
            {"path": "a/out.bin", "size": 25600},
            {"path": "in.csv", "size": 19},
            {"path": "out.txt", "size": 5},
        ]
    }


@with_server("--max-disk", "1")
async def test_what_cannot_be_written_or_read_is_refused(client: Client) -> None:
    await client.run("x = 1")
    for arguments, text in (
        ({"path": "../../etc/x", "text": ""}, "cannot"),
        ({"path": "/etc/passwd", "text": ""}, "cannot"),
        ({"path": "", "text": ""}, "cannot"),
        ({"path": "f"}, "text or base64"),
        ({"path": "f", "text": "", "base64": ""}, "text or base64"),
        ({"path": "f", "base64": "?"}, "base64"),
        ({"path": "f", "text": "x" * (2 << 20)}, "1 MiB"),
        ({"path": "f", "text": "", "session": "a b"}, "not a name"),
    ):
        result = await client.write_file(**arguments)
        assert result.is_error and text in text_of(result), arguments
    for path in ("missing", "..", "/etc/passwd", "../x"):
        result = await client.read_file(path=path)
        assert result.is_error and path in text_of(result)
    assert (await client.read_file(path="f", session="missing")).is_error
    assert await client.run("x") == "1"


@with_server()
async def test_a_picture_is_shown_linked_and_a_resource(client: Client) -> None:
    await client.run(DRAW)
    result = await client.run_python(code="png('plot.png', 4, 3, (255, 0, 0))\npng('a b.png', 1, 1, (0, 0, 0))")
    assert len(images_of(result)) == 2
    assert all(image.mime_type == "image/png" for image in images_of(result))
    plot = base64.b64decode(images_of(result)[1].data)
    assert plot.startswith(b"\x89PNG\r\n\x1a\n") and plot[16:24] == bytes([0, 0, 0, 4, 0, 0, 0, 3])
    uris = ["python-wasm://main/a%20b.png", "python-wasm://main/plot.png"]
    assert [str(link.uri) for link in links_of(result)] == uris == details_of(result)["pictures"]
    resources = (await client.session.list_resources()).resources
    assert [(str(each.uri), each.mime_type, each.size) for each in resources][1] == (uris[1], "image/png", len(plot))
    read = (await client.session.read_resource(uris[1])).contents[0]
    assert isinstance(read, BlobResourceContents)
    assert base64.b64decode(read.blob) == plot and read.mime_type == "image/png"
    assert base64.b64decode(images_of(await client.read_file(path="plot.png"))[0].data) == plot
    assert "notifications/resources/list_changed" in client.notifications
    # Only what is new is shown.
    assert images_of(await client.run_python(code="1")) == []
    assert len(images_of(await client.run_python(code="png('plot.png', 4, 3, (0, 255, 0))"))) == 1
    await client.undo(steps=3)
    assert (await client.session.list_resources()).resources == []


@with_server()
async def test_any_file_is_a_resource_by_the_template(client: Client) -> None:
    template = (await client.session.list_resource_templates()).resource_templates[0]
    assert template.uri_template == "python-wasm://{session}/{+path}"
    await client.write_file(path="sub/notes.txt", text="hello")
    await client.write_file(path="drawing.svg", text="<svg/>")
    read = (await client.session.read_resource("python-wasm://main/sub/notes.txt")).contents[0]
    assert isinstance(read, TextResourceContents) and read.text == "hello"
    read = (await client.session.read_resource("python-wasm://main/drawing.svg")).contents[0]
    assert isinstance(read, TextResourceContents) and read.mime_type == "image/svg+xml"
    for wrong in ("python-wasm://main/missing", "python-wasm://other/x", "file:///etc/passwd", "python-wasm://main/../x"):
        with pytest.raises(MCPError):
            await client.session.read_resource(wrong)


def test_folders_of_the_host_are_what_is_granted(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "in.txt").write_text("of the host")
    (tmp_path / "out").mkdir()

    async def main() -> None:
        folder = str(tmp_path)
        async with server(
            f"--ro-dir={folder}/data::/data", f"--dir={folder}/out::/out", f"--overlay-dir={folder}/data::/copy"
        ) as client:
            assert await client.run("open('/data/in.txt').read()") == "'of the host'"
            assert "Error" in await client.run("open('/data/x', 'w')")
            await client.run("open('/out/x', 'w').write('1')\nopen('/copy/in.txt', 'w').write('changed')")
            assert (await client.run("open('/copy/in.txt').read()")) == "'changed'"
            assert (await client.run("open('/copy/in.txt').read()", session="other")) == "'of the host'"

    anyio.run(main)
    assert (tmp_path / "out" / "x").read_text() == "1"
    assert (tmp_path / "data" / "in.txt").read_text() == "of the host"
    assert not (tmp_path / "data" / "x").exists()


def test_sessions_import_from_a_site(tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text("def greet(): return 'hello'\n")

    async def main() -> None:
        async with server("--site", str(tmp_path)) as client:
            assert await client.run("import greeting; greeting.greet()") == "'hello'"

    anyio.run(main)


def test_every_session_begins_after_what_was_prepared(tmp_path: Path) -> None:
    (tmp_path / "prelude.py").write_text("import os\ndef greet(): return 'hello ' + os.environ['WHO']\n")

    async def main() -> None:
        async with server("--prelude", str(tmp_path / "prelude.py"), "--env", "WHO=ada") as client:
            assert await client.run("greet()") == "'hello ada'"
            assert await client.run("greet()", session="other") == "'hello ada'"

    anyio.run(main)
