/* runtime/vocabulary/effects_call.h - Kinds and fields of the effects of calls: routes, treatments, dialling, user
 * data, agents' states: KIND_RequestRouteCall, RequestRouteCall_dn and so on, from 16 in the order of the table. */
#ifndef VOCABULARY_EFFECTS_CALL_H
#define VOCABULARY_EFFECTS_CALL_H

/* clang-format off */
#define EFFECT(name, number, class, to, deadline, doc) enum fields_of_##name { KIND_##name = number, name##_before_ = 15,
#define F(message, field, type) message##_##field,
#define END(message) };
/* clang-format on */
#include "runtime/vocabulary/effects_call.def"
#undef EFFECT
#undef F
#undef END

#endif
