/* runtime/vocabulary/events_link.h - Kinds and fields of the events of links, what is up and what is there:
 * KIND_LinkUp, LinkUp_link and so on, from 16 in the order of the table. */
#ifndef VOCABULARY_EVENTS_LINK_H
#define VOCABULARY_EVENTS_LINK_H

/* clang-format off */
#define EVENT_IF(name, field, value, class)
#define EVENT(name, number, class, by, doc) enum fields_of_##name { KIND_##name = number, name##_before_ = 15,
#define F(message, field, type) message##_##field,
#define END(message) };
/* clang-format on */
#include "runtime/vocabulary/events_link.def"
#undef EVENT_IF
#undef EVENT
#undef F
#undef END

#endif
