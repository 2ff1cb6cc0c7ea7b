// Functions of the host that Python calls, and tools.

#include "check.h"

// What a function was called with, and by which interpreter.
typedef struct record {
    char arguments[200];
    char keywords[200];
    python_wasm *py;
    int calls;
    int finalized;
} record;

static void
finalize(void *user_data)
{
    ((record *)user_data)->finalized++;
}

static void
note(record *record, const char *arguments, const char *keywords)
{
    assert(record->finalized == 0);
    record->calls++;
    snprintf(record->arguments, sizeof record->arguments, "%s", arguments);
    snprintf(record->keywords, sizeof record->keywords, "%s", keywords);
}

static void
price(void *user_data, const char *arguments, const char *keywords, python_wasm_reply *reply)
{
    note(user_data, arguments, keywords);
    if (strstr(arguments, "apple") != NULL) {
        assert(python_wasm_reply_json(reply, "{\"price\": 1.5}") == PYTHON_WASM_OK);
    } else if (strstr(arguments, "house") != NULL) {
        assert(python_wasm_reply_error(reply, NULL, "nobody sells that") == PYTHON_WASM_OK);
    } else if (strstr(arguments, "key") != NULL) {
        assert(python_wasm_reply_error(reply, "KeyError", "key") == PYTHON_WASM_OK);
    } else if (strstr(arguments, "broken") != NULL) {
        assert(python_wasm_reply_json(reply, "{") == PYTHON_WASM_ARGUMENT);
    } else if (strstr(arguments, "bad text") != NULL) {
        assert(python_wasm_reply_error(reply, NULL, "\xff") == PYTHON_WASM_ARGUMENT);
    } else if (strstr(arguments, "null") != NULL) {
        assert(python_wasm_reply_json(reply, NULL) == PYTHON_WASM_ARGUMENT);
    }
}

static python_wasm_function
function_of(record *record)
{
    return (python_wasm_function){
        .size = sizeof(python_wasm_function),
        .name = "price",
        .description = "Returns a price.",
        .call = price,
        .user_data = record,
        .finalize = finalize,
    };
}

static void
test_reply_json(void)
{
    record record = {0};
    python_wasm_function function = function_of(&record);
    python_wasm_options options = {.size = sizeof options, .functions = &function, .function_count = 1};
    python_wasm *py = made(&options);
    runs(py, "from host import price");
    shows(py, "price('apple', 2, size='a\\0b', more=[None])", "{'price': 1.5}");
    assert(strcmp(record.arguments, "[\"apple\",2]") == 0);
    assert(strcmp(record.keywords, "{\"size\":\"a\\u0000b\",\"more\":[null]}") == 0);
    // Without a reply it is None.
    shows(py, "price()", "None");
    assert(strcmp(record.arguments, "[]") == 0 && strcmp(record.keywords, "{}") == 0);
    shows(py, "price.__doc__", "'Returns a price.'");
    FAILS(PYTHON_WASM_EXCEPTION, "TypeError", python_wasm_exec(py, "price('broken')", NULL, NULL, &error));
    FAILS(PYTHON_WASM_EXCEPTION, "TypeError", python_wasm_exec(py, "price('null')", NULL, NULL, &error));
    // What has no form in JSON is not passed.
    int calls = record.calls;
    FAILS(PYTHON_WASM_EXCEPTION, "TypeError", python_wasm_exec(py, "price({(): 1})", NULL, NULL, &error));
    assert(record.calls == calls);
    assert(python_wasm_reply_json(NULL, "1") == PYTHON_WASM_ARGUMENT);
    python_wasm_free(py);
    assert(record.finalized == 1);
}

static void
test_reply_error(void)
{
    record record = {0};
    python_wasm_function function = function_of(&record);
    python_wasm_options options = {.size = sizeof options, .functions = &function, .function_count = 1};
    python_wasm *py = made(&options);
    runs(py, "from host import price, Error");
    FAILS(PYTHON_WASM_EXCEPTION, "host.Error: nobody sells that",
          python_wasm_exec(py, "price('house')", NULL, NULL, &error));
    FAILS(PYTHON_WASM_EXCEPTION, "KeyError: 'key'", python_wasm_exec(py, "price('key')", NULL, NULL, &error));
    FAILS(PYTHON_WASM_EXCEPTION, "host.Error", python_wasm_exec(py, "price('bad text')", NULL, NULL, &error));
    runs(py, "try: price('house')\nexcept Error as error: print(error)");
    assert(python_wasm_reply_error(NULL, NULL, NULL) == PYTHON_WASM_ARGUMENT);
    python_wasm_free(py);
}

