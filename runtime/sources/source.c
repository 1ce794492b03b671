/* runtime/sources/source.c - The pool: statements by hash, sources by name, a queue and a worker for each. */
#include "runtime/sources/source.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/host/real.h"
#include "runtime/sources/answer.h"
#include "runtime/sources/kind.h"
#include "runtime/vocabulary/memory.h"

struct statement {
    struct statement *next;
    uint8_t hash[SOURCE_HASH];
    char *text;
    struct source_column *columns;
    size_t column_count;
    bool untyped; /* two programs demand different columns of it; all the rest never changes */
};

struct query { /* waiting, or running */
    struct query *next;
    uint64_t ixn, ref, conn, deadline_us;
    uint32_t rows;
    const struct statement *statement;
    bool untyped; /* the statement is, now that it is asked */
    atomic_bool cancelled;
    struct span params; /* follows */
};

struct source {
    struct source *next;
    struct sources *pool;
    struct source_options options;
    char *name, *database;
    const struct source_kind *kind;
    void *connection; /* the worker's */
    pthread_t worker;
    pthread_cond_t wake;
    struct query *first, **last, *running;
    uint64_t queries, errors, waiting;
};

struct sources {
    void (*done)(void *self, struct span frame);
    void *self;
    pthread_mutex_t lock; /* of everything below, and of the sources' queues */
    struct source *sources, **last;
    struct statement *statements;
    bool stop;
};

static const struct source_kind *const kinds[] = {&source_sqlite};
static const struct source_column any_column = {"", SOURCE_ANY, true};

struct sources *sources_new(void (*done)(void *, struct span), void *self)
{
    struct sources *sources = memory_zeroed(1, sizeof *sources);
    sources->done = done;
    sources->self = self;
    sources->last = &sources->sources;
    pthread_mutex_init(&sources->lock, NULL);
    return sources;
}

static void statement_free(struct statement *statement)
{
    for (size_t i = 0; i < statement->column_count; i++) free((char *)statement->columns[i].name);
    free(statement->columns);
    free(statement->text);
    free(statement);
}

static void source_free(struct source *source)
{
    for (struct query *query = source->first, *next; query != NULL; query = next) {
        next = query->next;
        free(query);
    }
    pthread_cond_destroy(&source->wake);
    free(source->name);
    free(source->database);
    free(source);
}

void sources_free(struct sources *sources)
{
    if (sources == NULL) return;
    pthread_mutex_lock(&sources->lock);
    sources->stop = true;
    for (struct source *source = sources->sources; source != NULL; source = source->next) {
        if (source->running != NULL) atomic_store(&source->running->cancelled, true);
        pthread_cond_signal(&source->wake);
    }
    pthread_mutex_unlock(&sources->lock);
    for (struct source *source = sources->sources, *next; source != NULL; source = next) {
        next = source->next;
        pthread_join(source->worker, NULL);
        source_free(source);
    }
    for (struct statement *statement = sources->statements, *next; statement != NULL; statement = next) {
        next = statement->next;
        statement_free(statement);
    }
    pthread_mutex_destroy(&sources->lock);
    free(sources);
}

/* The answer of one query: made without the lock. */
static bool query_run(struct source *source, struct query *query)
{
    const struct statement *statement = query->statement;
    uint32_t rows_max = source->options.rows_max;
    struct answer answer;
    struct writer writer;
    bool good;
    struct source_query asked = {.hash = statement->hash,
                                 .text = statement->text,
                                 .columns = statement->columns,
                                 .column_count = statement->column_count,
                                 .params = query->params,
                                 .rows = query->rows,
                                 .deadline_us = query->deadline_us,
                                 .cancelled = &query->cancelled};
    if (query->untyped) {
        asked.columns = &any_column;
        asked.column_count = SOURCE_COLUMNS_MAX;
    }
    if (query->rows > 0 && query->rows < rows_max) rows_max = query->rows;
    answer_init(&answer, source->name, rows_max, source->options.bytes_max);
    writer_init(&writer);
    if (clock_monotonic_us() >= query->deadline_us)
        answer_fail(&answer, outcome_timeout, code_timeout, "no time left when its turn came");
    else
        source->kind->run(source->connection, &asked, &answer);
    good = answer_ok(&answer);
    if (!atomic_load(&query->cancelled))
        source->pool->done(source->pool->self, answer_frame(&answer, &writer, query->ixn, query->ref, query->conn));
    writer_free(&writer);
    answer_free(&answer);
    return good;
}

