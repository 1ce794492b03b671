/* runtime/sources/source.c - All data sources by name and their statements by hash; gives each query to the kind of
 * its source.
 *
 *     Query (effect) --> sources_query: name, hash --> query_new --> kind->ask ... source_answer --> EventDone (event)
 *                                   '--> refused at once: no such source, no such statement, too many wait
 *
 * A query is one allocation, with its parameters after the struct. From ask() on the query belongs to the source's
 * kind; source_answer() posts the answer and frees the query. Each query is answered by exactly one event, or by
 * none if it was cancelled.
 *
 * An entry of either list never changes and is not removed before sources_free(), so queries point to entries
 * without the lock; statements are added at any time, as programs are loaded. */
#include "runtime/sources/source.h"

#include <assert.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/sources/answer.h"
#include "runtime/sources/kind.h"
#include "runtime/vocabulary/effects_host.h"
#include "base/memory.h"

struct statement {
    struct statement *next;
    uint8_t hash[SOURCE_HASH];
    char *text;
    struct source_column *columns;
    size_t column_count;
};

struct source {
    struct source *next;
    struct sources *pool;
    struct source_options options; /* the texts in the options are copies that belong to this struct */
    const struct source_kind *kind;
    void *database;
    atomic_ullong queries, errors;
};

struct sources {
    struct sources_options options;
    pthread_mutex_t lock; /* guards the two lists; an entry in them never changes */
    struct source *sources, **last;
    struct statement *statements;
};

struct sources *sources_new(const struct sources_options *options)
{
    struct sources *sources = memory_zeroed(1, sizeof *sources);
    sources->options = *options;
    sources->last = &sources->sources;
    pthread_mutex_init(&sources->lock, NULL);
    return sources;
}

/* Frees a statement with its texts, which are copies, since the options and programs that they came from may be
 * freed. */
static void statement_free(struct statement *statement)
{
    for (size_t i = 0; i < statement->column_count; i++) free((char *)statement->columns[i].name);
    free(statement->columns);
    free(statement->text);
    free(statement);
}

static void source_free(struct source *source)
{
    assert(source->kind);
    if (source->database) source->kind->close(source->database);
    free((char *)source->options.name);
#define SOURCE_KIND(key, operations, example) SOURCE_TEXT(key)
#define SOURCE_TEXT(key)                      free((char *)source->options.key);
#include "runtime/sources/options.def"
    free(source);
}

void sources_free(struct sources *sources)
{
    if (!sources) return;
    for (struct source *source = sources->sources, *next; source; source = next) {
        next = source->next;
        source_free(source);
    }
    for (struct statement *statement = sources->statements, *next; statement; statement = next) {
        next = statement->next;
        statement_free(statement);
    }
    pthread_mutex_destroy(&sources->lock);
    free(sources);
}

/* Returns how many databases the options name, with the text of the last one and the kind that handles it. Each kind
 * of database has its own option, and exactly one of these must be set. */
static unsigned sources_named(const struct source_options *options, const char **text, const struct source_kind **kind)
{
    unsigned count = 0;
#define SOURCE_KIND(key, operations, example)                                                                          \
    if (options->key && options->key[0] != '\0') *text = options->key, *kind = &source_##operations, count++;
#include "runtime/sources/options.def"
    return count;
}

static const struct source_kind *sources_kind_of(const struct source_options *options, struct error *error)
{
    static const char *const examples[] = {
#define SOURCE_KIND(key, operations, example) example,
#include "runtime/sources/options.def"
    };
    enum { KINDS = sizeof examples / sizeof *examples };
    const struct source_kind *kind = NULL;
    const char *text;
    char list[256] = "";
    unsigned count = sources_named(options, &text, &kind);
    if (count == 1) return kind;
    for (size_t i = 0, at = 0; i < KINDS && at < sizeof list; i++)
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%s",
                               i == 0          ? ""
                               : i + 1 < KINDS ? ", "
                                               : " or ",
                               examples[i]);
    error_set(error, ERROR_INPUT, "source `%s` names %s; expected %s", options->name,
              count == 0 ? "no database" : "several databases", list);
    return NULL;
}

bool source_check(const struct source_options *options, struct error *error)
{
    const struct source_kind *kind = sources_kind_of(options, error);
    return kind && kind->check(options, error);
}

