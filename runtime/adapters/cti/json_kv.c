/* runtime/adapters/cti/json_kv.c - Converts user data to JSON and back.
 *
 * User data is a list of pairs in which a key may occur more than once; a JSON object has each key once. So a list
 * with a repeated key becomes an array of pairs [key, value]. Values for which JSON has no type are objects with one
 * member: {"$time_us": 1}, {"$binary": "base64"}. A secret value is shown as {"$secret": true}, without its content.
 *
 *     pairs                            JSON
 *     a=1 b="x"                        {"a": 1, "b": "x"}
 *     a=1 a=2                          [["a", 1], ["a", 2]]
 *     at=time 1700000000000000 us      {"at": {"$time_us": 1700000000000000}}
 *
 * Converted to JSON and back, data stay the same, except for secret values, which are not read back, and floats that
 * are not finite, which become null. */
#include "runtime/adapters/cti/json_kv.h"

#include <assert.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"

static json_t *json_kv_tagged(const char *name, json_t *value)
{
    json_t *object = json_object();
    json_object_set_new(object, name, value);
    return object;
}

static json_t *from_binary(struct span bytes)
{
    size_t size = sodium_base64_ENCODED_LEN(bytes.length, sodium_base64_VARIANT_ORIGINAL);
    char *text = memory_zeroed(size, 1);
    sodium_bin2base64(text, size, bytes.bytes, bytes.length, sodium_base64_VARIANT_ORIGINAL);
    json_t *value = json_kv_tagged("$binary", json_string(text));
    free(text);
    return value;
}

/* Converts one value. Whether the value is secret is checked first, so that neither its content nor its type is
 * shown. */
static json_t *from_value(const struct kv_value *value)
{
    if (value->secret) return json_kv_tagged("$secret", json_true());
    switch (value->tag) {
    case KV_INT:
        return json_integer(value->word);
    case KV_BOOL:
        return json_boolean(value->word != 0);
    case KV_TIME:
        return json_kv_tagged("$time_us", json_integer(value->word));
    case KV_FLOAT:
        return isfinite(value->number) ? json_real(value->number) : json_null();
    case KV_TEXT:
        return json_stringn((const char *)value->span.bytes, value->span.length);
    case KV_BINARY:
        return from_binary(value->span);
    case KV_LIST:
        return json_from_kv(value->span);
    case KV_NONE:
        break;
    }
    return json_null();
}

static json_t *json_kv_pairs_of(struct span list)
{
    json_t *pairs = json_array();
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(list, &at, &pair);) {
        json_t *both = json_array();
        json_array_append_new(both, json_stringn((const char *)pair.key.bytes, pair.key.length));
        json_array_append_new(both, from_value(&pair.value));
        json_array_append_new(pairs, both);
    }
    return pairs;
}

json_t *json_from_kv(struct span list)
{
    json_t *object = json_object();
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(list, &at, &pair);) {
        char key[256];
        /* A key may contain a zero byte or be long in a list, but not in this function of jansson. */
        bool plain = text_set_span(key, sizeof key, pair.key) && strlen(key) == pair.key.length;
        if (!plain || json_object_get(object, key)) {
            json_decref(object);
            return json_kv_pairs_of(list);
        }
        json_object_set_new(object, key, from_value(&pair.value));
    }
    return object;
}

static bool json_kv_put_pair(struct kv *out, const char *key, size_t key_length, const json_t *value,
                             struct error *error);

static bool to_kv(const json_t *json, struct kv *out, struct error *error)
{
    if (json_is_object(json)) {
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)json, key, value)
        { /* jansson's iterator needs an object that is not const */
            if (!json_kv_put_pair(out, key, strlen(key), value, error)) return false;
        }
        return true;
    }
    if (!json_is_array(json)) return error_set(error, ERROR_INPUT, "user data is an object or a list of pairs");
    size_t i;
    json_t *pair;
    json_array_foreach(json, i, pair)
    {
        const json_t *key = json_array_get(pair, 0);
        if (json_array_size(pair) != 2 || !json_is_string(key))
            return error_set(error, ERROR_INPUT, "a list in user data is made of pairs [key, value]");
        if (!json_kv_put_pair(out, json_string_value(key), json_string_length(key), json_array_get(pair, 1), error))
            return false;
    }
    return true;
}

static bool put_binary(struct kv *out, struct span key, const char *text, struct error *error)
{
    size_t size = strlen(text) / 4 * 3 + 3, length;
    uint8_t *bytes = memory_zeroed(size, 1);
    bool good =
        sodium_base642bin(bytes, size, text, strlen(text), NULL, &length, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
    if (good) {
        struct kv_value value = {.tag = KV_BINARY, .span = {bytes, (uint32_t)length}};
        kv_put(out, key, &value);
    } else {
        error_set(error, ERROR_INPUT, "\"$binary\" is not base64");
    }
    free(bytes);
    return good;
}

/* Appends a list within a list; the depth is limited, as `out` has room for only so many open lists. */
static bool json_kv_put_list(struct kv *out, struct span key, const json_t *json, struct error *error)
{
    if (out->depth + 1 >= KV_DEPTH_MAX)
        return error_set(error, ERROR_LIMIT, "user data is nested more than %d deep", KV_DEPTH_MAX);
    kv_list_begin(out, key);
    bool good = to_kv(json, out, error);
    assert(out->depth < KV_DEPTH_MAX);
    kv_list_end(out);
    return good;
}

/* Appends one pair. The size limit is checked before each pair: a client's data exceed it by at most one pair. */
static bool json_kv_put_pair(struct kv *out, const char *name, size_t name_length, const json_t *json,
                             struct error *error)
{
    if (name_length > KV_BYTES_MAX || json_string_length(json) > KV_BYTES_MAX || out->length > KV_BYTES_MAX)
        return error_set(error, ERROR_LIMIT, "user data is larger than %d bytes", KV_BYTES_MAX);
    struct span key = {(const uint8_t *)name, (uint32_t)name_length};
    struct kv_value value = {.tag = KV_NONE};
    const json_t *tag;
    switch (json_typeof(json)) {
    case JSON_STRING:
        value.tag = KV_TEXT;
        value.span = (struct span){(const uint8_t *)json_string_value(json), (uint32_t)json_string_length(json)};
        break;
    case JSON_INTEGER:
        value.tag = KV_INT;
        value.word = json_integer_value(json);
        break;
    case JSON_REAL:
        value.tag = KV_FLOAT;
        value.number = json_real_value(json);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        value.tag = KV_BOOL;
        value.word = json_is_true(json);
        break;
    case JSON_NULL:
        break;
    case JSON_OBJECT:
        if (json_object_size(json) == 1 && json_is_integer(tag = json_object_get(json, "$time_us"))) {
            value.tag = KV_TIME;
            value.word = json_integer_value(tag);
            break;
        }
        if (json_object_size(json) == 1 && json_is_string(tag = json_object_get(json, "$binary"))) {
            if (json_string_length(tag) > 2 * KV_BYTES_MAX)
                return error_set(error, ERROR_LIMIT, "user data is larger than %d bytes", KV_BYTES_MAX);
            return put_binary(out, key, json_string_value(tag), error);
        }
        return json_kv_put_list(out, key, json, error);
    case JSON_ARRAY:
        return json_kv_put_list(out, key, json, error);
    }
    kv_put(out, key, &value);
    return true;
}

bool json_to_kv(const json_t *json, struct kv *out, struct error *error)
{
    return to_kv(json, out, error) && kv_check(kv_span(out), error);
}
