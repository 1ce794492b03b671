/* compiler/sql/sql.c - Loads a schema into a database in memory, and prepares statements against it (SQLite).
 *
 * A statement is checked by the database that will run it: the schema is run in SQLite in memory, and SQLite
 * prepares the statement with its parameters. Both texts come from outside: an authorizer allows only what such
 * statements need, a step counter stops endless ones, and nothing outside of memory is reached. PostgreSQL's
 * statements are checked from their description instead (pulled.c).
 *
 * An author's statement is pieces of text and values in turn. For the database the values become ?1, ?2
 * (sql_assemble), and for each character of that text its place in the source is stored, so that SQLite's complaint
 * about byte 17 becomes a caret under the author's word. */
#include "compiler/sql/schema.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "runtime/sql/lite.h"
#include "base/near.h"

enum { SCHEMA_STEPS = 50 * 1000 * 1000, STEPS_A_CALL = 1000, TEXT_LIMIT = 1024 * 1024 };

/* Allows or denies an action: a strategy's statement may take these actions; the schema file may create things, too.
 * Neither can reach anything outside the database in memory. */
static int sql_allow(void *context, int action, const char *what, const char *name, const char *database,
                     const char *by)
{
    const struct sql_schema *schema = context;
    (void)what, (void)database, (void)by;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return name && strcasecmp(name, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_PRAGMA:
        return SQLITE_DENY;
    default:
        return schema->loading ? SQLITE_OK : SQLITE_DENY;
    }
}

/* Stops a schema that never comes to an end. */
static int count_steps(void *context)
{
    struct sql_schema *schema = context;
    return --schema->steps_left <= 0;
}

static sqlite3 *open_in_memory(struct sql_schema *schema)
{
    sqlite3 *database = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY;
    int result = sqlite3_open_v2(":memory:", &database, flags, NULL);
    if (result != SQLITE_OK) {
        sqlite3_close(database);
        return NULL;
    }
    sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, TEXT_LIMIT);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_set_authorizer(database, sql_allow, schema);
    sqlite3_progress_handler(database, STEPS_A_CALL, count_steps, schema);
    return database;
}

/* Runs the schema's statements one after the other; returns false, and reports, at the first that fails. */
static bool run_schema(sqlite3 *database, struct diags *diags, const struct source *source)
{
    const char *rest = source->text;
    while (*rest) {
        sqlite3_stmt *statement = NULL;
        const char *next = rest;
        int result = sqlite3_prepare_v2(database, rest, -1, &statement, &next);
        while (result == SQLITE_OK && statement && (result = sqlite3_step(statement)) == SQLITE_ROW) result = SQLITE_OK;
        if (result != SQLITE_OK && result != SQLITE_DONE) {
            int offset = sqlite3_error_offset(database);
            size_t at = (size_t)(rest - source->text) + (size_t)(offset < 0 ? 0 : offset);
            while (offset < 0 && isspace((unsigned char)source->text[at])) at++;
            diag_report(diags, SCHEMA_WRONG, sql_word_at(source->base, source->text, source->length, at),
                        sqlite3_errmsg(database));
            sqlite3_finalize(statement);
            return false;
        }
        sqlite3_finalize(statement);
        if (next == rest) break;
        rest = next;
    }
    return true;
}

static void load_sqlite(struct sql_schema *schema, struct diags *diags, const struct source *source,
                        struct source_span span)
{
    sqlite3 *database = open_in_memory(schema);
    if (!database) {
        diag_report(diags, SCHEMA_UNREADABLE, span, schema->path, "SQLite does not start");
        return;
    }
    schema->loading = true;
    schema->steps_left = SCHEMA_STEPS / STEPS_A_CALL;
    bool good = schema->natives || run_schema(database, diags, source);
    if (schema->natives) sql_natives_load(database, diags, source);
    schema->loading = false;
    schema->steps_left = SCHEMA_STEPS / STEPS_A_CALL;
    if (good)
        schema->database = database;
    else
        sqlite3_close(database);
}

/* Returns the path of the schema's file in the site's folder. */
static const char *sql_path(struct arena *arena, const struct source_set *sources, struct word path)
{
    const char *site = source_set_at(sources, path.span.begin)->path, *slash = strrchr(site, '/');
    int folder = *path.text != '/' && slash ? (int)(slash - site) + 1 : 0;
    return arena_printf(arena, "%.*s%s", folder, site, path.text);
}

