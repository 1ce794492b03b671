/* runtime/vocabulary/events_link.h - Kinds and fields of the events of links, what is up and what is there:
 * KIND_LinkUp, LinkUp_link and so on, from 16 in the order of the table. */
#pragma once

#define MESSAGES_DEF "runtime/vocabulary/events_link.def"
#include "runtime/vocabulary/message_names.def"