static void *worker(void *argument)
{
    struct source *source = argument;
    struct sources *pool = source->pool;
    source->connection = source->kind->open(&source->options);
    pthread_mutex_lock(&pool->lock);
    while (!pool->stop) {
        struct query *query = source->first;
        bool good;
        if (query == NULL) {
            pthread_cond_wait(&source->wake, &pool->lock);
            continue;
        }
        source->first = query->next;
        if (source->first == NULL) source->last = &source->first;
        source->waiting--;
        source->running = query;
        pthread_mutex_unlock(&pool->lock);
        good = query_run(source, query);
        pthread_mutex_lock(&pool->lock);
        source->running = NULL;
        source->queries++;
        if (!good) source->errors++;
        free(query);
    }
    pthread_mutex_unlock(&pool->lock);
    source->kind->close(source->connection);
    return NULL;
}

static struct source *source_find(const struct sources *sources, struct span name)
{
    struct source *source = sources->sources;
    while (source != NULL && !span_is(name, source->name)) source = source->next;
    return source;
}

bool sources_add(struct sources *sources, const struct source_options *options, struct error *error)
{
    struct source *source;
    const struct source_kind *kind = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i]->name, options->type) == 0) kind = kinds[i];
    if (kind == NULL) {
        error_set(error, ERROR_UNKNOWN, "source %s: no type `%s`", options->name, options->type);
        return false;
    }
    source = memory_zeroed(1, sizeof *source);
    source->pool = sources;
    source->kind = kind;
    source->last = &source->first;
    source->options = *options;
    source->options.name = source->name = memory_text(options->name);
    source->options.database = source->database = memory_text(options->database);
    source->options.type = kind->name;
    pthread_cond_init(&source->wake, NULL);
    if (pthread_create(&source->worker, NULL, worker, source) != 0) {
        error_set(error, ERROR_SYSTEM, "source %s: no thread can be started", options->name);
        source_free(source);
        return false;
    }
    pthread_mutex_lock(&sources->lock);
    *sources->last = source;
    sources->last = &source->next;
    pthread_mutex_unlock(&sources->lock);
    return true;
}

static struct statement *statement_find(const struct sources *sources, const uint8_t *hash)
{
    struct statement *statement = sources->statements;
    while (statement != NULL && memcmp(statement->hash, hash, SOURCE_HASH) != 0) statement = statement->next;
    return statement;
}

static bool columns_same(const struct statement *statement, const struct source_statement *other)
{
    if (statement->column_count != other->column_count) return false;
    for (size_t i = 0; i < other->column_count; i++) {
        const struct source_column *a = &statement->columns[i], *b = &other->columns[i];
        if (strcmp(a->name, b->name) != 0 || a->type != b->type || a->optional != b->optional) return false;
    }
    return true;
}

void sources_statement(struct sources *sources, const struct source_statement *given)
{
    struct statement *statement;
    assert(given->column_count <= SOURCE_COLUMNS_MAX);
    pthread_mutex_lock(&sources->lock);
    statement = statement_find(sources, given->hash);
    if (statement == NULL) {
        statement = memory_zeroed(1, sizeof *statement);
        memcpy(statement->hash, given->hash, SOURCE_HASH);
        statement->text = memory_text(given->text);
        statement->column_count = given->column_count;
        statement->columns = memory_zeroed(given->column_count, sizeof *statement->columns);
        for (size_t i = 0; i < given->column_count; i++) {
            statement->columns[i] = given->columns[i];
            statement->columns[i].name = memory_text(given->columns[i].name);
        }
        statement->next = sources->statements;
        sources->statements = statement;
    } else if (!columns_same(statement, given)) {
        statement->untyped = true;
    }
    pthread_mutex_unlock(&sources->lock);
}

