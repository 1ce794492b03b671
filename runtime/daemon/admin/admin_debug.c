/* runtime/daemon/admin/admin_debug.c - Turns the requests of gcxdb attach into events of the debugger's connection.
 *
 * A debugger sends its requests by the admin socket, and the core stops and continues a strategy by events like any
 * other: a session can be replayed. Only the form of break points, conditions and steps is checked here; the core
 * knows whether a place exists. A lost connection ends its debugging (act_debug_over): no interaction stays stopped
 * for a debugger that is gone. */
#include "runtime/daemon/admin/admin_acts.h"

#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/run/debug.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/vocabulary.h"

enum { WORD_BYTES = 256 };
#define SECOND_US INT64_C(1000000)

static const char *debug_asked(const struct act *act, const char *key)
{
    const char *text = json_string_value(json_object_get(act->request, key));
    return text ? text : "";
}

/* Reads the next word of a condition: a name, a sign, or a text in quotes, returned without the quotes, with
 * `*quoted` true. False: there is none. */
static bool next_word(const char **at, char word[WORD_BYTES], bool *quoted)
{
    const char *from = *at + strspn(*at, " ");
    *quoted = *from == '"';
    size_t length = *quoted                          ? strcspn(from + 1, "\"")
                    : strchr("=!<>", *from) && *from ? strspn(from, "=!<>")
                                                     : strcspn(from, " =!<>\"");
    if (*quoted && from[1 + length] != '"') return false;
    if ((length == 0 && !*quoted) || length >= WORD_BYTES) return false;
    memcpy(word, from + *quoted, length);
    word[length] = '\0';
    *at = from + length + (*quoted ? 2 : 0);
    return true;
}

/* Reads a condition: NAME SIGN VALUE, several joined by `and`. */
static bool when_read(const char *text, struct kv *when, struct error *error)
{
    static const char *const signs[] = {"==", "!=", "<", "<=", ">", ">="};
    char name[WORD_BYTES], sign[WORD_BYTES], value[WORD_BYTES], join[WORD_BYTES], *end;
    bool quoted, text_value, good = true;
    while (good && text[strspn(text, " ")] != '\0') {
        good = next_word(&text, name, &quoted) && !quoted && next_word(&text, sign, &quoted) && !quoted &&
               next_word(&text, value, &text_value);
        size_t known = 0;
        while (good && known < sizeof signs / sizeof *signs && strcmp(signs[known], sign) != 0) known++;
        good = good && known < sizeof signs / sizeof *signs;
        if (!good) break;
        long long number = strtoll(value, &end, 10);
        bool truth = strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
        good = text_value || truth || (*end == '\0' && end > value);
        if (!good) break;
        kv_list_begin(when, span_of(name));
        if (text_value)
            kv_put_text(when, sign, span_of(value));
        else if (truth)
            kv_put_bool(when, sign, strcmp(value, "true") == 0);
        else
            kv_put_int(when, sign, number);
        kv_list_end(when);
        if (text[strspn(text, " ")] != '\0')
            good = next_word(&text, join, &quoted) && !quoted && strcmp(join, "and") == 0 &&
                   text[strspn(text, " ")] != '\0';
    }
    if (good && kv_check(kv_span(when), error)) return true;
    return error_set(
        error, ERROR_INPUT,
        "the condition is comparisons joined by and, each of an attribute or a key with a text in quotes, a whole "
        "number, true or false: ani == \"+33144556677\" and priority >= 10");
}

/* Numbers, ascending, between blanks. */
static bool debug_places_read(const struct act *act, const char *key, struct writer *writer, unsigned field,
                              struct error *error)
{
    const char *text = debug_asked(act, key);
    uint8_t packed[DEBUG_PLACES_MAX * DEBUG_PLACE_BYTES];
    uint32_t length = 0;
    struct kv pairs;
    char *end;
    for (; *text != '\0'; text = end + strspn(end, " ")) {
        unsigned long long place = strtoull(text, &end, 10);
        if (!isdigit((unsigned char)*text) || place > UINT32_MAX || (*end != '\0' && *end != ' '))
            return error_set(error, ERROR_INPUT, "`%s`: expected numbers of places between blanks", key);
        if (length == sizeof packed)
            return error_set(error, ERROR_INPUT, "`%s`: more than %d places", key, DEBUG_PLACES_MAX);
        for (unsigned byte = 0; byte < DEBUG_PLACE_BYTES; byte++) packed[length++] = (uint8_t)(place >> 8 * byte);
    }
    kv_init(&pairs);
    if (length > 0)
        kv_put(&pairs, span_of(DEBUG_PLACES), &(struct kv_value){.tag = KV_BINARY, .span = {packed, length}});
    if (length > 0) writer_kv(writer, field, &pairs);
    kv_free(&pairs);
    return true;
}

