/* runtime/store/schema.c - The tables of store.def as a schema; opens the store.
 *
 *     store.def   TABLE, COLUMN  ->  tables       made, or brought to this version
 *     store.def   INDEX          ->  after_...    then indexes, and words that are searched
 *     forms_make()                                then the forms of values, by the country
 *
 * SQLite finds words by separate tables, `words` of messages and `names` of contacts, which have no texts but refer to
 * the rows; triggers update them, and they know letters without their accents. PostgreSQL has indexes of what
 * STORE_PLAIN makes of the texts, and a column for the words as they stand, which queries of others use. All statements
 * have IF NOT EXISTS, so that an opening that was killed half-way is completed by the next. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/store/state.h"
#include "base/file.h"
#include "base/memory.h"
#include "runtime/vocabulary/target.h"

#define SCHEMA_DEF "runtime/store/store.def"
#include "runtime/sql/schema_rows.h"

static const char *const after_sqlite[] = {
#define INDEX(unique, name, on) "CREATE " #unique " INDEX IF NOT EXISTS " #name " ON " on,
#include "runtime/store/store.def"
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(subject, text, content = 'messages', content_rowid = 'id')",
    "CREATE VIRTUAL TABLE IF NOT EXISTS names USING fts5(name, content = 'contacts', content_rowid = 'id')",
    "CREATE TRIGGER IF NOT EXISTS names_in AFTER INSERT ON contacts BEGIN"
    " INSERT INTO names(rowid, name) VALUES(new.id, new.name); END",
    "CREATE TRIGGER IF NOT EXISTS names_out AFTER DELETE ON contacts BEGIN"
    " INSERT INTO names(names, rowid, name) VALUES('delete', old.id, old.name); END",
    "CREATE TRIGGER IF NOT EXISTS names_changed AFTER UPDATE OF name ON contacts BEGIN"
    " INSERT INTO names(names, rowid, name) VALUES('delete', old.id, old.name);"
    " INSERT INTO names(rowid, name) VALUES(new.id, new.name); END",
    "INSERT INTO names(names) VALUES('rebuild')",
    "CREATE TRIGGER IF NOT EXISTS words_in AFTER INSERT ON messages BEGIN"
    " INSERT INTO words(rowid, subject, text) VALUES(new.id, new.subject, new.text); END",
    "CREATE TRIGGER IF NOT EXISTS words_out AFTER DELETE ON messages BEGIN"
    " INSERT INTO words(words, rowid, subject, text) VALUES('delete', old.id, old.subject, old.text); END",
    "CREATE TRIGGER IF NOT EXISTS words_changed AFTER UPDATE OF subject, text ON messages BEGIN"
    " INSERT INTO words(words, rowid, subject, text) VALUES('delete', old.id, old.subject, old.text);"
    " INSERT INTO words(rowid, subject, text) VALUES(new.id, new.subject, new.text); END",
    NULL};
static const char *const after_postgres[] = {
#define INDEX(unique, name, on) "CREATE " #unique " INDEX IF NOT EXISTS " #name " ON " on,
#include "runtime/store/store.def"
    "CREATE INDEX IF NOT EXISTS messages_by_words ON messages USING gin(words)",
    "CREATE INDEX IF NOT EXISTS messages_by_plain_words ON messages USING gin(" STORE_PLAIN_WORDS("") ")",
    "CREATE INDEX IF NOT EXISTS contacts_by_plain_name ON contacts USING gin(" STORE_PLAIN_NAME("") ")", NULL};

static const struct table_schema schema = {
    .of = SQL_gcx_store,
    .tables = tables,
    .count = sizeof tables / sizeof *tables,
    .after = {[SQL_SQLITE] = after_sqlite, [SQL_POSTGRES] = after_postgres},
};

static int64_t store_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* Makes tables and forms anew after the file was replaced; that the core uses the store is noted again by
 * store_serve(), before the lease is over. */
static bool store_anew(void *self, struct error *error)
{
    struct store *store = self;
    char country[sizeof store->country];
    memcpy(country, store->country, sizeof country);
    return sql_schema_anew(store->sql, &schema, error) && forms_make(store, country, store_now_us(), error);
}

struct store *store_open(const char *target, const struct store_options *options, struct error *error)
{
    struct store *store = memory_zeroed(1, sizeof *store);
    if (sodium_init() < 0) abort();
    store->sql = sql_schema_open(target, "the contact store", &schema, options && options->there, error);
    if (store->sql && forms_make(store, options ? options->country : NULL, store_now_us(), error)) {
        sql_when_replaced(store->sql, store_anew, store);
        return store;
    }
    store_close(store);
    return NULL;
}

/* Opens the store only to read it: no table is created or changed, since gcxvm may be running with it. */
struct store *store_open_as_is(const char *target, struct error *error)
{
    const char *path = target_file(target), *why = "it is no file";
    if (!path || !file_may_be_read(path, &why)) {
        error_set(error, ERROR_UNAVAILABLE, "%s: %s", path ? path : target, why);
        return NULL;
    }
    struct store *store = memory_zeroed(1, sizeof *store);
    store->sql = sql_open(target, "the contact store", error);
    if (store->sql) return store;
    store_close(store);
    return NULL;
}

void store_close(struct store *store)
{
    struct error error;
    if (!store) return;
    /* if this fails, the core's lease at the store ends by itself */
    if (store->served != 0) store_leave(store, store->served, &error);
    sql_close(store->sql);
    free(store);
}

/* True: the error may pass: a lock, a full disk, a lost server. Bad input, an exceeded limit and something unknown
 * are mistakes of the caller, and the same request would be refused again. */
bool store_again(const struct error *error)
{
    return error->code != ERROR_INPUT && error->code != ERROR_LIMIT && error->code != ERROR_UNKNOWN;
}

/* Makes a row of random bytes, which needs the room of its length: repeated bytes would be compressed, and the test
 * of free space would fail. malloc'ed. */
static char *bulky_row(size_t length)
{
    char *text = memory_zeroed(1, length + 1);
    randombytes_buf(text, length);
    for (size_t i = 0; i < length; i++) text[i] = (char)('0' + ((unsigned char)text[i] & 63)); /* '0' to 'o' */
    return text;
}

/* Writes a row and deletes it in the same transaction: the row is gone when that ends, but its bytes were written.
 * The other tables are tested after that, when nothing is locked: by then SQLite has read their definitions anew if
 * somebody has changed them. So a full disk, a read-only file or a lost table is noticed before a customer's message
 * comes. `thorough` needs new pages, while one byte fits into an existing page. */
bool store_takes(struct store *store, bool thorough, struct error *error)
{
    static const char put[] = "INSERT INTO settings (name, value) VALUES ('look', $1)",
                      drop[] = "DELETE FROM settings WHERE name = 'look'";
    enum { MUCH = 256 * 1024 };
    char *text = bulky_row(thorough ? MUCH : 1);
    struct sql_value value = sql_text(text);
    bool good = sql_begin(store->sql, error);
    if (good) {
        good = sql_do(store->sql, error, put, &value, 1) && sql_do(store->sql, error, drop, NULL, 0);
        good = store_transaction_end(store, good, error);
    }
    free(text);
    return good && sql_schema_takes(store->sql, &schema, error);
}

bool store_group_begin(struct store *store, struct error *error)
{
    return sql_group_begin(store->sql, error);
}

bool store_group_end(struct store *store, struct error *error)
{
    return sql_group_end(store->sql, error);
}

struct sql *store_sql(struct store *store)
{
    return store->sql;
}