struct sql_schema *sql_schema_load(struct arena *arena, struct diags *diags, struct source_set *sources,
                                   const struct node *node, bool pull)
{
    assert(node->kind == NODE_SITE_SOURCE);
    struct sql_schema *schema = ARENA_NEW(arena, struct sql_schema);
    struct word path = node->site_source.schema;
    const char *why = NULL;
    schema->arena = arena;
    schema->sources = sources;
    schema->name = node->site_source.name.text;
    schema->path = sql_path(arena, sources, path);
    schema->postgres = node->site_source.kind.text && strcmp(node->site_source.kind.text, "postgres") == 0;
    schema->natives = node->site_source.kind.text && strcmp(node->site_source.kind.text, "natives") == 0;
    schema->pull = pull && schema->postgres;
    schema->last = &schema->wanted;
    if (schema->pull) return schema;
    const struct source *source = source_set_find(sources, schema->path);
    if (!source) source = source_set_read(sources, schema->path, &why);
    if (!source && schema->natives) {
        schema->missing = why;
        schema->named = path.span;
    } else if (!source) {
        struct diag *diag = diag_report(diags, SCHEMA_UNREADABLE, path.span, schema->path, why);
        if (schema->postgres) diag_hint(diag, "run: gcxc schema pull --source %s", schema->name);
    } else if (schema->postgres) {
        sql_postgres_load(schema, diags, source);
    } else {
        load_sqlite(schema, diags, source, path.span);
    }
    return schema;
}

void sql_schema_close(struct sql_schema *schema)
{
    if (schema) sqlite3_close(schema->database);
}

bool sql_schema_is_postgres(const struct sql_schema *schema)
{
    return schema->postgres;
}

const char *sql_schema_path(const struct sql_schema *schema)
{
    return schema->path;
}

void sql_schema_columns(const struct sql_schema *schema, void *self,
                        void (*visit)(void *self, const char *table, const char *column, const char *type))
{
    static const char columns[] =
        "select m.name, c.name, c.type from sqlite_master m, pragma_table_info(m.name) c "
        "where m.type in ('table', 'view') and m.name not glob 'sqlite_*' order by m.rowid, c.cid";
    if (!schema || !schema->database) return;
    sqlite3_set_authorizer(schema->database, NULL, NULL); /* the question is ours */
    sqlite3_stmt *rows = lite_ask(schema->database, columns);
    while (lite_next(rows)) visit(self, lite_text(rows, 0), lite_text(rows, 1), lite_text(rows, 2));
    sqlite3_finalize(rows);
    sqlite3_set_authorizer(schema->database, sql_allow, (void *)schema);
}

static bool sql_contains(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; text && *text; text++)
        if (strncasecmp(text, part, length) == 0) return true;
    return false;
}

/* Returns the type by SQLite's own rule for the affinity of a declared type (datatype3.html, 3.1), where that rule
 * guarantees the type of stored values. */
static enum sql_type sql_type_of(const char *declared)
{
    if (sql_contains(declared, "int")) return SQL_INTEGER;
    if (sql_contains(declared, "char") || sql_contains(declared, "clob") || sql_contains(declared, "text"))
        return SQL_TEXT;
    if (sql_contains(declared, "blob")) return SQL_BLOB;
    if (sql_contains(declared, "real") || sql_contains(declared, "floa") || sql_contains(declared, "doub"))
        return SQL_REAL;
    return SQL_ANY;
}

/* True: the column is an "integer primary key", which is the row's own number and never null, though not declared
 * so. */
static bool is_row_number(sqlite3 *database, const char *table, const char *column)
{
    sqlite3_stmt *statement = lite_ask(database, "select rowid from \"%w\"", table);
    const char *origin = statement ? sqlite3_column_origin_name(statement, 0) : NULL;
    bool is = origin && sqlite3_stricmp(origin, column) == 0;
    sqlite3_finalize(statement);
    return is;
}

static bool sql_nullable(sqlite3 *database, sqlite3_stmt *statement, int column)
{
    const char *table = sqlite3_column_table_name(statement, column);
    const char *origin = sqlite3_column_origin_name(statement, column);
    int not_null = 0, key = 0, automatic = 0;
    const char *type = NULL, *collation = NULL;
    if (!table || !origin) return true;
    int result = sqlite3_table_column_metadata(database, sqlite3_column_database_name(statement, column), table, origin,
                                               &type, &collation, &not_null, &key, &automatic);
    return result != SQLITE_OK || !(not_null || (key && is_row_number(database, table, origin)));
}

