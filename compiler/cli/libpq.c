/* compiler/cli/libpq.c - PostgreSQL's library is found by the name that all its versions since 8.2 have. */
#include "compiler/cli/libpq.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static struct libpq functions;

static const struct {
    const char *symbol;
    size_t offset;
} places[] = {
#define FUNCTION(symbol) {#symbol, offsetof(struct libpq, symbol)},
#include "compiler/cli/libpq.def"
};

const struct libpq *libpq_load(void)
{
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library && i < sizeof places / sizeof *places; i++) {
        void *function = dlsym(library, places[i].symbol);
        if (!function) library = NULL;
        memcpy((char *)&functions + places[i].offset, &function, sizeof function);
    }
    if (library) return &functions;
    fprintf(stderr, "gcxc: cannot load PostgreSQL's library: %s; install it (Debian: libpq5)\n", dlerror());
    return NULL;
}
