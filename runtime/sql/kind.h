/* runtime/sql/kind.h - The operations of a kind of SQL database. Internal to the room. */
#pragma once

#include "runtime/sql/sql.h"

enum { STATEMENTS_MAX = 256 };

/* A kind lists all its operations in this order: a forgotten one would be NULL, so this folder is compiled with
 * -Werror=missing-field-initializers. */
struct sql_kind {
    enum sql_dialect dialect;
    /* outside a transaction: can the database be reached, if need be by reconnecting? */
    bool (*awake)(struct sql *, struct error *);
    bool (*run)(struct sql *, const char *text, struct error *);
    bool (*prepare)(struct sql *, unsigned number, const char *text, struct error *);
    bool (*forget)(struct sql *, unsigned number); /* frees a prepared statement; false: its number cannot be reused */
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

struct sql { /* the first member of each kind's own database struct */
    const struct sql_kind *kind;
    const char *what;
    const char *kept[STATEMENTS_MAX]; /* texts of the prepared statements by number; NULL: the number is free */
    unsigned count;
    int64_t changes;
    bool within; /* true: a transaction is under way */
    bool group;  /* true: a group is under way, in which transactions are savepoints */
    /* true: a savepoint could not be undone, or was undone with the whole group */
    bool broken;
    bool (*anew)(void *self, struct error *); /* callback of sql_when_replaced(); NULL: a replaced file is refused */
    void *self;
};

struct sql_rows { /* the first member of each kind's own rows struct */
    struct sql *sql;
};

struct sql *sql_open_sqlite(const char *file, const char *what, struct error *);
struct sql *sql_open_sqlite_still(const char *file, const char *what, struct error *);
struct sql *sql_open_postgres(const char *conninfo, const char *what, struct error *);
