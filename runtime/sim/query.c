/* runtime/sim/query.c - Turns the test's answers to queries and requests into events: rows, a value, a count, or a
 * failure.
 *
 * The statement's text shows with which column a parameter is compared, so a test may write `number: "4711"` for the
 * first parameter. The database stores moments and durations as seconds: values are rounded the same way here. A
 * column that is read into a secret field is secret here too, as with a real source. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sim/asked.h"
#include "runtime/sim/statement.h"
#include "runtime/sim/values.h"
#include "vm/image.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/hidden.h"

/* Returns the bound values in the form that the database has. */
static json_t *bound_values(struct span params)
{
    struct kv seconds;
    struct kv_pair pair;
    kv_init(&seconds);
    for (uint32_t at = 0; kv_next(params, &at, &pair);) {
        if (pair.value.tag == KV_TIME)
            pair.value = (struct kv_value){.tag = KV_INT, .word = kv_seconds(pair.value.word)};
        kv_put(&seconds, pair.key, &pair.value);
    }
    json_t *bound = value_of_kv(kv_span(&seconds));
    kv_free(&seconds);
    return bound;
}

/* Returns the query's arguments in a test's words: bound values by the column with which they are compared, and by
 * position. A test may name a value by its position before the columns are known, and a parameter added at the end
 * changes no earlier position. */
static json_t *query_arguments(const struct image *image, const struct message *effect)
{
    assert(effect->kind == KIND_Query);
    json_t *args = json_object();
    struct statement_words words = {0};
    struct span hash = message_text(effect, Query_statement);
    const struct image_statement *statement =
        hash.length == IMAGE_HASH ? image_statement_hashed(image, hash.bytes) : NULL;
    if (statement) {
        struct text sql = image_text(image, statement->sql);
        statement_read(sql.bytes, sql.length, &words);
    }
    json_t *bound = bound_values(message_text(effect, Query_params)), *value;
    const char *key;
    json_object_foreach(bound, key, value)
    {
        unsigned long at = strtoul(key, NULL, 10);
        char position[24];
        if (at == 0) continue;
        if (at <= words.count && words.columns[at - 1][0] != '\0') json_object_set(args, words.columns[at - 1], value);
        (void)snprintf(position, sizeof position, "%lu", at - 1);
        json_object_set(args, position, value);
    }
    json_decref(bound);
    return args;
}

/* Puts a column's value, a time or a duration as the database stores it. */
static void put_column(struct kv *row, const char *column, json_t *value)
{
    json_int_t us;
    if (value_us(value, &us))
        kv_put_int(row, column, kv_seconds(us) * 1000000);
    else
        value_to_kv(row, column, value);
}

/* Is the column read into a secret field? */
static bool field_is_secret(const struct image *image, uint16_t type, const char *column)
{
    if (!type_is_record(image, type)) return false;
    int32_t field = image_field_find(image, type, column, (uint32_t)strlen(column));
    return field >= 0 && image_field_secret(image, type, (uint32_t)field);
}

static void query_put_secret(struct kv *row, const char *column, json_t *value)
{
    struct kv one;
    struct kv_pair pair;
    uint32_t at = 0;
    kv_init(&one);
    put_column(&one, column, value);
    if (kv_next(kv_span(&one), &at, &pair)) {
        pair.value.secret = true;
        kv_put(row, pair.key, &pair.value);
    }
    kv_free(&one);
}

/* The record type into which rows of the answer are read, and whether all of it is secret. */
struct read_into {
    const struct image *image;
    uint16_t type;
    bool secret;
};

static void query_put_row(struct kv *rows, unsigned number, json_t *row, const struct read_into *into)
{
    char key[16];
    const char *column;
    json_t *value;
    (void)snprintf(key, sizeof key, "%u", number);
    kv_list_begin(rows, span_of(key));
    json_int_t us;
    if (json_is_object(row) && !value_is_name(row) && !value_us(row, &us)) {
        json_object_foreach(row, column, value)
        {
            (into->secret || field_is_secret(into->image, into->type, column) ? query_put_secret
                                                                              : put_column)(rows, column, value);
        }
    } else {
        (into->secret ? query_put_secret : put_column)(rows, "value", row);
    }
    kv_list_end(rows);
}

/* Returns the record type into which a row of the statement is read. */
static uint16_t row_type(const struct image *image, const struct message *effect)
{
    struct span hash = message_text(effect, Query_statement);
    const struct image_statement *statement =
        hash.length == IMAGE_HASH ? image_statement_hashed(image, hash.bytes) : NULL;
    if (!statement) return TYPE_VOID;
    return statement->mode == STATEMENT_ALL ? image_element(image, statement->type) : statement->type;
}

