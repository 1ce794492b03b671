/* runtime/debugger/units.c - Writes a line of the timeline with units that people read.
 *
 *     params={prompt=hold,duration_us=20000000}     params={prompt=hold,duration=20s}
 *     changed={patience=90000000}                   changed={patience=1m30s}       the key is declared as a duration
 *     data={order={wait=5000000}}                   data={order={wait=5s}}         so is the field of the record
 *     rows={1={wait=5000000}}                       the same, where every record with such a field says so
 *
 * Messages carry whole numbers; only the program knows what they are. A line may be cut anywhere: what cannot be read
 * is copied as it is. */
#include "runtime/debugger/typed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/spell.h"

struct units_line {
    const struct image *image;
    FILE *out;
};

/* Returns where the text in quotes, or the bare word, ends that begins here. */
static const char *units_word_end(const char *at)
{
    if (*at != '"') return at + strcspn(at, " ,={}[]\"");
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1]) at++;
    return at + (*at == '"');
}

/* Returns the type that every record with such a field gives the field; TYPE_VOID: the types differ, or no record has
 * the field. */
static uint16_t units_field_anywhere(const struct image *image, const char *name, uint32_t length)
{
    uint16_t type = TYPE_VOID;
    for (uint32_t i = 0; i < image_count(image, SECTION_TYPES); i++) {
        uint16_t record = (uint16_t)(TYPE_OWN + i);
        int32_t field = type_is_record(image, record) ? image_field_find(image, record, name, length) : -1;
        if (field < 0) continue;
        uint16_t its = type_base(image_field_type(image, record, (uint32_t)field));
        if (type != TYPE_VOID && type != its) return TYPE_VOID;
        type = its;
    }
    return type;
}

/* Returns the type of the value with this name inside a value of type `of`; `of` TYPE_VOID: the outer type is
 * unknown. */
static uint16_t units_type(const struct image *image, uint16_t of, const char *name, uint32_t length)
{
    char key[256];
    if (of != TYPE_VOID && (type_is_list(image, of) || type_is_map(image, of))) return image_element(image, of);
    if (of != TYPE_VOID && type_base(of) >= TYPE_OWN && type_is_record(image, of)) {
        int32_t field = image_field_find(image, type_base(of), name, length);
        return field < 0 ? TYPE_VOID : image_field_type(image, of, (uint32_t)field);
    }
    if (length >= sizeof key) return TYPE_VOID;
    (void)snprintf(key, sizeof key, "%.*s", (int)length, name);
    uint16_t type = typed_key(image, key);
    return type != TYPE_VOID ? type : units_field_anywhere(image, name, length);
}

static bool units_is_number(const char *at, const char *end)
{
    at += *at == '-';
    const char *digit = at;
    while (digit < end && isdigit((unsigned char)*digit)) digit++;
    return at < end && digit == end && end - at <= 18; /* it fits 64 bits */
}

static const char *units_pairs(const struct units_line *, const char *at, uint16_t type);

/* Writes the value that begins here, and returns the position after it. `us`: it is a number of microseconds. */
static const char *units_value(const struct units_line *u, const char *at, uint16_t type, bool us)
{
    if (*at == '{') return units_pairs(u, at, type);
    const char *end = units_word_end(at);
    const bool number = units_is_number(at, end);
    if (number && us) {
        spell_us(u->out, strtoll(at, NULL, 10));
    } else if (number && typed_has_unit(type_base(type))) {
        json_t *json = json_integer(strtoll(at, NULL, 10));
        typed_put(&(struct values){u->image, NULL, NULL}, type, json, false, u->out);
        json_decref(json);
    } else {
        fwrite(at, 1, (size_t)(end - at), u->out);
    }
    return end;
}

/* Writes pairs in braces, and returns the position after them. */
static const char *units_pairs(const struct units_line *u, const char *at, uint16_t type)
{
    static const char suffix[] = "_us";
    const size_t most = sizeof suffix - 1;
    fputc(*at++, u->out);
    while (*at && *at != '}') {
        const char *end = units_word_end(at);
        const char *name = *at == '"' ? at + 1 : at;
        size_t length = (size_t)(end - name) - (*at == '"' && end > name ? 1 : 0);
        if (end > at && *end == '=') { /* a pair */
            const uint16_t its = units_type(u->image, type, name, (uint32_t)length);
            bool us = its == TYPE_VOID && length > most && memcmp(name + length - most, suffix, most) == 0 &&
                      units_is_number(end + 1, units_word_end(end + 1));
            fprintf(u->out, "%.*s=", us ? (int)(length - most) : (int)(end - at), us ? name : at);
            at = units_value(u, end + 1, its, us);
        } else if (end > at) { /* cut, or no pair */
            fwrite(at, 1, (size_t)(end - at), u->out);
            at = end;
        } else {
            fputc(*at++, u->out);
        }
    }
    if (*at) fputc(*at++, u->out);
    return at;
}

void units_put(const struct image *image, const char *line, FILE *out)
{
    const struct units_line u = {image, out};
    while (*line) {
        const char *end = units_word_end(line);
        if (*line == '=' && line[1] == '{') {
            fputc('=', out);
            line = units_pairs(&u, line + 1, TYPE_VOID);
        } else if (end > line) {
            fwrite(line, 1, (size_t)(end - line), out);
            line = end;
        } else {
            fputc(*line++, out);
        }
    }
}
