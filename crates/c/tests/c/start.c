/* The least that a program does: starts Python, runs something, and ends it. */

#include <stdio.h>

#include "python_wasm.h"

int main(void) {
    python_wasm *py = NULL;
    python_wasm_error *error = NULL;
    char *printed = NULL, *json = NULL;
    if (python_wasm_new(NULL, &py, &error) != PYTHON_WASM_OK
        || python_wasm_exec(py, "x = 6 * 7; print('hi')", NULL, &printed, &error) != PYTHON_WASM_OK
        || python_wasm_eval_json(py, "x", &json, &error) != PYTHON_WASM_OK) {
        fprintf(stderr, "%s\n", python_wasm_error_message(error));
        return 1;
    }
    printf("%s%s\n", printed, json);
    python_wasm_string_free(printed);
    python_wasm_string_free(json);
    python_wasm_free(py);
    return 0;
}
