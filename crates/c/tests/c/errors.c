// What an error tells.

#include "check.h"

// Returns the error of source that fails.
static python_wasm_error *
failed(python_wasm *py, const char *source)
{
    python_wasm_error *error;
    assert(python_wasm_exec(py, source, "plugin.py", NULL, &error) != PYTHON_WASM_OK && error != NULL);
    return error;
}

static void
part(const char *text, const char *wanted)
{
    if (text == NULL || strstr(text, wanted) == NULL) {
        fprintf(stderr, "%s has no %s\n", text == NULL ? "NULL" : text, wanted);
        abort();
    }
}

static void
test_error_of_an_exception(void)
{
    python_wasm *py = made(NULL);
    const char *source = "import json\ntry:\n    1 / 0\nexcept ZeroDivisionError as error:\n"
                         "    error.add_note('a note')\n    json.loads('{')";
    python_wasm_error *error = failed(py, source);
    assert(python_wasm_error_status(error) == PYTHON_WASM_EXCEPTION);
    assert(strcmp(python_wasm_error_type(error), "json.decoder.JSONDecodeError") == 0);
    const char *message = python_wasm_error_message(error);
    part(message, "json.decoder.JSONDecodeError: Expecting property name");
    assert(strchr(message, '\n') == NULL);
    part(python_wasm_error_traceback(error), "Traceback (most recent call last):\n  File \"plugin.py\", line 3");
    assert(python_wasm_error_exit_status(error) == 0 && python_wasm_error_number(error) == 0);
    const char *json = python_wasm_error_json(error);
    part(json, "\"status\":\"exception\"");
    part(json, "\"type\":\"json.decoder.JSONDecodeError\"");
    part(json, "\"file\":\"plugin.py\"");
    part(json, "\"notes\":[\"a note\"]");
    part(json, "\"text\":\"division by zero\"");
    // The strings are the same until the error is freed, whatever else happens.
    runs(py, "pass");
    python_wasm_free(py);
    assert(python_wasm_error_message(error) == message);
    part(message, "JSONDecodeError");
    python_wasm_error_free(error);
}

static void
test_error_without_a_message(void)
{
    python_wasm *py = made(NULL);
    python_wasm_error *error = failed(py, "raise KeyError");
    assert(strcmp(python_wasm_error_message(error), "KeyError") == 0);
    python_wasm_error_free(error);
    error = failed(py, "raise ValueError('a\\0b')");
    assert(strcmp(python_wasm_error_message(error), "ValueError: a\xef\xbf\xbd" "b") == 0);
    python_wasm_error_free(error);
    python_wasm_free(py);
}

static void
test_error_exit_status(void)
{
    python_wasm *py = made(NULL);
    python_wasm_error *error = failed(py, "import sys; sys.exit(7)");
    assert(python_wasm_error_status(error) == PYTHON_WASM_EXIT && python_wasm_error_exit_status(error) == 7);
    assert(python_wasm_error_type(error) == NULL && python_wasm_error_traceback(error) == NULL);
    part(python_wasm_error_json(error), "\"exit_status\":7");
    python_wasm_error_free(error);
    python_wasm_free(py);
}

static void
test_error_number(void)
{
    python_wasm_error *error;
    python_wasm_mount mount = {.size = sizeof mount, .host = "/no/such/folder", .guest = "/data"};
    python_wasm_options options = {.size = sizeof options, .mounts = &mount, .mount_count = 1};
    python_wasm *py;
    assert(python_wasm_new(&options, &py, &error) == PYTHON_WASM_CONFIG);
    assert(python_wasm_error_number(error) == ENOENT);
    part(python_wasm_error_json(error), "\"errno\":2");
    python_wasm_error_free(error);
}

static void
test_every_status_that_code_can_cause(void)
{
    python_wasm *py = made(NULL);
    FAILS(PYTHON_WASM_TRAP, "python stopped", python_wasm_exec(py, "import sys, _python_wasm\n"
          "vars(_python_wasm).clear()\nsys.modules.clear()", NULL, NULL, &error));
    python_wasm_free(py);
}

static void
test_error_free_and_what_is_no_error(void)
{
    python_wasm *py = made(NULL);
    python_wasm_error *error = failed(py, "1 / 0");
    python_wasm_error_free(error);
    python_wasm_error_free(error);
    python_wasm_error_free(NULL);
    python_wasm_error *none[] = {NULL, error, (python_wasm_error *)py};
    for (size_t i = 0; i < COUNT(none); i++) {
        assert(python_wasm_error_status(none[i]) == PYTHON_WASM_ARGUMENT);
        assert(python_wasm_error_message(none[i]) == NULL && python_wasm_error_traceback(none[i]) == NULL);
        assert(python_wasm_error_type(none[i]) == NULL && python_wasm_error_json(none[i]) == NULL);
        assert(python_wasm_error_number(none[i]) == 0 && python_wasm_error_exit_status(none[i]) == 0);
    }
    python_wasm_free(py);
}

int
main(void)
{
    test_error_of_an_exception();
    test_error_without_a_message();
    test_error_exit_status();
    test_error_number();
    test_every_status_that_code_can_cause();
    test_error_free_and_what_is_no_error();
    assert(python_wasm_live_handles() == 0);
    puts("all is well");
    return 0;
}