/* Makes the image of a condition, in base64. False: the text is no condition, or too large. */
static bool condition_take(const struct act *act, struct writer *writer, struct error *error)
{
    const char *text = debug_asked(act, "condition");
    uint8_t image[RESULT_MAX_BYTES];
    size_t length = 0;
    if (*text == '\0') return true;
    if (sodium_base642bin(image, sizeof image, text, strlen(text), NULL, &length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return error_set(error, ERROR_INPUT, "`condition`: expected an image of at most %d bytes in base64",
                         RESULT_MAX_BYTES);
    writer_bytes(writer, Debug_condition, (struct span){image, (uint32_t)length});
    return true;
}

static bool debug_number_take(const struct act *act, const char *key, struct writer *writer, unsigned field)
{
    const json_t *number = json_object_get(act->request, key);
    if (number) writer_u(writer, field, (uint64_t)json_integer_value(number));
    return number != NULL;
}

/* Writes the pair that is set: its value is a text, to which the core gives the declared type. */
static bool debug_pair_read(const struct act *act, struct kv *pairs, struct error *error)
{
    const json_t *brings = json_object_get(act->request, "brings");
    const char *text = json_string_value(json_array_get(brings, 0)), *value = text ? strchr(text, '=') : NULL;
    if (json_array_size(brings) != 1 || !value || value == text)
        return error_set(error, ERROR_INPUT, "expected one KEY=VALUE");
    kv_put(pairs, (struct span){(const uint8_t *)text, (uint32_t)(value - text)},
           &(struct kv_value){.tag = KV_TEXT, .span = span_of(value + 1)});
    return kv_check(kv_span(pairs), error);
}

static void debug_request_begin(struct writer *writer, uint64_t client, uint64_t req, const char *actor, int op)
{
    writer_init(writer);
    writer_begin(writer, KIND_Debug);
    writer_u(writer, ENVELOPE_client, client);
    if (req != 0) writer_u(writer, ENVELOPE_req, req);
    writer_text(writer, ENVELOPE_actor, actor);
    writer_u(writer, Debug_op, (uint64_t)op);
}

/* The answer has the absolute path, so that a debugger in another folder than gcxvm finds the journal, too. */
static void put_state(json_t *answer, const char *state)
{
    char *whole = realpath(state, NULL);
    json_put(answer, "state", json_text_of(span_of(whole ? whole : state)));
    free(whole);
}

bool act_debug(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const char *word = debug_asked(act, "op");
    int op = act->id == COMMAND_debug_set      ? (int)debug_op_set
             : act->id == COMMAND_debug_reveal ? (int)debug_op_reveal
                                               : enum_value_debug_op(word, (uint32_t)strlen(word));
    struct kv when, pairs;
    struct writer writer;
    put_state(wait->answer, daemon->conf->state);
    /* no event yet: the debugger reads the journal first, and stops an interaction later */
    if (strcmp(word, "where") == 0) return true;
    if (op <= debug_op_other || ((op == debug_op_set || op == debug_op_reveal) && act->id == COMMAND_debug))
        return error_set(error, ERROR_INPUT,
                         "there is no `%.40s` of debugging; expected where, attach, arm, go, pause or detach", word);
    if (strlen(debug_asked(act, "name")) > ADDR_MAX_BYTES)
        return error_set(error, ERROR_INPUT, "a name has at most %d bytes", ADDR_MAX_BYTES);
    kv_init(&when);
    kv_init(&pairs);
    debug_request_begin(&writer, act->client, act->req, act->asker.actor, op);
    bool good = when_read(debug_asked(act, "when"), &when, error) &&
                (op != debug_op_set || debug_pair_read(act, &pairs, error));
    if (good && *debug_asked(act, "name")) writer_text(&writer, Debug_name, debug_asked(act, "name"));
    if (good && kv_span(&when).length > 0) writer_kv(&writer, Debug_when, &when);
    if (good) (void)debug_number_take(act, "one_in", &writer, Debug_one_in);
    const json_t *bound = json_object_get(act->request, "bound");
    if (good && bound) writer_i(&writer, Debug_bound, (int64_t)json_integer_value(bound) * SECOND_US);
    good = good && (op != debug_op_go || (debug_places_read(act, "breaks", &writer, Debug_breaks, error) &&
                                          debug_places_read(act, "steps", &writer, Debug_steps, error)));
    if (good) {
        (void)debug_number_take(act, "depth", &writer, Debug_depth);
        (void)debug_number_take(act, "fiber", &writer, Debug_fiber);
        (void)debug_number_take(act, "variable", &writer, Debug_variable);
        (void)debug_number_take(act, "function", &writer, Debug_function);
        if (op == debug_op_set) writer_kv(&writer, Debug_pairs, &pairs);
        writer_text(&writer, Debug_why, act->asker.why);
        good = condition_take(act, &writer, error);
    }
    if (good) json_put_number(wait->answer, "debugger", act->client);
    if (good)
        good = act_events_post(daemon, &writer, wait, error);
    else
        writer_free(&writer);
    kv_free(&when);
    kv_free(&pairs);
    return good;
}

void act_debug_over(struct daemon *daemon, uint64_t client, const char *actor)
{
    struct writer writer;
    debug_request_begin(&writer, client, 0, actor, debug_op_detach);
    engine_post(daemon->engine, SOURCE_ADMIN, writer_end(&writer));
    writer_free(&writer);
}
