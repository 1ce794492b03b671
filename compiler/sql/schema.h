/* compiler/sql/schema.h - Shared by the two ways of checking SQL: a source's schema, and a statement's text put
 * together. Included by sql.c and postgres.c only. */
#pragma once

#include <sqlite3.h>

#include "compiler/sql/pulled.h"
#include "compiler/sql/sql.h"

enum { SQL_KNOWN_BUCKETS = 256 };

struct sql_schema {
    struct arena *arena;
    const struct source_set *sources;
    const char *name, *path; /* the source's name, and the path of its schema's file */
    bool postgres, natives;  /* the kind of the source: PostgreSQL, natives; neither: SQLite */
    /* Why a header of natives cannot be read, reported at the first statement, as `gcxc headers` makes the file;
     * NULL: it was read, or the reason was reported. */
    const char *missing;
    struct source_span named; /* where the site names it */
    /* SQLite */
    sqlite3 *database; /* NULL: it could not be loaded */
    bool loading;      /* the schema file runs, which may do more than statements may */
    long steps_left;   /* how many steps the schema's statements may still take, in thousands */
    struct sql_known *known[SQL_KNOWN_BUCKETS]; /* a hash table of the statements that were good, by their text */
    /* PostgreSQL */
    bool pull;                   /* statements are collected, not checked */
    const struct pulled *pulled; /* what the server said of the statements; NULL: the file could not be read */
    struct sql_wanted *wanted, **last;
};

/* The statement's text, and for each of its bytes the place in the source it comes from. */
struct assembly {
    char *text;
    uint32_t *places;
    size_t length, parameters;
    size_t *marks; /* the offsets of the marks that stand for values */
};

struct assembly sql_assemble(struct arena *, const struct node *sql, const struct source *, char mark);
/* The words at `offset` of a text, so that a caret covers them. */
struct source_span sql_word_at(uint32_t base, const char *text, size_t length, size_t offset);
struct source_span assembly_span(const struct assembly *, size_t offset); /* the span of the word at the offset */

void sql_postgres_load(struct sql_schema *, struct diags *, const struct source *);
/* Makes the natives of a header known as functions. */
void sql_natives_load(sqlite3 *, struct diags *, const struct source *);
bool sql_postgres_prepare(struct sql_schema *, struct diags *, const struct node *sql, struct sql_statement *);
