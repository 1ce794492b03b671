/* runtime/sources/body.c - Converts a key-value list to JSON, and JSON to such a list.
 *
 *     {"tags": ["a", "b"], "open": true}     <-->     tags = (item = "a", item = "b"), open = true
 *
 * Lists of the language have only pairs: the elements of a JSON array all get the name "item", and a list whose
 * pairs all have that name is written as an array. An object whose only member is "item" comes back as an array of
 * one element, and an empty array as an empty object: these differences are lost. */
#include "runtime/sources/body.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/sources/body_xml.h"

static json_t *body_text_of(struct span span)
{
    json_t *text = json_stringn(span.length > 0 ? (const char *)span.bytes : "", span.length);
    return text ? text : json_null();
}

/* Is the list an array: are all its pairs called "item"? An empty list counts as an object. */
static bool body_is_list(struct span list)
{
    uint32_t at = 0, count = 0;
    struct kv_pair pair;
    for (; kv_next(list, &at, &pair); count++)
        if (!span_is(pair.key, "item")) return false;
    return count > 0;
}

static void body_member(json_t *object, struct span key, json_t *value)
{
    json_object_setn_new(object, key.length > 0 ? (const char *)key.bytes : "", key.length, value);
}

static json_t *body_value_json(const struct kv_value *value);

static json_t *body_list_json(struct span span)
{
    bool list = body_is_list(span);
    json_t *made = list ? json_array() : json_object();
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(span, &at, &pair)) {
        if (pair.value.tag == KV_BINARY) continue;
        if (list)
            json_array_append_new(made, body_value_json(&pair.value));
        else
            body_member(made, pair.key, body_value_json(&pair.value));
    }
    return made;
}

static json_t *body_value_json(const struct kv_value *value)
{
    char room[BODY_VALUE_ROOM];
    switch (value->tag) {
    case KV_INT:
        return json_integer(value->word);
    case KV_TEXT:
        return body_text_of(value->span);
    case KV_LIST:
        return body_list_json(value->span);
    case KV_FLOAT: {
        json_t *real = json_real(value->number);
        return real ? real : json_null();
    }
    case KV_BOOL:
        return json_boolean(value->word != 0);
    case KV_TIME:
        body_moment(value->word, room);
        return json_string(room);
    case KV_NONE:
    case KV_BINARY:
        break;
    }
    return json_null();
}

char *body_write(struct span args, uint32_t skip)
{
    json_t *object = json_object();
    uint32_t at = 0;
    struct kv_pair pair;
    for (unsigned number = 0; kv_next(args, &at, &pair); number++) {
        if (number < 32 && (skip >> number & 1)) continue;
        body_member(object, pair.key, body_value_json(&pair.value));
    }
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (!text) abort();
    return text;
}

/* Adds a value to the list; once the list is too large nothing more is added, and the caller sees that by its length.
 * False: the value is nested too deep. */
static bool body_put_value(struct kv *kv, const char *key, json_t *value)
{
    const char *name;
    json_t *child;
    size_t index;
    bool good = true;
    if (kv->length > KV_BYTES_MAX) return true; /* too large: reported at the end */
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (kv->depth + 2 >= KV_DEPTH_MAX) return false;
        kv_list_begin(kv, span_of(key));
        json_object_foreach(value, name, child) good = good && body_put_value(kv, name, child);
        json_array_foreach(value, index, child) good = good && body_put_value(kv, "item", child);
        kv_list_end(kv);
        return good;
    case JSON_STRING:
        kv_put_text(kv, key,
                    (struct span){(const uint8_t *)json_string_value(value), (uint32_t)json_string_length(value)});
        return true;
    case JSON_INTEGER:
        kv_put_int(kv, key, json_integer_value(value));
        return true;
    case JSON_REAL:
        kv_put(kv, span_of(key), &(struct kv_value){.tag = KV_FLOAT, .number = json_real_value(value)});
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        kv_put_bool(kv, key, json_is_true(value));
        return true;
    case JSON_NULL:
        break;
    }
    kv_put_none(kv, key);
    return true;
}

static bool is_blank(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length && strchr(" \t\r\n", text[at]) && text[at] != '\0') at++;
    return at == length;
}

bool body_form_named(const char *word, enum body_form *form)
{
    static const char *const words[] = {
#define FORM(word, types) #word,
        BODY_FORMS(FORM)
#undef FORM
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], word) == 0) {
            *form = (enum body_form)i;
            return true;
        }
    return false;
}

/* Reads an answer as a value; NULL with the reason. */
static json_t *body_value(enum body_form form, const char *at, const char *text, size_t length, const char **wrong)
{
    json_error_t error;
    json_t *value = NULL;
    switch (form) {
    case BODY_json:
        value = json_loadb(text, length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
        *wrong = "it is no JSON";
        break;
    case BODY_text:
        value = json_stringn(text, length);
        *wrong = "it is no text of UTF-8";
        break;
    case BODY_xml:
        value = body_xml_read(text, length, at, wrong);
        break;
    }
    return value;
}

const char *body_read(enum body_form form, const char *at, const char *text, size_t length, struct kv *kv)
{
    const char *wrong = NULL;
    if (length == 0 || is_blank(text, length)) {
        kv_put_none(kv, "answer");
        return NULL;
    }
    json_t *value = body_value(form, at, text, length, &wrong);
    if (!value) return wrong;
    bool good = body_put_value(kv, "answer", value);
    json_decref(value);
    if (!good) return "it is nested too deep";
    if (kv->length > KV_BYTES_MAX) return NULL; /* the caller limits this length */
    struct error why = {0};
    return kv_check(kv_span(kv), &why) ? NULL : "it holds what no value may";
}
