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
    SEMANTICS_NUMBER = 14,  /* what the core decides: a journal is replayed only by the same number */
};

/* Of the image in which a debugger sends a condition: the strategy that stops where it holds. */
#define CONDITION_STRATEGY "gcxdb_condition"

/* media_voice, cause_busy, party_change_Ringing, ... */
/* clang-format off */
#define ENUM(name) enum name {
#define V(name, value, number) name##_##value = number,
#define END_ENUM(name) };
/* clang-format on */
#include "runtime/vocabulary/enums.def"
#undef ENUM
#undef V
#undef END_ENUM

/* ENVELOPE_conn, ... */
enum envelope_field {
#define ENVELOPE(name, number, type, event, effect) ENVELOPE_##name = number,
#include "runtime/vocabulary/envelope.def"
#undef ENVELOPE
};

/* KIND_EventRouteRequest, KIND_RequestRouteCall, KIND_Hello, ... */
enum kind {
#define F(message, field, type)
#define END(message)
#define EVENT_IF(name, field, value, class)
#define EVENT(name, number, class, by, doc) KIND_##name = number,
#include "runtime/vocabulary/events.def"
#undef EVENT
#define EFFECT(name, number, class, to, deadline, doc) KIND_##name = number,
#include "runtime/vocabulary/effects.def"
#undef EFFECT
#define CONTROL(name, number, sender, doc) KIND_##name = number,
#include "runtime/vocabulary/controls.def"
#undef CONTROL
#undef F
#undef END
#undef EVENT_IF
};

/* EventRouteRequest_dn, RequestRouteCall_dest, Hello_name, ...: from 16 in the order of the tables. */
#define F(message, field, type) message##_##field,
/* clang-format off */
#define END(message) };
#define EVENT_IF(name, field, value, class)
#define EVENT(name, number, class, by, doc) enum fields_of_##name { name##_before_ = 15,
#include "runtime/vocabulary/events.def"
#undef EVENT
#define EFFECT(name, number, class, to, deadline, doc) enum fields_of_##name { name##_before_ = 15,
#include "runtime/vocabulary/effects.def"
#undef EFFECT
#define CONTROL(name, number, sender, doc) enum fields_of_##name { name##_before_ = 15,
#include "runtime/vocabulary/controls.def"
#undef CONTROL
#define RECORD(name, doc) enum fields_of_##name { name##_before_ = 15, /* Party_dn, Blob_key */
/* clang-format on */
#include "runtime/vocabulary/records.def"
#undef RECORD
#undef F
#undef END
#undef EVENT_IF

enum event_class { CLASS_RELIEVE, CLASS_CONTINUE, CLASS_ARRIVE };
enum effect_class { CLASS_READ, CLASS_PROBE, CLASS_KEYED, CLASS_ONCE, CLASS_NOTICE };

enum { SOURCE_HOST = 0, SOURCE_ADMIN = 1, SOURCE_PARTITIONS = 2, SOURCE_LINKS = 16 };

bool kind_is_event(unsigned kind);
bool kind_is_effect(unsigned kind);
bool kind_posted_by(unsigned kind, unsigned source); /* does events.def let a poster of this source post it? */
const char *kind_name(unsigned kind);                /* "EventRouteRequest"; NULL where there is no such row */
enum effect_class effect_class(unsigned kind);
/* The name of a value of an enumeration: enum_name_cause(cause_busy) is "busy", that of 0 where it is unknown; the
 * names' inverse: -1 where unknown. */
#define ENUM(name)                                                                                                     \
    const char *enum_name_##name(uint64_t value);                                                                      \
    int enum_value_##name(const char *text, uint32_t length);
#define V(name, value, number)
#define END_ENUM(name)
#include "runtime/vocabulary/enums.def"
#undef ENUM
#undef V
#undef END_ENUM

#ifdef __cplusplus
}
#endif

#endif