// Keeps the reply beyond its call.
static void
keep(void *user_data, const char *arguments, const char *keywords, python_wasm_reply *reply)
{
    (void)arguments, (void)keywords;
    *(python_wasm_reply **)user_data = reply;
}

static void
test_a_reply_ends_with_its_call(void)
{
    python_wasm_reply *kept = NULL;
    python_wasm_function function = {.size = sizeof function, .name = "keep", .call = keep, .user_data = &kept};
    python_wasm_options options = {.size = sizeof options, .functions = &function, .function_count = 1};
    python_wasm *py = made(&options);
    runs(py, "import host; host.keep()");
    assert(kept != NULL && python_wasm_reply_json(kept, "1") == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_reply_error(kept, NULL, "late") == PYTHON_WASM_ARGUMENT);
    python_wasm_free(py);
}

// Uses the interpreter that calls it, and another one.
static void
nested(void *user_data, const char *arguments, const char *keywords, python_wasm_reply *reply)
{
    record *record = user_data;
    char *json = NULL;
    note(record, arguments, keywords);
    FAILS(PYTHON_WASM_BUSY, "a callback cannot use the interpreter that calls it",
          python_wasm_exec(record->py, "1", NULL, NULL, &error));
    python_wasm_snapshot *snapshot;
    FAILS(PYTHON_WASM_BUSY, "a callback cannot", python_wasm_snapshot_take(record->py, &snapshot, &error));
    assert(snapshot == NULL);
    assert(python_wasm_free(record->py) == PYTHON_WASM_BUSY);
    assert(python_wasm_is_usable(record->py) == 1);
    python_wasm *other = made(NULL);
    OK(python_wasm_eval_json(other, "6 * 7", &json, &error));
    assert(python_wasm_reply_json(reply, json) == PYTHON_WASM_OK);
    python_wasm_string_free(json);
    python_wasm_free(other);
}

static void
test_a_callback_cannot_use_its_interpreter(void)
{
    record record = {0};
    python_wasm_function function = function_of(&record);
    function.call = nested;
    python_wasm_options options = {.size = sizeof options, .functions = &function, .function_count = 1};
    python_wasm *py = record.py = made(&options);
    shows(py, "__import__('host').price()", "42");
    assert(record.calls == 1);
    python_wasm_free(py);
    assert(record.finalized == 1);
}

static const char *SCHEMA =
    "{\"type\": \"object\", \"required\": [\"query\", \"shelf\"], \"properties\": {"
    "\"shelf\": {\"type\": \"integer\"}, \"query\": {\"type\": \"string\", \"description\": \"What to look for.\"},"
    "\"limit\": {\"type\": \"integer\", \"default\": 10}}}";

static void
test_tools(void)
{
    record record = {0}, unused = {0};
    python_wasm_function functions[] = {function_of(&record), function_of(&unused)};
    functions[0].name = "search";
    functions[0].schema = SCHEMA;
    python_wasm_options options = {.size = sizeof options, .functions = functions, .function_count = 2};
    python_wasm *py = made(&options);
    char *json;
    runs(py, "from host import search; import inspect");
    runs(py, "search('apple', 3, limit=2)");
    assert(strcmp(record.arguments, "[]") == 0);
    assert(strcmp(record.keywords, "{\"query\":\"apple\",\"shelf\":3,\"limit\":2}") == 0);
    runs(py, "search(shelf=1, query='pear')");
    assert(strcmp(record.keywords, "{\"shelf\":1,\"query\":\"pear\"}") == 0);
    shows(py, "str(inspect.signature(search))", "'(query, shelf, *, limit=10)'");
    FAILS(PYTHON_WASM_EXCEPTION, "search(): got an unexpected keyword argument 'most'",
          python_wasm_exec(py, "search('a', 1, most=2)", NULL, NULL, &error));
    FAILS(PYTHON_WASM_EXCEPTION, "search(): missing 1 required argument: 'shelf'",
          python_wasm_exec(py, "search('a')", NULL, NULL, &error));
    OK(python_wasm_tools(py, &json, &error));
    char *copy = json;
    assert(strstr(copy, "\"name\":\"search\"") != NULL && strstr(copy, "\"name\":\"price\"") == NULL);
    assert(strstr(copy, "\"description\":\"Returns a price.\"") != NULL);
    HAS(json, "\"default\":10");
    FAILS(PYTHON_WASM_ARGUMENT, "is NULL", python_wasm_tools(NULL, &json, &error));
    python_wasm_free(py);
}

