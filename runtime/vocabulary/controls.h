/* runtime/vocabulary/controls.h - Kinds and fields of the controls, with which an adapter and the core maintain
 * their link: KIND_Hello, Hello_name and so on, from 16 in the order of the table. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/controls.def"
#include "runtime/vocabulary/message_names.def"
