/* runtime/vocabulary/effects_work.h - Kinds and fields of the effects of offers and of work that is written:
 * invitations, messages, sessions, categories: KIND_Invite, Invite_claim and so on, from 16 in the order of the
 * table. */
#ifndef VOCABULARY_EFFECTS_WORK_H
#define VOCABULARY_EFFECTS_WORK_H

/* clang-format off */
#define EFFECT(name, number, class, to, deadline, doc) enum fields_of_##name { KIND_##name = number, name##_before_ = 15,
#define F(message, field, type) message##_##field,
#define END(message) };
/* clang-format on */
#include "runtime/vocabulary/effects_work.def"
#undef EFFECT
#undef F
#undef END

#endif
