/* runtime/vocabulary/effects.h - Kinds and fields of the effects, what the core asks of others:
 * KIND_RequestRouteCall, RequestRouteCall_dest and so on, from 16 in the order of the table. */
#ifndef VOCABULARY_EFFECTS_H
#define VOCABULARY_EFFECTS_H

/* clang-format off */
#define EFFECT(name, number, class, to, deadline, doc) enum fields_of_##name { KIND_##name = number, name##_before_ = 15,
#define F(message, field, type) message##_##field,
#define END(message) };
/* clang-format on */
#include "runtime/vocabulary/effects.def"
#undef EFFECT
#undef F
#undef END

#endif