bool source_tries(const struct source_options *options, const char *statement, struct error *error)
{
    const struct source_kind *kind = sources_kind_of(options, error);
    return kind && (!kind->tries || kind->tries(options, statement, error));
}

bool sources_add(struct sources *sources, const struct source_options *options, struct error *error)
{
    struct source *source;
    const struct source_kind *kind = sources_kind_of(options, error);
    if (!kind || !kind->check(options, error)) return false;
    source = memory_zeroed(1, sizeof *source);
    source->pool = sources;
    source->kind = kind;
    source->options = *options;
    source->options.name = memory_text(options->name);
#define SOURCE_KIND(key, operations, example) SOURCE_TEXT(key)
#define SOURCE_TEXT(key)                      source->options.key = memory_text(options->key);
#include "runtime/sources/options.def"
    source->database = kind->open(source, &source->options, sources->options.base, error);
    if (!source->database) {
        source_free(source);
        return false;
    }
    pthread_mutex_lock(&sources->lock);
    *sources->last = source;
    sources->last = &source->next;
    pthread_mutex_unlock(&sources->lock);
    return true;
}

static struct source *sources_source_find(const struct sources *sources, struct span name)
{
    struct source *source = sources->sources;
    while (source && !span_is(name, source->options.name)) source = source->next;
    return source;
}

/* Finds the statement of this hash; the lock must be held. */
static struct statement *statement_find(const struct sources *sources, const uint8_t *hash)
{
    struct statement *statement = sources->statements;
    while (statement && memcmp(statement->hash, hash, SOURCE_HASH) != 0) statement = statement->next;
    return statement;
}

/* Adds a statement; one whose hash is known is left as it is, since the same hash means the same text. */
void sources_statement(struct sources *sources, const struct source_statement *told)
{
    struct statement *statement;
    assert(told->column_count <= SOURCE_COLUMNS_MAX);
    pthread_mutex_lock(&sources->lock);
    statement = statement_find(sources, told->hash);
    if (!statement) {
        statement = memory_zeroed(1, sizeof *statement);
        memcpy(statement->hash, told->hash, SOURCE_HASH);
        statement->text = memory_text(told->text);
        statement->column_count = told->column_count;
        statement->columns = memory_zeroed(told->column_count, sizeof *statement->columns);
        for (size_t i = 0; i < told->column_count; i++) {
            statement->columns[i] = told->columns[i];
            statement->columns[i].name = memory_text(told->columns[i].name);
        }
        statement->next = sources->statements;
        sources->statements = statement;
    }
    pthread_mutex_unlock(&sources->lock);
}

/* Passes the answer as an event to the owner of the sources, who copies it. Any thread. */
static void sources_post(struct sources *sources, const struct answer *answer, uint64_t ixn, uint64_t ref,
                         uint64_t conn)
{
    struct writer writer;
    writer_init(&writer);
    sources->options.done(sources->options.self, answer_frame(answer, &writer, ixn, ref, conn));
    writer_free(&writer);
}

void source_answer_init(const struct source_query *query, struct answer *answer)
{
    assert(query->source);
    const struct source_options *options = &query->source->options;
    uint32_t rows = query->rows > 0 && query->rows < options->rows_max ? query->rows : options->rows_max;
    answer_init(answer, options->name, rows, options->bytes_max);
    answer->secret = query->secret;
}

/* Answers a query and counts it, even if it was cancelled. The query is freed at the end. */
void source_answer(struct source_query *query, struct answer *answer)
{
    struct source *source = query->source;
    atomic_fetch_add(&source->queries, 1);
    if (!answer_ok(answer)) atomic_fetch_add(&source->errors, 1);
    if (!atomic_load(&query->cancelled)) sources_post(source->pool, answer, query->ixn, query->ref, query->conn);
    answer_free(answer);
    free(query);
}

bool source_fail(struct source_query *query, enum outcome outcome, enum code code, const char *format, ...)
{
    char text[400];
    struct answer answer;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    source_answer_init(query, &answer);
    answer_fail(&answer, outcome, code, "%s", text);
    source_answer(query, &answer);
    return false;
}

void source_note(struct source *source, bool good, const char *format, ...)
{
    const struct sources_options *options = &source->pool->options;
    char text[400];
    va_list arguments;
    if (!options->note) return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    options->note(options->self, source->options.name, good, text);
}

