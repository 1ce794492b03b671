/* compiler/sql/schema.h - For both ways of checking SQL: a source's schema, and a statement assembled to one text.
 * Only the files of sql/ that check statements include it. */
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
    /* Why a header of natives cannot be read; this is reported at the first statement, since `gcxc headers` may
     * still have to make the file; NULL: the header was read, or the reason was reported. */
    const char *missing;
    struct source_span named; /* the place in the site where the source is declared */
    /* SQLite */
    sqlite3 *database; /* SQLite's database in memory; NULL: it could not be loaded */
    bool loading;      /* the schema file is being run, which may do more than a statement may */
    long steps_left;   /* how many more steps the schema's statements may take, in thousands */
    struct sql_known *known[SQL_KNOWN_BUCKETS]; /* a hash table of the statements that were correct, by their text */
    /* PostgreSQL */
    bool pull;                   /* statements are only collected, without a check */
    const struct pulled *pulled; /* the server's descriptions of the statements; NULL: the file could not be read */
    struct sql_wanted *wanted, **last;
};

/* The statement's text, and for each of its bytes the place in the source from which it comes. */
struct assembly {
    char *text;
    uint32_t *places;
    size_t length, parameters;
    size_t *marks; /* the offsets of the marks that replace values */
};

struct assembly sql_assemble(struct arena *, const struct node *sql, const struct source *, char mark);
/* Returns the span of the word at `offset` of a text, for the caret below it. */
struct source_span sql_word_at(uint32_t base, const char *text, size_t length, size_t offset);
/* returns the span of the word at the offset */
struct source_span assembly_span(const struct assembly *, size_t offset);

void sql_postgres_load(struct sql_schema *, struct diags *, const struct source *);
/* Adds the natives of a header as functions to the database. */
void sql_natives_load(sqlite3 *, struct diags *, const struct source *);
bool sql_postgres_prepare(struct sql_schema *, struct diags *, const struct node *sql, struct sql_statement *);
