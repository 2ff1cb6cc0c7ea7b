// Handles that were freed or never were any, and threads that meet at one interpreter.

#include "check.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static void
test_freed_and_foreign_handles_are_refused(void)
{
    python_wasm *py = made(NULL), *other;
    python_wasm_snapshot *snapshot, *taken;
    python_wasm_pool *pool;
    int thing = 0;
    OK(python_wasm_snapshot_take(py, &snapshot, &error));
    OK(python_wasm_pool_new(snapshot, 1, &pool, &error));
    assert(python_wasm_free(py) == PYTHON_WASM_OK);
    python_wasm_snapshot_free(snapshot);
    python_wasm_pool_free(pool);
    python_wasm *wrong[] = {py, (python_wasm *)&thing, (python_wasm *)snapshot, (python_wasm *)(uintptr_t)1};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert(python_wasm_free(wrong[i]) == PYTHON_WASM_ARGUMENT);
        assert(python_wasm_interrupt(wrong[i]) == PYTHON_WASM_ARGUMENT);
        assert(python_wasm_terminate(wrong[i]) == PYTHON_WASM_ARGUMENT);
        assert(python_wasm_is_usable(wrong[i]) == 0);
        FAILS(PYTHON_WASM_ARGUMENT, "the interpreter was freed, or is not one of this library's",
              python_wasm_exec(wrong[i], "1", NULL, NULL, &error));
        FAILS(PYTHON_WASM_ARGUMENT, "the interpreter was freed", python_wasm_snapshot_take(wrong[i], &taken, &error));
    }
    assert(python_wasm_snapshot_free(snapshot) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_snapshot_free((python_wasm_snapshot *)py) == PYTHON_WASM_ARGUMENT);
    assert(python_wasm_snapshot_free(NULL) == PYTHON_WASM_OK);
    FAILS(PYTHON_WASM_ARGUMENT, "the snapshot was freed", python_wasm_snapshot_spawn(snapshot, NULL, &other, &error));
    FAILS(PYTHON_WASM_ARGUMENT, "the pool was freed", python_wasm_pool_checkout(pool, 0, &other, &error));
}

static void
test_null_is_refused_by_every_function(void)
{
    // All of them take NULL and 0 for everything.
    python_wasm_status statuses[] = {
        python_wasm_new(NULL, NULL, NULL),
        python_wasm_prepare(NULL, NULL, NULL, NULL),
        python_wasm_interrupt(NULL),
        python_wasm_terminate(NULL),
        python_wasm_set_limits(NULL, NULL, NULL),
        python_wasm_get_limits(NULL, NULL, NULL),
        python_wasm_exec(NULL, NULL, NULL, NULL, NULL),
        python_wasm_run_file(NULL, NULL, NULL, NULL),
        python_wasm_run_module(NULL, NULL, NULL, 0, NULL, NULL),
        python_wasm_eval_json(NULL, NULL, NULL, NULL),
        python_wasm_repr(NULL, NULL, NULL, NULL),
        python_wasm_set_json(NULL, NULL, NULL, NULL),
        python_wasm_call_json(NULL, NULL, NULL, NULL, NULL, NULL),
        python_wasm_stdout(NULL, NULL, NULL, NULL),
        python_wasm_stderr(NULL, NULL, NULL, NULL),
        python_wasm_get_stats(NULL, NULL, NULL),
        python_wasm_reply_json(NULL, NULL),
        python_wasm_reply_error(NULL, NULL, NULL),
        python_wasm_tools(NULL, NULL, NULL),
        python_wasm_file_read(NULL, NULL, NULL, NULL, NULL, NULL),
        python_wasm_file_write(NULL, NULL, NULL, NULL, 0, NULL),
        python_wasm_file_entry(NULL, NULL, NULL, NULL, NULL),
        python_wasm_file_remove(NULL, NULL, NULL, NULL),
        python_wasm_folder_create(NULL, NULL, NULL, NULL),
        python_wasm_folder_list(NULL, NULL, NULL, NULL, NULL),
        python_wasm_overlay_diff(NULL, NULL, NULL, NULL),
        python_wasm_overlay_commit(NULL, NULL, NULL, NULL),
        python_wasm_overlay_discard(NULL, NULL, NULL),
        python_wasm_snapshot_take(NULL, NULL, NULL),
        python_wasm_checkpoint(NULL, NULL, NULL),
        python_wasm_snapshot_spawn(NULL, NULL, NULL, NULL),
        python_wasm_fork(NULL, NULL, NULL, NULL),
        python_wasm_restore(NULL, NULL, NULL),
        python_wasm_snapshot_save(NULL, NULL, NULL),
        python_wasm_snapshot_to_bytes(NULL, NULL, NULL, NULL),
        python_wasm_snapshot_load(NULL, NULL, NULL),
        python_wasm_snapshot_from_bytes(NULL, 0, NULL, NULL),
        python_wasm_resume(NULL, NULL, NULL, NULL),
        python_wasm_resume_bytes(NULL, 0, NULL, NULL, NULL),
        python_wasm_snapshot_inspect(NULL, NULL, NULL),
        python_wasm_pool_new(NULL, 0, NULL, NULL),
        python_wasm_pool_checkout(NULL, 0, NULL, NULL),
    };
    for (size_t i = 0; i < COUNT(statuses); i++) {
        if (statuses[i] != PYTHON_WASM_ARGUMENT) {
            fprintf(stderr, "%zu: %s\n", i, python_wasm_status_name(statuses[i]));
            abort();
        }
    }
    assert(python_wasm_snapshot_inspect_bytes(NULL, 0, NULL, NULL) == PYTHON_WASM_SNAPSHOT);
    assert(python_wasm_snapshot_size(NULL) == 0 && python_wasm_is_usable(NULL) == 0);
}