/* Describes the statement's columns; an outer join can make any column null. It is enough that the statement
 * contains such a word: a wrong "may be null" costs the author a question mark, a wrong "is never null" an error at
 * run time. */
static void sqlite_describe(struct arena *arena, sqlite3 *database, sqlite3_stmt *statement,
                            struct sql_statement *result)
{
    int count = sqlite3_column_count(statement);
    struct sql_column *columns = ARENA_ARRAY(arena, struct sql_column, (size_t)count + 1);
    const char *text = sqlite3_sql(statement);
    bool outer_join = sql_contains(text, "left") || sql_contains(text, "right") || sql_contains(text, "full");
    for (int i = 0; i < count; i++) {
        const char *name = sqlite3_column_name(statement, i);
        columns[i].name = arena_intern(arena, name, strlen(name));
        columns[i].type = sql_type_of(sqlite3_column_decltype(statement, i));
        columns[i].null = outer_join || sql_nullable(database, statement, i) ? SQL_NULL : SQL_NOT_NULL;
    }
    result->columns = columns;
    result->column_count = (size_t)count;
    result->writes = !sqlite3_stmt_readonly(statement);
}

/* Returns a `?`, `:x`, `@x` or `$x` written by the author: no value belongs to it. */
static const char *foreign_parameter(struct arena *arena, sqlite3_stmt *statement, size_t parameters)
{
    int count = sqlite3_bind_parameter_count(statement);
    for (int i = 1; i <= count; i++) {
        const char *name = sqlite3_bind_parameter_name(statement, i);
        if (!name) return (size_t)i > parameters ? "?" : NULL;
        if (*name != '?' || (size_t)i > parameters) return arena_printf(arena, "%s", name);
    }
    return NULL;
}

/* Returns the first value that is no parameter of the statement: '{x}' is a piece of text to the database. NULL:
 * none. */
static const struct node *quoted_value(const struct node *sql, sqlite3_stmt *statement, size_t parameters)
{
    assert(sql->kind == NODE_SQL);
    size_t number = 0, place = 0;
    EACH_NODE (part, sql->sql.parts) {
        if (place++ % 2 == 0) continue; /* pieces of text and values take turns */
        if (++number > parameters || !sqlite3_bind_parameter_name(statement, (int)number)) return part;
    }
    return NULL;
}

static bool sql_is_blank(const char *text)
{
    while (isspace((unsigned char)*text) || *text == ';') text++;
    return *text == '\0';
}

/* Returns the offset of a whole word in the statement; the statement's length where it does not contain the word. */
static size_t find_word(const struct assembly *assembly, const char *word)
{
    size_t length = strlen(word);
    for (size_t at = 0; length > 0 && at + length <= assembly->length; at++) {
        bool begins = at == 0 || !(isalnum((unsigned char)assembly->text[at - 1]) || assembly->text[at - 1] == '_');
        size_t end = sql_word_at(0, assembly->text, assembly->length, at).end;
        if (begins && end == at + length && strncasecmp(assembly->text + at, word, length) == 0) return at;
    }
    return assembly->length;
}

/* Returns the table or column that was perhaps meant by an unknown name. */
static const char *sql_near_name(const struct sql_schema *schema, const char *unknown)
{
    static const char NAMES[] =
        "select name from sqlite_schema where type in ('table', 'view') union all "
        "select c.name from sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table'";
    const char *nearest = NULL;
    uint32_t closest = UINT32_MAX;
    sqlite3_set_authorizer(schema->database, NULL, NULL); /* the question is ours */
    sqlite3_stmt *names = lite_ask(schema->database, NAMES);
    while (lite_next(names)) {
        const char *name = lite_text(names, 0);
        if (name && near_is_nearer(unknown, name, &closest)) nearest = arena_copy(schema->arena, name, strlen(name));
    }
    sqlite3_finalize(names);
    sqlite3_set_authorizer(schema->database, sql_allow, (void *)schema);
    return nearest;
}

/* Reports SQLite's message at its place; for an unknown table SQLite gives no place, but its name, which is
 * searched. */
