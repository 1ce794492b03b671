/* runtime/core/steps/http.c - Requests to endpoints: sends the arguments by their names and decodes the answer by
 * name and type.
 *
 * JSON has no durations and no moments. A duration is a number of seconds. A moment is a number of seconds or a text
 * in the form of RFC 3339. In a request a list is a series of pairs named "item", as in user data; an empty list is
 * one such pair without bytes. A record or map begins with a pair without name and bytes, so that no receiver takes
 * it as a list. */
#include "runtime/core/base/facts_step.h"

#include <assert.h>
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/run/step.h"
#include "runtime/core/site/program.h"
#include "vm/request.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/events_host.h"
#include "base/written.h"

enum { DEPTH_MAX = 12 };

#define HTTP_SECOND_US INT64_C(1000000)

static const struct kv_value http_mark = {.tag = KV_BINARY};

/* Out */

static void http_put_word(struct core *, const struct interaction *, struct span key, uint16_t type, uint64_t word,
                          bool secret, unsigned depth);

static void http_put_object(struct core *core, const struct interaction *ix, struct span key, uint16_t type,
                            uint64_t word, bool secret, unsigned depth)
{
    assert(type >= TYPE_OWN && depth < DEPTH_MAX); /* http_put_word() has looked */
    const struct block *block = block_at(core->slab, ix->block);
    const struct image *image = block_image(core->slab, block);
    bool record = type_is_record(image, type), map = type_is_map(image, type);
    uint32_t count = record ? image_field_count(image, type) : block_count(image, block, word);
    kv_list_begin(&core->scratch, key);
    if (record || map) kv_put(&core->scratch, span_of(""), &http_mark);
    if (!record && !map && count == 0) kv_put(&core->scratch, span_of("item"), &http_mark);
    for (uint32_t at = 0; at < count && core->scratch.length <= KV_BYTES_MAX; at++) {
        uint64_t name, value;
        char inlined[8];
        if (record) {
            http_put_word(core, ix, span_of_text(image_field_name(image, type, at)), image_field_type(image, type, at),
                          block_field(image, block, word, at), secret, depth + 1);
        } else if (map && block_pair(image, block, word, at, &name, &value)) {
            http_put_word(core, ix, span_of_text(block_text(image, block, name, inlined)), image_element(image, type),
                          value, secret, depth + 1);
        } else {
            http_put_word(core, ix, span_of("item"), image_element(image, type), block_element(image, block, word, at),
                          secret, depth + 1);
        }
    }
    kv_list_end(&core->scratch);
}

static void http_put_word(struct core *core, const struct interaction *ix, struct span key, uint16_t type,
                          uint64_t word, bool secret, unsigned depth)
{
    const struct image *image = block_image(core->slab, block_at(core->slab, ix->block));
    uint16_t base = type_base(type);
    bool none = type_is_optional(type) && value_is_none(type, word), enumeration = type_is_enum(image, base);
    if (!none && base == TYPE_DURATION)
        kv_put(&core->scratch, key,
               &(struct kv_value){.tag = KV_INT, .secret = secret, .word = kv_seconds((int64_t)word)});
    else if (!none && base >= TYPE_OWN && !enumeration && depth < DEPTH_MAX)
        http_put_object(core, ix, key, base, word, secret, depth);
    else
        userdata_put(core->interactions, ix, &core->scratch, key, type, word, secret);
}

/* Writes the arguments: the names are in the text of the request, the values in the step. */
static bool http_put_arguments(struct core *core, const struct interaction *ix, uint8_t fiber,
                               const struct image_statement *statement)
{
    const struct slab *slab = core->slab;
    const struct block *block = block_at(slab, ix->block);
    const struct image_wait *wait = vm_step(slab, block, fiber);
    struct text text = image_text(block_image(slab, block), statement->sql);
    struct http_request request;
    const char *wrong = request_read((struct request_text){text.bytes, text.length}, statement->parameters,
                                     statement_has_body(statement->mode), &request);
    if (wrong) return false;                        /* cannot happen: the verifier has checked the request */
    bool secret = (wait->flags & WAIT_SECRET) != 0; /* if one of the values is secret, none is shown */
    kv_clear(&core->scratch);
    for (uint16_t at = 0; at < statement->parameters; at++) {
        uint64_t word;
        uint16_t type;
        struct span name = {(const uint8_t *)request.names[at].bytes, request.names[at].length};
        if (vm_arg(slab, block, fiber, at, &word, &type))
            http_put_word(core, ix, name, type, word, secret, 0);
        else
            kv_put(&core->scratch, name, &(struct kv_value){.tag = KV_NONE});
    }
    return true;
}

