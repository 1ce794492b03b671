/* runtime/vocabulary/controls.h - Kinds and fields of the controls, with which an adapter and the core maintain
 * their link: KIND_Hello, Hello_name and so on. In each of them the fields are numbered from 16. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/controls.def"
#include "runtime/vocabulary/message_names.def"
