/* runtime/vocabulary/effects_link.h - Kinds and fields of the effects of links and partitions: what an adapter must
 * know, answers to requests, what is no longer wanted: KIND_Configure, Configure_version and so on, from 16 in the
 * order of the table. */
#ifndef VOCABULARY_EFFECTS_LINK_H
#define VOCABULARY_EFFECTS_LINK_H

/* clang-format off */
#define EFFECT(name, number, class, to, deadline, doc) enum fields_of_##name { KIND_##name = number, name##_before_ = 15,
#define F(message, field, type) message##_##field,
#define END(message) };
/* clang-format on */
#include "runtime/vocabulary/effects_link.def"
#undef EFFECT
#undef F
#undef END

#endif
