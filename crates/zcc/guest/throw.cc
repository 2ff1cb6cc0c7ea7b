// What a throw does in a program that was compiled with -fignore-exceptions: it says so and ends the program.
//
// WebAssembly's exceptions are not in the engine, so nothing unwinds, and no handler runs.

#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <typeinfo>

extern "C" {

void *__cxa_allocate_exception(size_t size) noexcept {
    void *memory = malloc(size);
    if (!memory) {
        abort();
    }
    return memory;
}

void __cxa_free_exception(void *memory) noexcept {
    free(memory);
}

void __cxa_throw(void *, std::type_info *type, void *(*)(void *)) {
    int status = 0;
    char *name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    fprintf(stderr, "terminate called after throwing an instance of '%s'\n", name ? name : type->name());
    abort();
}

void __cxa_rethrow() {
    fputs("terminate called without an exception\n", stderr);
    abort();
}

void *__cxa_begin_catch(void *exception) noexcept {
    return exception;
}

void __cxa_end_catch() {}
}
