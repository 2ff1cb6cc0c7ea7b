// Files of a sandbox's folders, and the changes in an overlay.

#include "check.h"

// A folder of the host with the file `a`.
static const char *folder;

static void
test_file_write_and_file_read(void)
{
    python_wasm *py = made(NULL);
    unsigned char *content;
    size_t size;
    // Before Python starts, with any bytes.
    OK(python_wasm_file_write(py, "/tmp", "f", "a\0\xff", 3, &error));
    shows(py, "open('/tmp/f', 'rb').read()", "b'a\\x00\\xff'");
    runs(py, "with open('/tmp/f', 'ab') as f: f.write(b'\\0z')");
    OK(python_wasm_file_read(py, "/tmp", "f", &content, &size, &error));
    assert(size == 5 && memcmp(content, "a\0\xff\0z", 6) == 0);
    python_wasm_bytes_free(content);
    OK(python_wasm_file_write(py, "/tmp", "f", NULL, 0, &error));
    OK(python_wasm_file_read(py, "/tmp", "f", &content, &size, &error));
    assert(size == 0 && content != NULL);
    python_wasm_bytes_free(content);
    FAILS(PYTHON_WASM_IO, "cannot read \"none\" in /tmp", python_wasm_file_read(py, "/tmp", "none", &content, &size, &error));
    assert(content == NULL);
    FAILS(PYTHON_WASM_ARGUMENT, "no folder is mounted at \"/none\"",
          python_wasm_file_read(py, "/none", "f", &content, &size, &error));
    FAILS(PYTHON_WASM_IO, "../f", python_wasm_file_write(py, "/tmp", "../f", "", 0, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the content are NULL", python_wasm_file_write(py, "/tmp", "f", NULL, 1, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "cannot be", python_wasm_file_write(py, "/tmp", "f", "", SIZE_MAX, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the place of the content is NULL",
          python_wasm_file_read(py, "/tmp", "f", NULL, &size, &error));
    python_wasm_free(py);
}

static void
test_folder_create_folder_list_and_file_entry(void)
{
    python_wasm *py = made(NULL);
    char *json;
    OK(python_wasm_folder_create(py, "/tmp", "sub", &error));
    OK(python_wasm_file_write(py, "/tmp", "sub/b", "12", 2, &error));
    OK(python_wasm_file_write(py, "/tmp", "a", "1", 1, &error));
    runs(py, "import os; os.symlink('a', '/tmp/link')");
    OK(python_wasm_folder_list(py, "/tmp", ".", &json, &error));
    HAS(json, "{\"kind\":\"file\",\"name\":\"a\",\"size\":1},{\"kind\":\"link\",\"name\":\"link\"");
    OK(python_wasm_folder_list(py, "/tmp", "sub", &json, &error));
    IS(json, "[{\"kind\":\"file\",\"name\":\"b\",\"size\":2}]");
    OK(python_wasm_file_entry(py, "/tmp", "sub", &json, &error));
    HAS(json, "\"kind\":\"folder\"");
    FAILS(PYTHON_WASM_IO, "cannot list \"none\"", python_wasm_folder_list(py, "/tmp", "none", &json, &error));
    FAILS(PYTHON_WASM_IO, "cannot find \"none\"", python_wasm_file_entry(py, "/tmp", "none", &json, &error));
    FAILS(PYTHON_WASM_IO, "cannot make \"sub\"", python_wasm_folder_create(py, "/tmp", "sub", &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the path is NULL", python_wasm_folder_create(py, "/tmp", NULL, &error));
    python_wasm_free(py);
}

static void
test_file_remove(void)
{
    python_wasm *py = made(NULL);
    OK(python_wasm_file_write(py, "/tmp", "f", "1", 1, &error));
    OK(python_wasm_file_remove(py, "/tmp", "f", &error));
    FAILS(PYTHON_WASM_IO, "cannot remove \"f\"", python_wasm_file_remove(py, "/tmp", "f", &error));
    OK(python_wasm_folder_create(py, "/tmp", "sub", &error));
    OK(python_wasm_file_remove(py, "/tmp", "sub", &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the mount is NULL", python_wasm_file_remove(py, NULL, "f", &error));
    python_wasm_free(py);
}

static void
test_a_lost_sandbox_still_has_its_files(void)
{
    python_wasm *py = made(NULL);
    unsigned char *content;
    size_t size;
    FAILS(PYTHON_WASM_EXIT, "3", python_wasm_exec(py, "open('/tmp/f', 'w').write('kept'); import os; os._exit(3)",
                                                  NULL, NULL, &error));
    OK(python_wasm_file_read(py, "/tmp", "f", &content, &size, &error));
    assert(size == 4 && memcmp(content, "kept", 4) == 0);
    python_wasm_bytes_free(content);
    python_wasm_free(py);
}

static void
test_overlay_diff_overlay_discard_and_overlay_commit(void)
{
    python_wasm_mount mount = {.size = sizeof mount, .host = folder, .guest = "/data", .access = PYTHON_WASM_OVERLAY};
    python_wasm_options options = {.size = sizeof options, .mounts = &mount, .mount_count = 1};
    python_wasm *py = made(&options);
    char *json, path[4096];
    runs(py, "open('/data/a', 'w').write('changed')");
    OK(python_wasm_overlay_diff(py, "/data", &json, &error));
    IS(json, "[{\"kind\":\"changed\",\"path\":\"a\"}]");
    OK(python_wasm_overlay_discard(py, "/data", &error));
    shows(py, "open('/data/a').read()", "'from a file'");
    runs(py, "open('/data/new', 'w').write('committed')");
    OK(python_wasm_overlay_commit(py, "/data", &json, &error));
    IS(json, "[{\"kind\":\"added\",\"path\":\"new\"}]");
    OK(python_wasm_overlay_diff(py, "/data", &json, &error));
    IS(json, "[]");
    OK(python_wasm_overlay_commit(py, "/data", NULL, &error));
    snprintf(path, sizeof path, "%s/new", folder);
    assert(remove(path) == 0);
    FAILS(PYTHON_WASM_ARGUMENT, "no overlay is mounted at \"/tmp\"", python_wasm_overlay_diff(py, "/tmp", &json, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "no overlay", python_wasm_overlay_commit(py, "/tmp", &json, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "no overlay", python_wasm_overlay_discard(py, "/tmp", &error));
    python_wasm_free(py);
}

int
main(int argc, char **argv)
{
    assert(argc == 2);
    folder = argv[1];
    test_file_write_and_file_read();
    test_folder_create_folder_list_and_file_entry();
    test_file_remove();
    test_a_lost_sandbox_still_has_its_files();
    test_overlay_diff_overlay_discard_and_overlay_commit();
    assert(python_wasm_live_handles() == 0);
    puts("all is well");
    return 0;
}
