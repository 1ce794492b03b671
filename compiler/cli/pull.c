/* compiler/cli/pull.c - gcxc schema pull: prepares every statement of a source at the server, and stores the answer.
 * On the server only questions to its catalogue are executed.
 *
 *     per statement:  PQprepare -> PQdescribePrepared -> types of parameters and columns by the catalogue
 *     refused:        the server's sentence becomes a diagnostic at its place in the source
 *     all good:       the file of the schema is written; with one refusal it stays as it was
 *
 * So a program is compiled against the types that the server really has, and needs no server at compile time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/command.h"
#include "compiler/cli/file.h"
#include "compiler/cli/libpq.h"
#include "compiler/cli/sites.h"
#include "compiler/compilation.h"
#include "compiler/sql/pulled.h"
#include "base/memory.h"
#include "base/shown.h"

static const struct libpq *pq;

struct pull {
    struct compilation *compilation;
    struct arena *arena;
    PGconn *pg;
    struct pulled_statement *statements;
    size_t count;
    bool broken;
};

static enum exit_code pull_wrong(const char *what, const char *which)
{
    shown_print(stderr, "gcxc: %s%s%s\n", what, which ? " " : "", which ? which : "");
    return EXIT_PROBLEMS;
}

/* Returns the catalogue's answer to a query with two numbers; NULL after an error, which is printed. */
static char *pull_ask(struct pull *pull, const char *question, unsigned one, int other)
{
    char first[16], second[16];
    const char *values[] = {first, second};
    char *answer = NULL;
    snprintf(first, sizeof first, "%u", one);
    snprintf(second, sizeof second, "%d", other);
    PGresult *result = pq->PQexecParams(pull->pg, question, 2, NULL, values, NULL, NULL, 0);
    if (pq->PQresultStatus(result) == PGRES_TUPLES_OK && pq->PQntuples(result) == 1)
        answer = arena_copy(pull->arena, pq->PQgetvalue(result, 0, 0), (size_t)pq->PQgetlength(result, 0, 0));
    else if (!pull->broken) {
        shown_print(stderr, "gcxc: the server's catalogue does not answer: %s", pq->PQerrorMessage(pull->pg));
        pull->broken = true;
    }
    pq->PQclear(result);
    return answer ? answer : "";
}

/* A domain counts as the type on which it is based. */
static void type_take(struct pull *pull, struct sql_column *column, Oid type)
{
    column->type_text = pull_ask(pull,
                                 "select pg_catalog.format_type(case typtype when 'd' then typbasetype else oid end, "
                                 "nullif($2::int4, 0)) from pg_catalog.pg_type where oid = $1::oid",
                                 type, 0);
    column->type = pulled_type(column->type_text);
}

/* Returns whether the column may be null: a table's column as its declaration says; after a join that makes up rows
 * it is not known. */
static enum sql_null null_of(struct pull *pull, const PGresult *result, int column, bool outer_join)
{
    const char *answer;
    if (pq->PQftable(result, column) == InvalidOid) return SQL_NULL_UNKNOWN;
    answer = pull_ask(
        pull,
        "select coalesce((select a.attnotnull or (t.typtype = 'd' and t.typnotnull) from "
        "pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid join pg_catalog.pg_class c "
        "on c.oid = a.attrelid where a.attrelid = $1::oid and a.attnum = $2::int2 and c.relkind <> 'v'), false)",
        pq->PQftable(result, column), pq->PQftablecol(result, column));
    return *answer != 't' ? SQL_NULL : outer_join ? SQL_NULL_UNKNOWN : SQL_NOT_NULL;
}

static void pull_describe(struct pull *pull, const struct sql_wanted *wanted, const PGresult *result)
{
    struct pulled_statement *statement = &pull->statements[pull->count++];
    int parameters = pq->PQnparams(result), columns = pq->PQnfields(result);
    struct sql_column *of = ARENA_ARRAY(pull->arena, struct sql_column, (size_t)(parameters + columns + 1));
    statement->text = sql_wanted_text(wanted);
    pulled_hash(statement->text, statement->hash);
    statement->parameters = of;
    statement->parameter_count = (size_t)parameters;
    for (int i = 0; i < parameters; i++) type_take(pull, &of[i], pq->PQparamtype(result, i));
    of += parameters;
    statement->columns = of;
    statement->column_count = (size_t)columns;
    for (int i = 0; i < columns; i++) {
        of[i].name = arena_copy(pull->arena, pq->PQfname(result, i), strlen(pq->PQfname(result, i)));
        type_take(pull, &of[i], pq->PQftype(result, i));
        of[i].null = null_of(pull, result, i, sql_wanted_outer_join(wanted));
    }
}

