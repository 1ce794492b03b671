/* runtime/vocabulary/vocabulary.h - Enumerations made from the tables: kinds, fields, classes, values.
 *
 * The tables (enums.def, envelope.def, events.def, effects.def, controls.def, records.def, media.def) are the only
 * place where a message or a value of one is named. Everything here is derived. */
#ifndef VOCABULARY_VOCABULARY_H
#define VOCABULARY_VOCABULARY_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    VOCABULARY_VERSION = 1, /* rows of the tables as of now */
    PROTOCOL_VERSION = 1,   /* of the adapter protocol */
};

/* Number of the image in which a debugger sends a condition: the strategy that stops where it holds. */
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

/* Party_dn, Blob_key, ...: the fields of records, from 16 in the order of the table. Kinds and fields of messages have
 * headers of their own: events_*.h, effects_*.h, controls.h. */
/* clang-format off */
#define F(message, field, type) message##_##field,
#define END(message) };
#define RECORD(name, doc) enum fields_of_##name { name##_before_ = 15,
/* clang-format on */
#include "runtime/vocabulary/records.def"
/* gcx/vocabulary.h includes them here (dev/local.mk). */

enum event_class { CLASS_RELIEVE, CLASS_CONTINUE, CLASS_ARRIVE };
enum effect_class { CLASS_READ, CLASS_PROBE, CLASS_KEYED, CLASS_ONCE, CLASS_NOTICE };

enum { SOURCE_HOST = 0, SOURCE_ADMIN = 1, SOURCE_PARTITIONS = 2, SOURCE_LINKS = 16 };

bool kind_is_event(unsigned kind);
bool kind_is_effect(unsigned kind);
bool kind_posted_by(unsigned kind, unsigned source); /* does events.def let a poster of this source post it? */
const char *kind_name(unsigned kind);                /* "EventRouteRequest"; NULL where there is no such row */
enum effect_class effect_class(unsigned kind);
/* enum_name_NAME() returns the name of a value: enum_name_cause(cause_busy) is "busy"; the name of 0 where the value is
 * unknown. enum_value_NAME() finds the value of a name; -1 where it is unknown. */
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
