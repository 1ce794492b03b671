/* runtime/sim/http.c - Requests to endpoints answered by the test: what JSON would say, or a failure; perhaps late.
 *
 * The same as for a query (query.c), with JSON in the database's place: a test gives the answer as a value of the
 * language, and the strategy gets what its endpoint's JSON would have become. */
#include <assert.h>
#include <stdio.h>

#include "runtime/sim/asked.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/hidden.h"
#include "vm/image.h"

/* Durations and moments are seconds in JSON. */
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

/* By the parameters' names, and by position. */
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

/* The request has an answer that is used. */
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

bool source_changes(const struct message *effect)
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