static void
test_functions_that_cannot_be_offered(void)
{
    record record = {0};
    python_wasm_function function = function_of(&record);
    python_wasm_options options = {.size = sizeof options, .functions = &function, .function_count = 1};
    python_wasm *py;
    function.name = "no name";
    FAILS(PYTHON_WASM_CONFIG, "\"no name\"", python_wasm_new(&options, &py, &error));
    function.name = NULL;
    FAILS(PYTHON_WASM_ARGUMENT, "options->functions[0].name is NULL", python_wasm_new(&options, &py, &error));
    function = function_of(&record);
    function.call = NULL;
    FAILS(PYTHON_WASM_ARGUMENT, "options->functions[0].call is NULL", python_wasm_new(&options, &py, &error));
    function = function_of(&record);
    function.schema = "{";
    FAILS(PYTHON_WASM_ARGUMENT, "options->functions[0].schema is not JSON", python_wasm_new(&options, &py, &error));
    function.schema = "{\"type\": \"array\"}";
    FAILS(PYTHON_WASM_CONFIG, "has no \"type\": \"object\"", python_wasm_new(&options, &py, &error));
    function.schema = "{\"type\": \"object\", \"properties\": {\"a b\": {}}}";
    FAILS(PYTHON_WASM_CONFIG, "\"a b\"", python_wasm_new(&options, &py, &error));
    assert(record.finalized == 6 && record.calls == 0);
}

static void
test_limits_of_functions(void)
{
    record record = {0};
    python_wasm_function function = function_of(&record);
    python_wasm_limits limits = {.size = sizeof limits, .host_calls = 2, .host_time_ms = 60000};
    python_wasm_options options = {
        .size = sizeof options, .functions = &function, .function_count = 1, .limits = &limits};
    python_wasm *py = made(&options);
    runs(py, "from host import price; price(); price()");
    FAILS(PYTHON_WASM_EXCEPTION, "may be called 2 times",
          python_wasm_exec(py, "for _ in range(3): price()", NULL, NULL, &error));
    python_wasm_stats stats = {.size = sizeof stats};
    OK(python_wasm_get_stats(py, &stats, &error));
    assert(stats.host_ns > 0);
    python_wasm_free(py);
}

static void
test_forks_and_snapshots_share_functions(void)
{
    record record = {0}, other = {0};
    python_wasm_function function = function_of(&record);
    python_wasm_options options = {.size = sizeof options, .functions = &function, .function_count = 1};
    python_wasm *py = made(&options), *fork;
    python_wasm_snapshot *snapshot;
    runs(py, "from host import price");
    OK(python_wasm_fork(py, NULL, &fork, &error));
    OK(python_wasm_snapshot_take(py, &snapshot, &error));
    python_wasm_free(py);
    runs(fork, "price('apple')");
    assert(record.calls == 1 && record.finalized == 0);
    python_wasm_free(fork);
    assert(record.finalized == 0);
    // Functions of options replace those of the same names.
    function.user_data = &other;
    OK(python_wasm_snapshot_spawn(snapshot, &options, &fork, &error));
    python_wasm_snapshot_free(snapshot);
    assert(record.finalized == 1);
    runs(fork, "price('apple')");
    assert(record.calls == 1 && other.calls == 1);
    python_wasm_free(fork);
    assert(record.finalized == 1 && other.finalized == 1);
}

int
main(void)
{
    test_reply_json();
    test_reply_error();
    test_a_reply_ends_with_its_call();
    test_a_callback_cannot_use_its_interpreter();
    test_tools();
    test_functions_that_cannot_be_offered();
    test_limits_of_functions();
    test_forks_and_snapshots_share_functions();
    assert(python_wasm_live_handles() == 0);
    puts("all is well");
    return 0;
}