/* Answers at once what never reaches a worker. */
static void refuse(struct sources *sources, const struct message *message, enum code code, const char *why)
{
    struct span name = message_text(message, Query_source);
    char text[80];
    struct answer answer;
    struct writer writer;
    size_t length = name.length < sizeof text - 1 ? name.length : sizeof text - 1;
    if (length > 0) memcpy(text, name.bytes, length);
    text[length] = '\0';
    answer_init(&answer, text, 0, 0);
    writer_init(&writer);
    answer_fail(&answer, outcome_error, code, "%s", why);
    sources->done(sources->self, answer_frame(&answer, &writer, message_u(message, ENVELOPE_ixn),
                                              message_u(message, ENVELOPE_ref), message_u(message, ENVELOPE_conn)));
    writer_free(&writer);
    answer_free(&answer);
}

/* With the lock. */
static struct query *query_new(const struct message *message, const struct source *source,
                               const struct statement *statement)
{
    struct span params = message_text(message, Query_params);
    struct query *query = memory_zeroed(1, sizeof *query + params.length);
    int64_t timeout_us = message_i(message, ENVELOPE_timeout);
    query->ixn = message_u(message, ENVELOPE_ixn);
    query->ref = message_u(message, ENVELOPE_ref);
    query->conn = message_u(message, ENVELOPE_conn);
    query->rows = (uint32_t)message_u(message, Query_rows);
    query->statement = statement;
    query->untyped = statement->untyped;
    query->deadline_us = clock_monotonic_us() + (timeout_us > 0 ? (uint64_t)timeout_us : source->options.timeout_us);
    if (params.length > 0) memcpy(query + 1, params.bytes, params.length);
    query->params = (struct span){(const uint8_t *)(query + 1), params.length};
    return query;
}

void sources_query(struct sources *sources, const struct message *message)
{
    struct span hash = message_text(message, Query_statement);
    struct source *source;
    struct statement *statement = NULL;
    bool full = false;
    assert(message->kind == KIND_Query);
    pthread_mutex_lock(&sources->lock);
    source = source_find(sources, message_text(message, Query_source));
    if (hash.length == SOURCE_HASH) statement = statement_find(sources, hash.bytes);
    if (source != NULL && statement != NULL) {
        full = source->waiting >= source->options.waiting_max;
        if (!full) {
            struct query *query = query_new(message, source, statement);
            *source->last = query;
            source->last = &query->next;
            source->waiting++;
            pthread_cond_signal(&source->wake);
        }
    }
    pthread_mutex_unlock(&sources->lock);
    if (source == NULL)
        refuse(sources, message, code_unavailable, "no source of this name in the configuration");
    else if (statement == NULL)
        refuse(sources, message, code_refused, "the statement is of no loaded program");
    else if (full)
        refuse(sources, message, code_unavailable, "too many queries wait");
}

/* Where it still waits it is taken out; where it runs it is interrupted. */
static bool source_cancel(struct source *source, uint64_t ixn, uint64_t ref)
{
    if (source->running != NULL && source->running->ixn == ixn && source->running->ref == ref) {
        atomic_store(&source->running->cancelled, true);
        return true;
    }
    for (struct query **at = &source->first; *at != NULL; at = &(*at)->next) {
        struct query *query = *at;
        if (query->ixn != ixn || query->ref != ref) continue;
        *at = query->next;
        if (source->last == &query->next) source->last = at;
        source->waiting--;
        free(query);
        return true;
    }
    return false;
}

void sources_cancel(struct sources *sources, uint64_t ixn, uint64_t ref)
{
    pthread_mutex_lock(&sources->lock);
    for (struct source *source = sources->sources; source != NULL; source = source->next)
        if (source_cancel(source, ixn, ref)) break;
    pthread_mutex_unlock(&sources->lock);
}

bool sources_read(struct sources *sources, size_t index, struct source_row *row)
{
    struct source *source;
    pthread_mutex_lock(&sources->lock);
    for (source = sources->sources; source != NULL && index > 0; index--) source = source->next;
    if (source != NULL)
        *row = (struct source_row){source->name,    source->kind->name, source->database,
                                   source->queries, source->errors,     source->waiting};
    pthread_mutex_unlock(&sources->lock);
    return source != NULL;
}
