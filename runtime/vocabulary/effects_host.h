/* runtime/vocabulary/effects_host.h - Kinds and fields of the effects of the host: statements of data sources, HTTP,
 * natives: KIND_Query, Query_source and so on, from 16 in the order of the table. */
#ifndef VOCABULARY_EFFECTS_HOST_H
#define VOCABULARY_EFFECTS_HOST_H

/* clang-format off */
#define EFFECT(name, number, class, to, deadline, doc) enum fields_of_##name { KIND_##name = number, name##_before_ = 15,
#define F(message, field, type) message##_##field,
#define END(message) };
/* clang-format on */
#include "runtime/vocabulary/effects_host.def"
#undef EFFECT
#undef F
#undef END

#endif
