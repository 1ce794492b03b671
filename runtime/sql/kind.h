/* runtime/sql/kind.h - The operations of a database. Internal to the room. */
#pragma once

#include "runtime/sql/sql.h"

enum { STATEMENTS_MAX = 128 };

/* A kind names all its operations in this order: one that is forgotten would be NULL, so the room is
 * compiled with -Werror=missing-field-initializers. */
struct sql_kind {
    enum sql_dialect dialect;
    bool (*awake)(struct sql *, struct error *); /* outside a transaction: is the database reached, or reached again? */
    bool (*run)(struct sql *, const char *text, struct error *);
    bool (*prepare)(struct sql *, unsigned number, const char *text, struct error *);
    bool (*forget)(struct sql *, unsigned number); /* false: its number cannot be used again */
    /* NULL with the reason. */
    struct sql_rows *(*ask)(struct sql *, unsigned number, const struct sql_value *, size_t count, struct error *);
    bool (*next)(struct sql_rows *);
    bool (*end)(struct sql_rows *, struct error *);
    bool (*is_null)(const struct sql_rows *, int column);
    int64_t (*number)(const struct sql_rows *, int column);
    struct span (*string)(const struct sql_rows *, int column);
    struct span (*blob)(struct sql_rows *, int column);
    bool (*begin)(struct sql *, bool writes, struct error *);
    bool (*commit)(struct sql *, struct error *);
    void (*close)(struct sql *);
};

struct sql { /* the first member of each kind's own struct */
    const struct sql_kind *kind;
    const char *what;
    const char *kept[STATEMENTS_MAX]; /* by number: the text of a prepared statement; NULL: the number is free */
    unsigned count;
    int64_t changes;
    bool within;                              /* a transaction is under way */
    bool group;                               /* a group is under way: its transactions are savepoints */
    bool broken;                              /* a savepoint could not be undone, or was undone with the whole group */
    bool (*anew)(void *self, struct error *); /* sql_when_replaced(); NULL: a file that was replaced is refused */
    void *self;
};

struct sql_rows { /* the first member of each kind's rows */
    struct sql *sql;
};

struct sql *sql_open_sqlite(const char *file, const char *what, struct error *);
struct sql *sql_open_postgres(const char *conninfo, const char *what, struct error *);
