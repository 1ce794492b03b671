/* runtime/vocabulary/effects_list.h - Kinds and fields of the effects of calling lists: records that are fetched,
 * checked and written back: KIND_FetchRecords, FetchRecords_campaign and so on, from 16 in the order of the table. */
#ifndef VOCABULARY_EFFECTS_LIST_H
#define VOCABULARY_EFFECTS_LIST_H

/* clang-format off */
#define EFFECT(name, number, class, to, deadline, doc) enum fields_of_##name { KIND_##name = number, name##_before_ = 15,
#define F(message, field, type) message##_##field,
#define END(message) };
/* clang-format on */
#include "runtime/vocabulary/effects_list.def"
#undef EFFECT
#undef F
#undef END

#endif