/* Answers at once a query that reaches no source, with the reason. */
static void sources_refuse(struct sources *sources, const struct message *message, enum code code, const char *why)
{
    struct span name = message_text(message, Query_source);
    char text[80];
    struct answer answer;
    size_t length = name.length < sizeof text - 1 ? name.length : sizeof text - 1;
    if (length > 0) memcpy(text, name.bytes, length);
    text[length] = '\0';
    answer_init(&answer, text, 0, 0);
    answer_fail(&answer, outcome_error, code, "%s", why);
    sources_post(sources, &answer, message_u(message, ENVELOPE_ixn), message_u(message, ENVELOPE_ref),
                 message_u(message, ENVELOPE_conn));
    answer_free(&answer);
}

/* Makes a query; its time begins now, so that waiting for a connection counts. */
static struct source_query *query_new(const struct message *message, struct source *source,
                                      const struct statement *statement)
{
    struct span params = message_text(message, Query_params);
    struct source_query *query = memory_zeroed(1, sizeof *query + params.length);
    int64_t timeout_us = message_i(message, ENVELOPE_timeout);
    assert(statement && statement->text);
    query->source = source;
    query->ixn = message_u(message, ENVELOPE_ixn);
    query->ref = message_u(message, ENVELOPE_ref);
    query->conn = message_u(message, ENVELOPE_conn);
    query->rows = (uint32_t)message_u(message, Query_rows);
    query->write = message_u(message, Query_write) != 0;
    query->secret = message_u(message, Query_secret) != 0;
    query->hash = statement->hash;
    query->text = statement->text;
    query->columns = statement->columns;
    query->column_count = statement->column_count;
    query->asked_us = host_monotonic_us();
    query->deadline_us = query->asked_us + (timeout_us > 0 ? (uint64_t)timeout_us : source->options.timeout_us);
    if (params.length > 0) memcpy(query + 1, params.bytes, params.length);
    query->params = (struct span){(const uint8_t *)(query + 1), params.length};
    return query;
}

bool source_may_write(const struct source_options *options)
{
    return options->write || (options->natives && *options->natives);
}

/* The lock is released before a query is answered, since the answer calls the owner of the sources. The entries
 * found stay valid without the lock, as they are never removed. */
void sources_query(struct sources *sources, const struct message *message)
{
    struct span hash = message_text(message, Query_statement);
    struct source *source;
    struct statement *statement = NULL;
    struct source_query *query = NULL;
    assert(message->kind == KIND_Query);
    pthread_mutex_lock(&sources->lock);
    source = sources_source_find(sources, message_text(message, Query_source));
    if (hash.length == SOURCE_HASH) statement = statement_find(sources, hash.bytes);
    if (source && statement) query = query_new(message, source, statement);
    pthread_mutex_unlock(&sources->lock);
    if (!source)
        sources_refuse(sources, message, code_unavailable, "no source of this name in the configuration");
    else if (!statement)
        sources_refuse(sources, message, code_refused, "the statement is of no loaded program");
    else if (query->write && !source_may_write(&source->options))
        source_fail(query, outcome_error, code_refused, "it is read-only: `write = true` is not set");
    else if (!source->kind->ask(source->database, query))
        source_fail(query, outcome_error, code_unavailable, "too many queries wait");
}

/* Cancels a query; at most one source has it. If the query is being answered at this moment, the answer may still
 * come. */
void sources_cancel(struct sources *sources, uint64_t ixn, uint64_t ref)
{
    pthread_mutex_lock(&sources->lock);
    for (struct source *source = sources->sources; source; source = source->next)
        if (source->kind->cancel(source->database, ixn, ref)) break;
    pthread_mutex_unlock(&sources->lock);
}

/* Reads the state of the source with this index; false: there are no more sources. */
bool sources_read(struct sources *sources, size_t index, struct source_row *row)
{
    struct source *source;
    pthread_mutex_lock(&sources->lock);
    for (source = sources->sources; source && index > 0; index--) source = source->next;
    if (source) {
        const struct source_kind *kind = NULL;
        const char *database = "";
        sources_named(&source->options, &database, &kind);
        *row = (struct source_row){.name = source->options.name,
                                   .type = source->kind->name,
                                   .database = database,
                                   .queries = atomic_load(&source->queries),
                                   .errors = atomic_load(&source->errors)};
        source->kind->read(source->database, row);
    }
    pthread_mutex_unlock(&sources->lock);
    return source != NULL;
}