enum { FIELDS_MAX = 1000 }; /* most fields of a type that are searched for secret fields */

/* Collects the names of the secret fields of a type into the list that the writer has open, if any. */
struct secrets {
    const struct image *image;
    struct writer *into;
    uint32_t looked, found;
};

/* Collects the names. Beyond FIELDS_MAX fields the search stops, and put_secret() treats the whole answer as secret. */
static void secrets_of(struct secrets *secrets, uint16_t type, unsigned depth)
{
    const struct image *image = secrets->image;
    uint16_t base = type_base(type);
    if (base < TYPE_OWN || depth >= DEPTH_MAX || secrets->looked > FIELDS_MAX) return;
    if (!type_is_record(image, base)) {
        secrets_of(secrets, image_element(image, base), depth + 1);
        return;
    }
    for (uint32_t at = 0; at < image_field_count(image, base); at++) {
        secrets->looked++;
        if (!image_field_secret(image, base, at)) {
            secrets_of(secrets, image_field_type(image, base, at), depth + 1);
            continue;
        }
        struct text name = image_field_name(image, base, at);
        secrets->found++;
        if (secrets->into) writer_list_text(secrets->into, (struct span){(const uint8_t *)name.bytes, name.length});
    }
}

/* Writes the names of the secret fields of the answer; "" means the whole answer. */
static void put_secret(struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t type)
{
    struct writer *writer = &core->effects->writer;
    struct secrets secrets = {.image = block_image(core->slab, block_at(core->slab, ix->block))};
    secrets_of(&secrets, type, 0);
    bool all = query_is_hidden(core, ix, fiber) || secrets.looked > FIELDS_MAX;
    if (!all && secrets.found == 0) return;
    writer_list_begin(writer, HttpRequest_secret);
    if (all) {
        writer_list_text(writer, span_of(""));
    } else {
        secrets = (struct secrets){.image = secrets.image, .into = writer};
        secrets_of(&secrets, type, 0);
    }
    writer_list_end(writer);
}

/* Sends the request. The order of `methods` is that of the modes from STATEMENT_GET on. */
static struct step_outcome http_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    static const enum method methods[] = {method_get, method_put, method_post, method_delete};
    const struct image_statement *statement = query_statement(core, ix, fiber);
    if (!statement || !http_put_arguments(core, ix, fiber, statement)) return step_fails(code_unsupported);
    if (core->scratch.length > KV_BYTES_MAX) return step_fails(code_too_large);
    assert(statement->mode >= STATEMENT_GET && statement->mode - STATEMENT_GET < 4); /* the verifier's */
    const struct slab *slab = core->slab;
    int64_t timeout_us = vm_timeout(slab, block_at(slab, ix->block), fiber);
    ref = step_effect(core, ix, KIND_HttpRequest, SOURCE_HOST, ref, timeout_us);
    struct writer *writer = &core->effects->writer;
    writer_bytes(writer, HttpRequest_endpoint, core_name(core, strategy_name(core->strategies, ix, statement->source)));
    writer_u(writer, HttpRequest_method, methods[statement->mode - STATEMENT_GET]);
    writer_kv(writer, HttpRequest_args, &core->scratch);
    writer_bytes(writer, HttpRequest_statement, (struct span){statement->hash, IMAGE_HASH});
    put_secret(core, ix, fiber, statement->type);
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_HttpRequest, ref, SOURCE_HOST, timeout_us);
    interaction_tell(core->interactions, ix, FACT_http_begun, 0,
                     strategy_name(core->strategies, ix, statement->source));
    return step_waits();
}

/* In */

