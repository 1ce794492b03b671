/* runtime/vocabulary/vocabulary.c - The tables as data, and functions that find rows by name and number.
 *
 * The same .def files are included several times with different macros: once for values, once for a switch that
 * fails to compile if a number is there twice, once for fields, once for rows. Kinds have ranges: control messages,
 * events, effects. A row is found by subtracting the first kind of its range. */
#include "runtime/vocabulary/vocabulary.h"

#include <string.h>

#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Enumerations. */
/* clang-format off */
#define ENUM(name) static const struct enum_value values_##name[] = {
#define V(name, value, number) {#value, number},
#define END_ENUM(name) };
#include "runtime/vocabulary/enums.def"

/* Does not compile if two values of one enumeration have the same number. */
#define ENUM(name) __attribute__((unused)) static void once_##name(int value) { switch (value) {
#define V(name, value, number) case number: break;
#define END_ENUM(name) default: break; } }
#include "runtime/vocabulary/enums.def"

#define ENUM(name) static const struct enum_table table_##name = {#name, values_##name, COUNT(values_##name)};
#define V(name, value, number)
#define END_ENUM(name)
#include "runtime/vocabulary/enums.def"

/* clang-format on */

/* Finds the name of a value: at the likely place first, then everywhere. NULL: no value has that number. */
const char *enum_table_name(const struct enum_table *table, uint64_t value)
{
    /* Numbers ascend in most tables, some with a gap: the row is then at the place of its number or a little before. */
    for (uint64_t at = value < table->count ? value + 1 : table->count; at-- > 0 && table->values[at].number >= value;)
        if (table->values[at].number == value) return table->values[at].name;
    for (unsigned i = 0; i < table->count; i++)
        if (table->values[i].number == value) return table->values[i].name;
    return NULL;
}

static const char *name_or_first(const struct enum_table *table, uint64_t value)
{
    const char *name = enum_table_name(table, value);
    return name ? name : table->values[0].name;
}

static int value_named(const struct enum_table *table, const char *text, uint32_t length)
{
    for (unsigned i = 0; i < table->count; i++)
        if (strlen(table->values[i].name) == length && memcmp(table->values[i].name, text, length) == 0)
            return (int)table->values[i].number;
    return -1;
}

/* clang-format off */
#define ENUM(name)                                                                                                     \
    const char *enum_name_##name(uint64_t value) { return name_or_first(&table_##name, value); }                       \
    int enum_value_##name(const char *text, uint32_t length) { return value_named(&table_##name, text, length); }
#define V(name, value, number)
#define END_ENUM(name)
#include "runtime/vocabulary/enums.def"

/* The fields of each row: FIELD_<type> gives the type, for an enumeration its table, and whether the field is
 * secret. */
#define FIELD_N         .type = TYPE_N
#define FIELD_ID        .type = TYPE_ID
#define FIELD_B         .type = TYPE_B
#define FIELD_E(name)   .type = TYPE_E, .values = &table_##name
#define FIELD_I         .type = TYPE_I
#define FIELD_T         .type = TYPE_T
#define FIELD_D         .type = TYPE_D
#define FIELD_CONN      .type = TYPE_CONN
#define FIELD_NAME      .type = TYPE_NAME
#define FIELD_DIGITS    .type = TYPE_NAME, .secret = true
#define FIELD_ADDR      .type = TYPE_ADDR
#define FIELD_TEXT      .type = TYPE_TEXT
#define FIELD_HASH      .type = TYPE_HASH
#define FIELD_BYTES     .type = TYPE_BYTES
#define FIELD_KV        .type = TYPE_KV
#define FIELD_ROWS      .type = TYPE_ROWS
#define FIELD_VALUES    .type = TYPE_VALUES
#define FIELD_BLOB      .type = TYPE_ONE_BLOB
#define FIELD_LIST_TEXT .type = TYPE_LIST_TEXT
#define FIELD_LIST_N    .type = TYPE_LIST_N
#define FIELD_LIST_BLOB .type = TYPE_LIST_BLOB
#define FIELD_LIST_PARTY .type = TYPE_LIST_PARTY

#define F(message, field, type) {.name = #field, .number = message##_##field, FIELD_##type},
#define END(message) };
#define EVENT_IF(name, field, value, class)
#define EVENT_PACE(name, pace)
#define EVENT(name, number, class, by, doc) static const struct field_row fields_##name[] = {
#include "runtime/vocabulary/events.def"
#define EFFECT(name, number, class, to, deadline, doc) static const struct field_row fields_##name[] = {
#include "runtime/vocabulary/effects.def"
#define CONTROL(name, number, sender, doc) static const struct field_row fields_##name[] = {
#include "runtime/vocabulary/controls.def"
#define RECORD(name, doc) static const struct field_row fields_##name[] = {
#include "runtime/vocabulary/records.def"
#undef EVENT
#undef EFFECT
#undef CONTROL

