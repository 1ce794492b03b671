/* runtime/vocabulary/message_names.h - The table MESSAGES_DEF of events, effects or controls as names of their kinds
 * and fields: an enum per message, KIND_NAME and NAME_FIELD, the fields from 16 in the order of the table. The headers
 * of such tables include it, each once; it has no guard on purpose. */
/* clang-format off */
#define NAMED(name, number) enum fields_of_##name { KIND_##name = number, name##_before_ = 15,
#define CONTROL(name, number, ...) NAMED(name, number)
#define EFFECT(name, number, ...)  NAMED(name, number)
#define EVENT(name, number, ...)   NAMED(name, number)
#define EVENT_IF(name, field, value, class)
#define F(message, field, type) message##_##field,
#define END(message) };
/* clang-format on */
#include MESSAGES_DEF
#undef NAMED
#undef CONTROL
#undef EFFECT
#undef EVENT
#undef EVENT_IF
#undef F
#undef END
#undef MESSAGES_DEF
