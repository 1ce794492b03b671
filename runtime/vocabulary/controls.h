/* runtime/vocabulary/controls.h - Kinds and fields of the controls, by which an adapter and the core keep their link:
 * KIND_Hello, Hello_name and so on, from 16 in the order of the table. */
#ifndef VOCABULARY_CONTROLS_H
#define VOCABULARY_CONTROLS_H

/* clang-format off */
#define CONTROL(name, number, sender, doc) enum fields_of_##name { KIND_##name = number, name##_before_ = 15,
#define F(message, field, type) message##_##field,
#define END(message) };
/* clang-format on */
#include "runtime/vocabulary/controls.def"
#undef CONTROL
#undef F
#undef END

#endif