static void report_wrong(const struct sql_schema *schema, struct diags *diags, const struct node *sql,
                         const struct assembly *assembly)
{
    int offset = sqlite3_error_offset(schema->database);
    if (sqlite3_errcode(schema->database) == SQLITE_AUTH) {
        diag_report(diags, SQL_FORBIDDEN, offset < 0 ? sql->span : assembly_span(assembly, (size_t)offset));
        return;
    }
    const char *message = arena_printf(schema->arena, "%s", sqlite3_errmsg(schema->database));
    const char *colon = strncmp(message, "no such ", 8) == 0 ? strstr(message, ": ") : NULL;
    const char *name = colon ? strrchr(colon, '.') ? strrchr(colon, '.') + 1 : colon + 2 : NULL;
    size_t found = name ? find_word(assembly, name) : assembly->length;
    if (offset < 0 && found < assembly->length) offset = (int)found;
    struct diag *diag =
        diag_report(diags, SQL_WRONG, offset < 0 ? sql->span : assembly_span(assembly, (size_t)offset), message);
    const char *near = name ? sql_near_name(schema, name) : NULL;
    if (near)
        diag_did_you_mean(diag, near, (struct source_span){0, 0});
    else if (name && strncmp(message, "no such column", 14) == 0)
        diag_hint(diag, "a value of the strategy stands in braces: {%s}", name);
}

static bool check_prepared(struct arena *arena, struct diags *diags, const struct node *sql,
                           const struct assembly *assembly, sqlite3_stmt *statement, const char *rest)
{
    const struct node *quoted;
    const char *foreign = statement ? foreign_parameter(arena, statement, assembly->parameters) : NULL;
    if (!statement)
        diag_report(diags, SQL_EMPTY, sql->span);
    else if (!sql_is_blank(rest))
        diag_report(diags, SQL_SEVERAL, assembly_span(assembly, (size_t)(rest - assembly->text)));
    else if (foreign)
        diag_report(diags, SQL_PARAMETER, sql->span, foreign);
    else if ((quoted = quoted_value(sql, statement, assembly->parameters)))
        diag_hint(diag_report(diags, SQL_QUOTED, quoted->span), "leave the quotes away: values are bound");
    else
        return true;
    return false;
}

/* A correct statement; one that is written in many strategies is prepared once. */
struct sql_known {
    struct sql_statement statement;
    struct sql_known *next;
};

/* Returns the link to the statement of that text, or the end of its bucket. */
static struct sql_known **sql_known_place(struct sql_schema *schema, const struct assembly *assembly)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < assembly->length; i++) hash = (hash ^ (uint8_t)assembly->text[i]) * 16777619u;
    struct sql_known **at = &schema->known[hash % SQL_KNOWN_BUCKETS];
    for (; *at; at = &(*at)->next) {
        const struct sql_statement *known = &(*at)->statement;
        if (known->text.length == assembly->length && known->parameters == assembly->parameters &&
            memcmp(known->text.bytes, assembly->text, assembly->length) == 0)
            break;
    }
    return at;
}

bool sql_prepare(struct sql_schema *schema, struct diags *diags, const struct node *sql, struct sql_statement *result)
{
    if (schema->postgres) return sql_postgres_prepare(schema, diags, sql, result);
    struct arena *arena = schema->arena;
    struct assembly assembly = sql_assemble(arena, sql, source_set_at(schema->sources, sql->span.begin), '?');
    *result = (struct sql_statement){.text = {assembly.text, assembly.length}, .parameters = assembly.parameters};
    sqlite3_stmt *statement = NULL;
    const char *rest = assembly.text;
    if (schema->missing)
        diag_hint(diag_report(diags, SCHEMA_UNREADABLE, schema->named, schema->path, schema->missing),
                  "make it: gcxc headers -o %s FILE", schema->path);
    schema->missing = NULL;
    if (!schema->database) return false;
    struct sql_known **known = sql_known_place(schema, &assembly);
    if (*known) {
        *result = (*known)->statement;
        return true;
    }
    if (sqlite3_prepare_v2(schema->database, assembly.text, -1, &statement, &rest) != SQLITE_OK) {
        report_wrong(schema, diags, sql, &assembly);
        return false;
    }
    bool good = check_prepared(arena, diags, sql, &assembly, statement, rest);
    if (good) {
        sqlite_describe(arena, schema->database, statement, result);
        result->calls = schema->natives;
        *known = ARENA_NEW(arena, struct sql_known);
        (*known)->statement = *result;
    }
    sqlite3_finalize(statement);
    return good;
}
