/* runtime/debugger/spell.c - Writes quotes and escapes, and chooses which arguments of a step are written.
 *
 *     spell_text("a \"b\" {c}")       "a \"b\" {{c}}"            as a text of the language
 *     spell_name("sales")            sales                      a plain word needs no quotes
 *     spell_name("Sales Berlin")     "Sales Berlin"
 *     spell_us(90000000)             1m30s
 *
 * Everything written here goes into a test, so the compiler must read back the same value. A secret is "***". */
#include "runtime/debugger/spell.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

FILE *spelling_begin(struct spelling *text)
{
    text->out = memory_stream(&text->text, &text->size);
    return text->out;
}

char *spelling_end(struct spelling *text)
{
    fclose(text->out);
    return text->text;
}

void spell_text(FILE *out, struct span text)
{
    fputc('"', out);
    for (uint32_t i = 0; i < text.length; i++) {
        char c = (char)text.bytes[i];
        if (c == '\n')
            fputs("\\n", out);
        else if (c == '\t')
            fputs("\\t", out);
        else if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c == '{' || c == '}')
            fprintf(out, "%c%c", c, c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

void spell_name(FILE *out, struct span name)
{
    bool word = name.length > 0 && (isalpha(name.bytes[0]) || name.bytes[0] == '_');
    for (uint32_t i = 0; i < name.length; i++) word = word && (isalnum(name.bytes[i]) || name.bytes[i] == '_');
    if (word)
        fwrite(name.bytes, 1, name.length, out);
    else
        spell_text(out, name);
}

/* Writes a duration; fractions of a millisecond are dropped. */
void spell_us(FILE *out, int64_t us)
{
    enum { UNIT_US = 1000 }; /* the language's shortest duration */
    char text[US_TEXT];
    values_print_us(us / UNIT_US * UNIT_US, text, sizeof text);
    fputs(text, out);
}

/* Writes a float with 17 digits, which give the same number when read again; a whole number gets .0, since 3 would
 * be an int. */
static void spell_float(FILE *out, double number)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.17g", number);
    fputs(isfinite(number) ? text : "none", out);
    if (isfinite(number) && !strpbrk(text, ".e")) fputs(".0", out);
}

void spell_value(FILE *out, const struct kv_value *value)
{
    static const char hidden[] = "\"***\"";
    if (value->secret) {
        fputs(hidden, out);
        return;
    }
    switch (value->tag) {
    case KV_INT:
        fprintf(out, "%" PRId64, value->word);
        break;
    case KV_TEXT:
        spell_text(out, value->span);
        break;
    case KV_LIST:
        spell_map(out, value->span);
        break;
    case KV_FLOAT:
        spell_float(out, value->number);
        break;
    case KV_BOOL:
        fputs(value->word ? "true" : "false", out);
        break;
    case KV_TIME:
        spell_us(out, value->word);
        break;
    default:
        fputs("none", out);
    }
}

/* Writes a list of texts as pairs with the key "item". */
void spell_map(FILE *out, struct span list)
{
    struct kv_pair pair;
    const char *between = "";
    fputc('[', out);
    for (uint32_t at = 0; kv_next(list, &at, &pair); between = ", ") {
        fputs(between, out);
        if (!span_is(pair.key, "item")) {
            spell_text(out, pair.key);
            fputs(": ", out);
        }
        spell_value(out, &pair.value);
    }
    fputs(*between || list.length > 0 ? "]" : ":]", out);
}

static void spell_argument(FILE *out, const char *key, json_t *value)
{
    struct span text = {0};
    if (json_is_string(value)) text = span_of(json_string_value(value));
    if (strcmp(key, "prompt") == 0 && text.length > 0) {
        fputs("prompt ", out);
        spell_name(out, text);
    } else if (json_is_string(value) && strcmp(key, "text") == 0) {
        spell_text(out, text);
    } else if (json_is_string(value)) {
        fprintf(out, "%s: ", key);
        spell_text(out, text);
    } else {
        char *plain = json_dumps(value, JSON_ENCODE_ANY);
        fprintf(out, "%s: %s", key, plain ? plain : "none");
        free(plain);
    }
}

/* Is the argument written? Of a step that plays something, only the prompt or the text is written: its other arguments
 * may be reported in another form. */
static bool spelled_tells(const struct step_call *call, const char *key, json_t *value)
{
    if (isdigit((unsigned char)key[0])) return false; /* a positional argument, which also comes under its name */
    if (strncmp(call->step, "ivr.", 4) == 0) return strcmp(key, "prompt") == 0 || strcmp(key, "text") == 0;
    return json_is_string(value) || json_is_integer(value) || json_is_boolean(value);
}

void spell_step(FILE *out, const struct step_call *call)
{
    const char *key, *between = "(";
    json_t *value;
    fprintf(out, "%s%s", call->step, call->source ? " " : "");
    if (call->source) spell_name(out, span_of(call->source));
    json_object_foreach(call->args, key, value)
    {
        if (!spelled_tells(call, key, value)) continue;
        fputs(between, out);
        spell_argument(out, key, value);
        between = ", ";
    }
    if (*between == ',') fputc(')', out);
}