/* Turns the server's position, which counts characters, into an offset in bytes. */
static size_t offset_of(const char *text, const char *position)
{
    size_t at = 0;
    unsigned long characters = position ? strtoul(position, NULL, 10) : 0;
    if (characters == 0) return strlen(text);
    for (; text[at] && --characters > 0; at++)
        while ((text[at + 1] & 0xc0) == 0x80) at++;
    return at;
}

/* Reports an error; without a message of the server the connection has failed: the whole pull ends. */
static void pull_refused(struct pull *pull, const struct sql_wanted *wanted, const PGresult *result)
{
    const char *message = pq->PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!message) { /* not the statement's fault */
        if (!pull->broken) shown_print(stderr, "gcxc: %s", pq->PQerrorMessage(pull->pg));
        pull->broken = true;
        return;
    }
    compilation_refused(
        pull->compilation, wanted,
        offset_of(sql_wanted_text(wanted).bytes, pq->PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION)),
        arena_copy(pull->arena, message, strcspn(message, "\n")));
}

static void pull_prepare(struct pull *pull, const struct sql_wanted *wanted)
{
    PGresult *result = pq->PQprepare(pull->pg, "", sql_wanted_text(wanted).bytes, 0, NULL);
    if (pq->PQresultStatus(result) == PGRES_COMMAND_OK) {
        pq->PQclear(result);
        result = pq->PQdescribePrepared(pull->pg, "");
    }
    if (pq->PQresultStatus(result) == PGRES_COMMAND_OK)
        pull_describe(pull, wanted, result);
    else
        pull_refused(pull, wanted, result);
    pq->PQclear(result);
}

static bool pull_store(const struct pull *pull, const char *source, const char *path)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = memory_stream(&text, &length);
    bool good;
    pulled_write(out, source, pull->statements, pull->count);
    good = fclose(out) == 0 && file_write(path, (const uint8_t *)text, length);
    free(text);
    if (good) printf("%s: %zu statement%s\n", path, pull->count, pull->count == 1 ? "" : "s");
    return good;
}

static enum exit_code pull_from(struct pull *pull, const struct options *options, const struct sql_schema *schema)
{
    const char *path = options->output ? options->output : sql_schema_path(schema);
    size_t count = 0;
    if (!file_may_replace(path, "gcx schema", "description of statements")) return EXIT_PROBLEMS;
    for (const struct sql_wanted *at = NULL; (at = sql_wanted_next(schema, at));) count++;
    pull->arena = compilation_arena(pull->compilation);
    pull->statements = ARENA_ARRAY(pull->arena, struct pulled_statement, count + 1);
    pq = libpq_load();
    pull->pg = pq ? libpq_connect(pq, "connect", options->connect) : NULL;
    if (!pull->pg) return EXIT_PROBLEMS;
    for (const struct sql_wanted *at = NULL; !pull->broken && (at = sql_wanted_next(schema, at));)
        pull_prepare(pull, at);
    pq->PQfinish(pull->pg);
    if (compilation_print(pull->compilation, stderr) > 0 || pull->broken) return EXIT_PROBLEMS;
    return pull_store(pull, options->source, path) ? EXIT_GOOD : EXIT_PROBLEMS;
}

enum exit_code cli_schema(const struct options *options)
{
    struct pull pull = {0};
    struct compile_options how = {.site = options->site, .check_only = true, .pull = options->source};
    const struct sql_schema *schema;
    enum exit_code code = EXIT_PROBLEMS;
    if (strcmp(options->paths[0], "pull") != 0 || options->path_count < 2 || !options->source || !options->connect) {
        fputs("gcxc: expected: gcxc schema pull --source NAME --connect CONNINFO PATH...; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    struct sites sites = sites_open(options->paths + 1, options->path_count - 1, options->site);
    const struct site_files *files = sites_one(&sites);
    pull.compilation = files ? compiler_compile((const char *const *)files->paths, files->count, &how) : NULL;
    sites_close(&sites);
    if (!pull.compilation) return EXIT_USAGE;
    schema = compilation_schema(pull.compilation, options->source);
    if (compilation_errors(pull.compilation) > 0)
        compilation_print(pull.compilation, stderr);
    else if (!schema)
        code = pull_wrong("the site has no source", options->source);
    else if (!sql_schema_is_postgres(schema))
        code = pull_wrong("the site does not say that it is PostgreSQL's: source NAME postgres schema \"FILE\"; source",
                          options->source);
    else
        code = pull_from(&pull, options, schema);
    compilation_free(pull.compilation);
    return code;
}
