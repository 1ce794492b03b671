/* runtime/vocabulary/vocabulary.h - Enumerations made from the tables: kinds, fields, classes, values.
 *
 * The tables (enums.def, envelope.def, events.def, effects.def, controls.def, records.def, media.def) are the only
 * place where messages and their values are named. Everything here is derived. */
#ifndef VOCABULARY_VOCABULARY_H
#define VOCABULARY_VOCABULARY_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    VOCABULARY_VERSION = 1, /* version of the rows in the present tables */
    PROTOCOL_VERSION = 1,   /* of the adapter protocol */
};

/* Name of the strategy in an image by which a debugger sends a condition: it stops if the condition is true. */
#define CONDITION_STRATEGY "gcxdb_condition"

/* media_voice, cause_busy, party_change_Ringing, ... */
/* clang-format off */
#define ENUM(name) enum name {
#define V(name, value, number) name##_##value = number,
#define END_ENUM(name) };
/* clang-format on */
#include "runtime/vocabulary/enums.def"

/* ENVELOPE_conn, ... */
enum envelope_field {
#define ENVELOPE(name, number, type, event, effect) ENVELOPE_##name = number,
#include "runtime/vocabulary/envelope.def"
};

/* Party_dn, Blob_key, ...: the fields of records, from 16 in the order of the table. The kinds and fields of
 * messages are in headers of their own: events_*.h, effects_*.h, controls.h. */
/* clang-format off */
#define F(message, field, type) message##_##field,
#define END(message) };
#define RECORD(name, doc) enum fields_of_##name { name##_before_ = 15,
/* clang-format on */
#include "runtime/vocabulary/records.def"
/* gcx/vocabulary.h includes the headers of all kinds and fields here (dev/local.mk). */

enum event_class { CLASS_RELIEVE, CLASS_CONTINUE, CLASS_ARRIVE };
enum effect_class { CLASS_READ, CLASS_PROBE, CLASS_KEYED, CLASS_ONCE, CLASS_NOTICE };

enum { SOURCE_HOST = 0, SOURCE_ADMIN = 1, SOURCE_PARTITIONS = 2, SOURCE_LINKS = 16 };

bool kind_is_event(unsigned kind);
bool kind_is_effect(unsigned kind);
bool kind_posted_by(unsigned kind, unsigned source); /* true: events.def lets a poster of this kind of source post it */
/* returns the kind's name, such as "EventRouteRequest"; NULL: there is no such row */
const char *kind_name(unsigned kind);
enum effect_class effect_class(unsigned kind);
/* enum_name_NAME() returns the name of a value: enum_name_cause(cause_busy) is "busy"; for an unknown value the name
 * of 0. enum_value_NAME() finds the value of a name; -1: the name is unknown. */
#define ENUM(name)                                                                                                     \
    const char *enum_name_##name(uint64_t value);                                                                      \
    int enum_value_##name(const char *text, uint32_t length);
#define V(name, value, number)
#define END_ENUM(name)
#include "runtime/vocabulary/enums.def"

#ifdef __cplusplus
}
#endif

#endif