static void query_answer(struct writer *writer, struct kv *kv, const struct image *image, const struct message *effect,
                         json_t *value)
{
    json_t *row;
    size_t index;
    struct read_into into = {image, row_type(image, effect), message_u(effect, Query_secret) != 0};
    kv_clear(kv);
    if (message_u(effect, Query_write) != 0) {
        json_t *changed = json_integer(json_is_integer(value) ? json_integer_value(value) : 1);
        (into.secret ? query_put_secret : put_column)(kv, "changed", changed);
        json_decref(changed);
        writer_kv(writer, EventDone_value, kv);
        return;
    }
    json_array_foreach(value, index, row)
    {
        query_put_row(kv, (unsigned)index + 1, row, &into);
    }
    if (!json_is_array(value) && !json_is_null(value)) query_put_row(kv, 1, value, &into);
    writer_kv(writer, EventDone_rows, kv);
}

/* ---- HTTP requests to endpoints ---- */

/* Returns the value as it is in JSON, where durations and moments are seconds. */
static json_t *as_json(json_t *value)
{
    const char *key;
    json_t *child;
    size_t index;
    json_int_t number;
    if (value_us(value, &number))
        return number % 1000000 == 0 ? json_integer(number / 1000000) : json_real((double)number / 1e6);
    if (json_is_object(value) && !value_is_name(value)) {
        json_t *object = json_object();
        json_object_foreach(value, key, child) json_object_set_new(object, key, as_json(child));
        return object;
    }
    if (json_is_array(value)) {
        json_t *array = json_array();
        json_array_foreach(value, index, child) json_array_append_new(array, as_json(child));
        return array;
    }
    return value_plain(value);
}

/* Returns the request's arguments by the parameters' names, and by position. */
static json_t *http_arguments(const struct message *effect)
{
    assert(effect->kind == KIND_HttpRequest);
    struct span args = message_text(effect, HttpRequest_args);
    json_t *object = json_object();
    struct kv_pair pair;
    struct kv one;
    kv_init(&one);
    unsigned position = 0;
    for (uint32_t at = 0; kv_next(args, &at, &pair); position++) {
        const char *key;
        json_t *value;
        char number[16];
        if (pair.value.tag == KV_TIME)
            pair.value = (struct kv_value){.tag = KV_INT, .word = kv_seconds(pair.value.word)};
        kv_clear(&one);
        kv_put(&one, pair.key, &pair.value);
        json_t *named = value_of_kv(kv_span(&one));
        (void)snprintf(number, sizeof number, "%u", position);
        json_object_foreach(named, key, value)
        {
            json_object_set(object, key, value);
            json_object_set(object, number, value);
        }
        json_decref(named);
    }
    kv_free(&one);
    return object;
}

/* Does the request have an answer that the strategy uses? */
static bool http_returns(const struct image *image, const struct message *effect)
{
    struct span hash = message_text(effect, HttpRequest_statement);
    const struct image_statement *statement =
        hash.length == IMAGE_HASH ? image_statement_hashed(image, hash.bytes) : NULL;
    return statement && statement->type != TYPE_VOID;
}

static void http_answer(struct writer *writer, struct kv *kv, const struct message *effect, json_t *value)
{
    json_t *json = as_json(value);
    struct kv hidden;
    kv_clear(kv);
    value_to_kv(kv, "answer", json);
    kv_init(&hidden);
    hidden_copy(message_text(effect, HttpRequest_secret), kv_span(kv), &hidden);
    writer_kv(writer, EventDone_value, &hidden);
    kv_free(&hidden);
    json_decref(json);
}

struct step_call asked_source(const struct image *image, const struct message *effect, char name[ASKED_NAME])
{
    bool query = effect->kind == KIND_Query;
    struct span text = message_text(effect, query ? Query_source : HttpRequest_endpoint);
    (void)snprintf(name, ASKED_NAME, "%s%.*s", query ? "" : "http.", (int)text.length, (const char *)text.bytes);
    return query ? (struct step_call){.step = "query", .source = name, .args = query_arguments(image, effect)}
                 : (struct step_call){
                       .step = name, .args = http_arguments(effect), .returns = http_returns(image, effect)};
}

bool asked_source_changes(const struct message *effect)
{
    return effect->kind == KIND_Query ? message_u(effect, Query_write) != 0
                                      : message_u(effect, HttpRequest_method) != method_get;
}

void asked_put_answer(struct writer *writer, struct kv *kv, const struct image *image, const struct message *effect,
                      json_t *value)
{
    if (effect->kind == KIND_Query)
        query_answer(writer, kv, image, effect, value);
    else
        http_answer(writer, kv, effect, value);
}