static const struct field_row fields_of_envelope[] = {
#define ENVELOPE(field, at, type, event, effect) {.name = #field, .number = at, FIELD_##type},
#include "runtime/vocabulary/envelope.def"
};

/* Rows. */
enum { FIRST_CONTROL = 1, FIRST_EVENT = 32, FIRST_EFFECT = 1024 };

#define F(message, field, type)
#define END(message)
static const struct row controls[] = {
#define CONTROL(name, number, sender, doc)                                                                             \
    [number - FIRST_CONTROL] = {#name, number, 0, sender, 0, doc, fields_##name, COUNT(fields_##name)},
#include "runtime/vocabulary/controls.def"
#undef CONTROL
};
static const struct row events[] = {
#define EVENT(name, number, class, by, doc)                                                                            \
    [number - FIRST_EVENT] = {#name, number, CLASS_##class, by, 0, doc, fields_##name, COUNT(fields_##name)},
#include "runtime/vocabulary/events.def"
#undef EVENT
};
static const struct row effects[] = {
#define EFFECT(name, number, class, to, deadline, doc)                                                                 \
    [number - FIRST_EFFECT] = {#name, number, CLASS_##class, to, deadline, doc, fields_##name, COUNT(fields_##name)},
#include "runtime/vocabulary/effects.def"
#undef EFFECT
};
#define RECORD(name, doc)                                                                                              \
    static const struct row record_##name = {#name, 0, 0, "", 0, doc, fields_##name, COUNT(fields_##name)};
#include "runtime/vocabulary/records.def"
#undef EVENT_IF
#undef EVENT_PACE

/* clang-format on */

static const struct row *vocabulary_in(const struct row *rows, size_t count, unsigned kind, unsigned first)
{
    if (kind < first || kind - first >= count || !rows[kind - first].name) return NULL;
    return &rows[kind - first];
}

const struct row *row_of(unsigned kind)
{
    if (kind >= FIRST_EFFECT) return vocabulary_in(effects, COUNT(effects), kind, FIRST_EFFECT);
    if (kind >= FIRST_EVENT) return vocabulary_in(events, COUNT(events), kind, FIRST_EVENT);
    return vocabulary_in(controls, COUNT(controls), kind, FIRST_CONTROL);
}

const struct row *row_of_record(enum field_type type)
{
    if (type == TYPE_ONE_BLOB || type == TYPE_LIST_BLOB) return &record_Blob;
    return type == TYPE_LIST_PARTY ? &record_Party : NULL;
}

/* Numbers below 16 are the envelope's, which all kinds have; the kind's own begin at 16. */
const struct field_row *row_field(const struct row *row, unsigned number)
{
    const struct field_row *fields = number < 16 ? fields_of_envelope : row->fields;
    unsigned first = number < 16 ? 1 : 16;
    unsigned count = number < 16 ? (unsigned)COUNT(fields_of_envelope) : row->count;
    return number >= first && number - first < count ? &fields[number - first] : NULL;
}

bool kind_is_event(unsigned kind)
{
    return kind >= FIRST_EVENT && kind < FIRST_EFFECT && row_of(kind);
}
bool kind_is_effect(unsigned kind)
{
    return kind >= FIRST_EFFECT && row_of(kind);
}

/* True: that source may post this kind of event. The letters of the row name the kinds of sources; different kinds
 * of links are not distinguished here, but by their adapter. */
bool kind_posted_by(unsigned kind, unsigned source)
{
    if (!kind_is_event(kind)) return false;
    for (const char *by = row_of(kind)->peers; *by != '\0'; by++) {
        switch (*by) {
        case 'H':
            if (source == SOURCE_HOST) return true;
            break;
        case 'X':
            if (source == SOURCE_ADMIN) return true;
            break;
        case 'P':
            if (source >= SOURCE_PARTITIONS && source < SOURCE_LINKS) return true;
            break;
        default: /* V, S, D, L */
            if (source >= SOURCE_LINKS) return true;
        }
    }
    return false;
}

const char *kind_name(unsigned kind)
{
    const struct row *row = row_of(kind);
    return row ? row->name : NULL;
}

enum effect_class effect_class(unsigned kind)
{
    const struct row *row = row_of(kind);
    return row && kind >= FIRST_EFFECT ? (enum effect_class)row->row_class : CLASS_NOTICE;
}
