/* compiler/cli/libpq.c - Loads PostgreSQL's library by the name that all its versions since 8.2 have. */
#include "compiler/cli/libpq.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "runtime/vocabulary/target_fault.h"
#include "base/shown.h"

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

static void libpq_on_notice(void *self, const char *text)
{
    (void)self, (void)text;
}

/* Returns the fault of a connection string, before the string is used; NULL: none. libpq's own messages quote the
 * string, and in one that cannot be read any word may be a password: the port in postgresql://user:word/db. */
static const char *connect_wrong(const struct libpq *pq, const char *text)
{
    static const char *const wrong[] = {NULL, "holds a password", "has a port that is no number"};
    PQconninfoOption *options = pq->PQconninfoParse(text, NULL);
    const char *fault = options ? wrong[target_fault(options)] : "cannot be read";
    pq->PQconninfoFree(options);
    return fault;
}

PGconn *libpq_connect(const struct libpq *pq, const char *option, const char *text)
{
    const char *is_wrong = connect_wrong(pq, text);
    if (is_wrong) {
        shown_print(stderr,
                    "gcxc: --%s %s; expected \"host=HOST dbname=NAME user=NAME\" or postgresql://USER@HOST/NAME, and "
                    "the password, which others could see there, in PGPASSFILE or PGPASSWORD\n",
                    option, is_wrong);
        return NULL;
    }
    const char *keys[] = {"connect_timeout", "fallback_application_name", "client_encoding", "dbname", NULL};
    const char *values[] = {"10", "gcxc", "UTF8", text, NULL}; /* the last one wins */
    PGconn *pg = pq->PQconnectdbParams(keys, values, 1);
    pq->PQsetNoticeProcessor(pg, libpq_on_notice, NULL);
    if (pq->PQstatus(pg) == CONNECTION_OK) return pg;
    shown_print(stderr, "gcxc: %s", pq->PQerrorMessage(pg));
    pq->PQfinish(pg);
    return NULL;
}