/* Converts seconds in the answer to microseconds; false: the value does not fit. */
static bool in_seconds(uint16_t base, struct kv_value *value)
{
    if (base != TYPE_DURATION && base != TYPE_TIME) return true;
    if (value->tag == KV_FLOAT) {
        double us = value->number * (double)HTTP_SECOND_US;
        if (!(us > -9e15 && us < 9e15)) return false;
        *value = (struct kv_value){.tag = KV_INT, .word = (int64_t)(us < 0 ? us - 0.5 : us + 0.5)};
        return true;
    }
    if (base == TYPE_TIME && value->tag == KV_TEXT) {
        int64_t us;
        if (!written_moment((const char *)value->span.bytes, value->span.length, &us)) return false;
        *value = (struct kv_value){.tag = KV_INT, .word = us};
        return true;
    }
    return value->tag == KV_INT ? !__builtin_mul_overflow(value->word, HTTP_SECOND_US, &value->word)
                                : value->tag == KV_TEXT || value->tag == KV_NONE;
}

/* Is it an array? True: the value is a list; one without pairs is an empty array. */
static bool is_array(const struct kv_value *value)
{
    uint32_t at = 0;
    struct kv_pair pair;
    return value->tag == KV_LIST && (!kv_next(value->span, &at, &pair) || span_is(pair.key, "item"));
}

/* Writes the value in the form that the type needs, in the type's units. Fields that the record does not declare are
 * left out. XML has no lists: a single value is a list of one element, and an empty text a list without elements. */
static bool put_typed(struct core *core, const struct image *image, struct span key, uint16_t type,
                      struct kv_value value, unsigned depth)
{
    assert(depth <= DEPTH_MAX);
    uint16_t base = type_base(type);
    if (base >= TYPE_OWN && type_is_list(image, base) && value.tag != KV_NONE && !is_array(&value) &&
        depth < DEPTH_MAX) {
        bool good = true;
        kv_list_begin(&core->scratch, key);
        if (value.tag != KV_TEXT || value.span.length > 0)
            good = put_typed(core, image, span_of("item"), image_element(image, base), value, depth + 1);
        kv_list_end(&core->scratch);
        return good;
    }
    if (value.tag != KV_LIST || base < TYPE_OWN) {
        if (!in_seconds(base, &value)) return false;
        kv_put(&core->scratch, key, &value);
        return true;
    }
    if (depth >= DEPTH_MAX) return false;
    bool record = type_is_record(image, base), good = true;
    uint32_t at = 0;
    struct kv_pair pair;
    kv_list_begin(&core->scratch, key);
    while (good && kv_next(value.span, &at, &pair)) {
        int32_t field = record ? image_field_find(image, base, (const char *)pair.key.bytes, pair.key.length) : 0;
        if (field < 0) continue;
        uint16_t of = record ? image_field_type(image, base, (uint32_t)field) : image_element(image, base);
        good = put_typed(core, image, pair.key, of, pair.value, depth + 1);
    }
    kv_list_end(&core->scratch);
    return good;
}

/* Makes the value of an answer in two steps: first the answer is brought into the form of the type, in the scratch,
 * then a value is made of it. */
static bool http_decode(struct core *core, struct interaction *ix, const struct image_statement *statement,
                        const struct message *message, uint64_t *word)
{
    struct span answer = message_text(message, EventDone_value);
    uint32_t at = 0;
    struct kv_pair pair = {.value = {.tag = KV_NONE}};
    *word = 0;
    if (statement->type == TYPE_VOID) return true;
    if (!kv_next(answer, &at, &pair)) pair.value = (struct kv_value){.tag = KV_NONE};
    kv_clear(&core->scratch);
    const struct image *image = block_image(core->slab, block_at(core->slab, ix->block));
    if (!put_typed(core, image, span_of("answer"), statement->type, pair.value, 0)) return false;
    at = 0;
    return kv_next(kv_span(&core->scratch), &at, &pair) &&
           userdata_word(core->interactions, ix, statement->type, &pair.value, word);
}

static void http_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                          const struct message *message)
{
    query_settle(core, ix, pending, query_statement(core, ix, pending->fiber), message, http_decode, code_bad_body);
}

const struct step_ops step_ops_http = {
    .begin = http_begin, .late = query_late, .answered = http_answered, .tells = true};