// An interpreter whose function waits until it may return.
typedef struct meeting {
    python_wasm *py;
    atomic_int is_inside;
    atomic_int may_go;
    atomic_int has_left;
    atomic_int finalized;
} meeting;

static void
pause_a_little(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static void
wait_inside(void *user_data, const char *arguments, const char *keywords, python_wasm_reply *reply)
{
    meeting *meeting = user_data;
    (void)arguments, (void)keywords, (void)reply;
    meeting->is_inside = 1;
    while (!meeting->may_go) {
        pause_a_little();
    }
    assert(!meeting->finalized);
    meeting->has_left = 1;
}

static void
finalize(void *user_data)
{
    ((meeting *)user_data)->finalized++;
}

static void *
run(void *user_data)
{
    meeting *meeting = user_data;
    return (void *)(uintptr_t)python_wasm_exec(meeting->py, "import host\nwhile True: host.wait()", NULL, NULL, NULL);
}

static void
begin(meeting *meeting, pthread_t *thread)
{
    python_wasm_function function = {.size = sizeof function,
                                     .name = "wait",
                                     .call = wait_inside,
                                     .user_data = meeting,
                                     .finalize = finalize};
    python_wasm_options options = {.size = sizeof options, .functions = &function, .function_count = 1};
    meeting->py = made(&options);
    assert(pthread_create(thread, NULL, run, meeting) == 0);
    while (!meeting->is_inside) {
        pause_a_little();
    }
}

static void *
let_go(void *user_data)
{
    // Free waits for the callback by then.
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    ((meeting *)user_data)->may_go = 1;
    return NULL;
}

static void
test_a_second_thread_is_refused_and_may_free(void)
{
    meeting meeting = {0};
    pthread_t thread, other;
    void *status;
    begin(&meeting, &thread);
    FAILS(PYTHON_WASM_BUSY, "another thread uses the interpreter",
          python_wasm_exec(meeting.py, "1", NULL, NULL, &error));
    assert(python_wasm_is_usable(meeting.py) == 1);
    assert(pthread_create(&other, NULL, let_go, &meeting) == 0);
    assert(python_wasm_free(meeting.py) == PYTHON_WASM_OK);
    // The callback has returned, and will not be called again.
    assert(meeting.has_left && meeting.finalized == 1);
    assert(pthread_join(thread, &status) == 0);
    assert((uintptr_t)status == PYTHON_WASM_INTERRUPTED);
    assert(pthread_join(other, NULL) == 0);
}

static void *
many(void *snapshot)
{
    for (int i = 0; i < 5; i++) {
        python_wasm *py;
        OK(python_wasm_snapshot_spawn(snapshot, NULL, &py, &error));
        shows(py, "x", "7");
        python_wasm_free(py);
    }
    return NULL;
}

static void
test_threads_share_a_snapshot(void)
{
    python_wasm *py = made(NULL);
    python_wasm_snapshot *snapshot;
    pthread_t threads[4];
    runs(py, "x = 7");
    OK(python_wasm_snapshot_take(py, &snapshot, &error));
    python_wasm_free(py);
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert(pthread_create(&threads[i], NULL, many, snapshot) == 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert(pthread_join(threads[i], NULL) == 0);
    }
    python_wasm_snapshot_free(snapshot);
}

int
main(void)
{
    test_null_is_refused_by_every_function();
    test_freed_and_foreign_handles_are_refused();
    test_a_second_thread_is_refused_and_may_free();
    test_threads_share_a_snapshot();
    assert(python_wasm_live_handles() == 0);
    puts("all is well");
    return 0;
}
